package cooldown

import (
	"context"
	_ "embed"
	"math"
	"time"

	"github.com/redis/go-redis/v9"
)

// KeyPrefix begins the keys in Redis.
const KeyPrefix = "codetable:cooldown:"

// The scripts make each step one round trip that no other gateway gets in
// between, by the clock of Redis. Each touches one key, as a cluster demands. What
// no gateway can have written is deleted.
var (
	//go:embed entry.lua
	entrySource string
	//go:embed take.lua
	takeSource string
	//go:embed look.lua
	lookSource string
	//go:embed hold.lua
	holdSource string

	takeScript = redis.NewScript(entrySource + takeSource)
	lookScript = redis.NewScript(entrySource + lookSource)
	holdScript = redis.NewScript(entrySource + holdSource)
)

type redisStore struct{ client redis.UniversalClient }

// NewRedisStore returns a [Store] that several gateways share. An AppKey is in
// it as a hash, and every key has a time to live: nothing has to be cleaned up.
// It needs Redis 5 or later. It does not close the client, which may be that of
// [shared.NewRedisClient].
func NewRedisStore(client redis.UniversalClient) Store { return redisStore{client} }

// Take implements [Store].
func (s redisStore) Take(ctx context.Context, key string) (Entry, error) {
	return s.read(ctx, takeScript, key)
}

// Look implements [Store].
func (s redisStore) Look(ctx context.Context, key string) (Entry, error) {
	return s.read(ctx, lookScript, key)
}

func (s redisStore) read(ctx context.Context, script *redis.Script, key string) (Entry, error) {
	found, err := script.Run(ctx, s.client, []string{KeyPrefix + key}).Int64Slice()
	if err != nil || len(found) != 3 {
		return Entry{}, err
	}
	code := int32(found[0]) //nolint:gosec // entry.lua lets no other number through
	return Entry{Code: code, Left: milliseconds(found[1]), Probe: milliseconds(found[2])}, nil
}

// milliseconds does not overflow, whatever is stored. entry.lua lets no negative n
// through.
func milliseconds(n int64) time.Duration {
	return time.Duration(min(n, math.MaxInt64/int64(time.Millisecond))) * time.Millisecond
}

// Hold implements [Store].
func (s redisStore) Hold(ctx context.Context, key string, entry Entry) error {
	return holdScript.Run(ctx, s.client, []string{KeyPrefix + key},
		entry.Code, ceilMilliseconds(entry.Left), ceilMilliseconds(entry.Probe)).Err()
}

// Lift implements [Store].
func (s redisStore) Lift(ctx context.Context, key string) error {
	return s.client.Del(ctx, KeyPrefix+key).Err()
}

// ceilMilliseconds never ends a window early.
func ceilMilliseconds(d time.Duration) int64 {
	return (d + time.Millisecond - 1).Milliseconds()
}
