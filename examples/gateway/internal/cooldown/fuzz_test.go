package cooldown_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/cooldown"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/redistest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/shared"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// FuzzRedisValue puts anything into the key of a cool-down. A call is held only
// for as long as the table can mean, and the next entry of a gateway is kept.
func FuzzRedisValue(f *testing.F) {
	f.Add("hash", "1803", "99999999999999", "0")
	f.Add("hash", "1802", "0", "30000")
	f.Add("hash", "nan", "inf", "-1")
	f.Add("hash", "0x70a", " 1e15 ", "1e300")
	f.Add("string", "1802", "", "")
	f.Add("list", "\xff", "", "")
	server := redistest.Start(f)
	client, err := shared.NewRedisClient("unix://" + server.Socket)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = client.Close() })
	store := cooldown.NewRedisStore(client)
	f.Fuzz(func(t *testing.T, kind, code, ends, probe string) {
		const key = cooldown.KeyPrefix + "a"
		ctx := t.Context()
		client.Del(ctx, key)
		switch kind {
		case "string":
			client.Set(ctx, key, code, 0)
		case "list":
			client.RPush(ctx, key, code, ends)
		default:
			client.HSet(ctx, key, "code", code, "ends", ends, "probe", probe)
		}
		seen, err := store.Look(ctx, "a")
		taken, takeErr := store.Take(ctx, "a")
		if err != nil || takeErr != nil {
			t.Fatalf("%q %q %q: %v, %v", code, ends, probe, err, takeErr)
		}
		if seen.Left < 0 || taken.Left < 0 || taken.Code < 0 || taken.Probe < 0 || seen.Left > 0 && seen.Code != taken.Code {
			t.Errorf("%q %q %q is %v to a look, and %v to a call", code, ends, probe, seen, taken)
		}
		cool := cooldown.NewShared(store, shared.NewGuard(time.Minute, slog.New(slog.DiscardHandler)))
		if held := cool.Blocked(ctx, "a"); held != nil {
			if e, _ := codetable.FromError(held); e.Retry().Delay <= 0 || e.Retry().Delay > 24*time.Hour+time.Second {
				t.Errorf("%q %q %q holds calls for %v", code, ends, probe, e.Retry().Delay)
			}
		}
		client.Del(ctx, key+"b")
		if err := store.Hold(ctx, "ab", cooldown.Entry{Code: 1802, Left: time.Minute, Probe: time.Minute}); err != nil {
			t.Error(err)
		}
		if left := client.PTTL(ctx, key+"b").Val(); left <= 0 || left > 2*time.Minute {
			t.Errorf("what a gateway writes lives for %v", left)
		}
	})
}
