package leases_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/leases"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/redistest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/shared"
)

// FuzzRedisValue puts anything into the key of a caller. A caller gets no more
// places than the limit, a value that no gateway writes takes none, and nothing
// is kept for longer than a lease lasts.
func FuzzRedisValue(f *testing.F) {
	f.Add("zset", "lease", 1e300, uint8(1))
	f.Add("zset", "", -1.0, uint8(3))
	f.Add("string", "x", 0.0, uint8(2))
	f.Add("hash", "\xff", 0.0, uint8(0))
	server := redistest.Start(f)
	client, held := connect(f, server), member(f, server)
	key := leases.KeyPrefix + shared.Digest(caller)
	f.Fuzz(func(t *testing.T, kind, text string, score float64, limit uint8) {
		ctx := t.Context()
		client.Del(ctx, key)
		switch kind {
		case "string":
			client.Set(ctx, key, text, 0)
		case "hash":
			client.HSet(ctx, key, text, text)
		default:
			client.ZAdd(ctx, key, redis.Z{Score: score, Member: text})
		}
		now := float64(time.Now().UnixMilli())
		most, n := int(limit)%5, 0
		for range most + 2 {
			if _, ok := held.Take(ctx, caller, most, lasts); ok {
				n++
			}
		}
		foreign := kind != "string" && kind != "hash" && score > now && score < now+float64(lasts.Milliseconds())
		if want := max(most-1, 0); n != most && (!foreign || n != want) {
			t.Errorf("%s %q %v: %d leases of %d", kind, text, score, n, most)
		}
		if left := client.PTTL(ctx, key).Val(); n > 0 && (left <= 0 || left > lasts) {
			t.Errorf("%s %q %v: the key lives for %v", kind, text, score, left)
		}
	})
}
