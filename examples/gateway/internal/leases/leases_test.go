package leases_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/leases"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/redistest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/shared"
)

const (
	caller = "7d431e42dfa6a6d693ac2d04/192.0.2.7"
	// lasts is far more than any test takes.
	lasts = time.Hour
)

func connect(tb testing.TB, server *redistest.Server) *redis.Client {
	tb.Helper()
	return dial(tb, "unix://"+server.Socket)
}

func dial(tb testing.TB, url string) *redis.Client {
	tb.Helper()
	client, err := shared.NewRedisClient(url)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = client.Close() })
	return client
}

// member has the leases of one gateway, which waits for a slow machine rather than go on
// without Redis.
func member(tb testing.TB, server *redistest.Server) *leases.Leases {
	tb.Helper()
	return leases.New(connect(tb, server), shared.NewGuard(time.Minute, slog.New(slog.DiscardHandler)))
}

func take(t *testing.T, l *leases.Leases, limit int, want bool) func() {
	t.Helper()
	release, ok := l.Take(t.Context(), caller, limit, lasts)
	if ok != want {
		t.Fatalf("taken = %t, want %t", ok, want)
	}
	return release
}

// TestOneBound has two gateways and three places.
func TestOneBound(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	first, second := member(t, server), member(t, server)
	take(t, first, 3, true)
	take(t, second, 3, true)
	release := take(t, first, 3, true)
	take(t, first, 3, false)
	take(t, second, 3, false)
	if _, ok := second.Take(t.Context(), "another", 3, lasts); !ok {
		t.Error("another caller has no place")
	}
	release()
	release() // nobody else's
	take(t, second, 3, true)
	take(t, first, 3, false)
}

// TestAtOnce has all callers of two gateways ask at a time.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	const limit, calls = 7, 400
	var held, most, refused atomic.Int32
	var running sync.WaitGroup
	for range 2 {
		l := member(t, server)
		for range 20 {
			running.Go(func() {
				for range calls / 40 {
					release, ok := l.Take(t.Context(), caller, limit, lasts)
					if !ok {
						refused.Add(1)
						continue
					}
					now := held.Add(1)
					for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
					}
					held.Add(-1)
					release()
				}
			})
		}
	}
	running.Wait()
	if most.Load() > limit {
		t.Errorf("%d leases at a time, want %d at most", most.Load(), limit)
	}
	if n := connect(t, server).DBSize(t.Context()).Val(); n != 0 {
		t.Errorf("%d keys are left", n)
	}
	t.Logf("%d of %d calls were refused, %d leases at a time", refused.Load(), calls, most.Load())
}

// TestGatewayIsGone moves the leases of a gateway into the past, in place of a wait.
func TestGatewayIsGone(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := connect(t, server)
	take(t, member(t, server), 1, true)
	other := member(t, server)
	take(t, other, 1, false)
	key := client.Keys(t.Context(), leases.KeyPrefix+"*").Val()[0]
	for _, lease := range client.ZRange(t.Context(), key, 0, -1).Val() {
		client.ZIncrBy(t.Context(), key, -float64(lasts.Milliseconds()), lease)
	}
	take(t, other, 1, true)
	if n := client.ZCard(t.Context(), key).Val(); n != 1 {
		t.Errorf("%d leases, want that of the other gateway", n)
	}
}

// TestLeaseEnds goes by the clock of Redis.
func TestLeaseEnds(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := connect(t, server)
	if _, ok := member(t, server).Take(t.Context(), caller, 1, 20*time.Millisecond); !ok {
		t.Fatal("no lease")
	}
	other := member(t, server)
	for ok := false; !ok; {
		_, ok = other.Take(t.Context(), caller, 1, 20*time.Millisecond)
	}
	for client.DBSize(t.Context()).Val() > 0 { // its key too
		if t.Context().Err() != nil {
			t.Fatal("a key is left")
		}
	}
}

// TestGoneCaller takes and gives back after the caller has left.
func TestGoneCaller(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l := member(t, server)
	for range 10 {
		release, ok := l.Take(ctx, caller, 1, lasts)
		if !ok {
			t.Fatal("the last call has not given its place back")
		}
		release()
	}
}

// TestRedisKeepsNoCaller reads what anybody with access to Redis can.
func TestRedisKeepsNoCaller(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client, l := connect(t, server), member(t, server)
	for range 100 { // one caller can't fill the memory
		_, _ = l.Take(t.Context(), caller, 5, lasts)
	}
	keys := client.Keys(t.Context(), "*").Val()
	if len(keys) != 1 || !strings.HasPrefix(keys[0], leases.KeyPrefix) {
		t.Fatalf("keys = %v, want one that begins with %s", keys, leases.KeyPrefix)
	}
	content := client.ZRange(t.Context(), keys[0], 0, -1).Val()
	for secret := range strings.SplitSeq(caller, "/") {
		if strings.Contains(fmt.Sprint(keys, content), secret) {
			t.Errorf("%v = %v shows %q", keys, content, secret)
		}
	}
	if ttl := client.PTTL(t.Context(), keys[0]).Val(); len(content) != 5 || ttl <= 0 || ttl > lasts {
		t.Errorf("%d leases for %v, want 5 for %v", len(content), ttl, lasts)
	}
}

// TestRedisIsPoisoned has somebody write leases that never end, and no leases at all.
func TestRedisIsPoisoned(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client, l := connect(t, server), member(t, server)
	take(t, l, 1, true)()
	key := leases.KeyPrefix + shared.Digest(caller)
	for i := range 10 {
		year := time.Now().AddDate(1, 0, i).UnixMilli()
		client.ZAdd(t.Context(), key, redis.Z{Score: float64(year), Member: i})
	}
	take(t, l, 1, true)()
	client.Set(t.Context(), key, "text", 0)
	for range 10 {
		take(t, l, 1, true)()
	}
}

// TestRedisFails has a Redis that is killed, and one that is frozen. Calls go on without
// it, and wait for it a few times only.
func TestRedisFails(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*redistest.Server){
		"killed": (*redistest.Server).Kill,
		"frozen": (*redistest.Server).Freeze,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			var logs bytes.Buffer
			l := leases.New(connect(t, server), shared.NewGuard(shared.DefaultTimeout, slog.New(slog.NewTextHandler(&logs, nil))))
			release, _ := l.Take(t.Context(), caller, 1, lasts)
			fail(server)
			release() // in vain
			for range 1000 {
				take(t, l, 1, true)()
			}
			if n := strings.Count(logs.String(), "level=WARN"); n != 1 {
				t.Errorf("%d warnings, want one:\n%s", n, logs.String())
			}
		})
	}
}

// TestRedisIsBack asks while Redis is frozen, and after it was killed.
func TestRedisIsBack(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	first, second := member(t, server), member(t, server)
	take(t, first, 1, true)
	server.Freeze()
	answered := make(chan bool)
	go func() {
		_, ok := second.Take(t.Context(), caller, 1, lasts)
		answered <- ok
	}()
	server.Thaw()
	if <-answered {
		t.Error("the second gateway has a place beside the first")
	}
	server.Kill()
	server.Restart(t)
	first, second = member(t, server), member(t, server)
	take(t, first, 1, true) // what was counted is lost
	take(t, second, 1, false)
}

// TestAnotherType has somebody write what no gateway does. The bound of the caller
// stands, and so does that of others, which have the same guard.
func TestAnotherType(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := connect(t, server)
	if err := client.Set(t.Context(), leases.KeyPrefix+shared.Digest(caller), "text", 0).Err(); err != nil {
		t.Fatal(err)
	}
	first, second := member(t, server), member(t, server)
	take(t, first, 1, true)
	take(t, second, 1, false)
}
