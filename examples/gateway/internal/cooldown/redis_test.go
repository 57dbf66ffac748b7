package cooldown_test

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/cooldown"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/redistest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/shared"
)

// redisServer is shared by gateways.
type redisServer struct{ *redistest.Server }

func startRedis(t *testing.T) redisServer {
	t.Helper()
	return redisServer{redistest.Start(t)}
}

// client is one gateway's own.
func (s redisServer) client(t *testing.T) *redis.Client {
	t.Helper()
	client, err := shared.NewRedisClient("unix://" + s.Socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// patient waits for a slow machine rather than fall back on memory.
func (s redisServer) patient(t *testing.T) *cooldown.Cooldown {
	t.Helper()
	return cooldown.NewShared(cooldown.NewRedisStore(s.client(t)), shared.NewGuard(time.Minute, slog.New(slog.DiscardHandler)))
}

// pass moves the keys into the past, in place of a wait.
func pass(t *testing.T, client *redis.Client, prefix string, d time.Duration) {
	t.Helper()
	for _, key := range client.Keys(t.Context(), prefix+"*").Val() {
		ttl := client.PTTL(t.Context(), key).Val()
		if ttl <= 0 {
			t.Errorf("key %q lives for ever", key)
		}
		_, err := client.TxPipelined(t.Context(), func(p redis.Pipeliner) error {
			p.HIncrBy(t.Context(), key, "ends", -d.Milliseconds())
			p.PExpire(t.Context(), key, ttl-d)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestRedisStore(t *testing.T) {
	t.Parallel()
	client := startRedis(t).client(t)
	for name, steps := range storeTests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key := name + ":" // no other key begins so
			run(t, cooldown.NewRedisStore(client), key, steps, func(d time.Duration) { pass(t, client, cooldown.KeyPrefix+key, d) }, 30*time.Second)
		})
	}
}

// TestRedisIsShared follows one AppKey through two gateways.
func TestRedisIsShared(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	client := server.client(t)
	first, second := server.patient(t), server.patient(t)

	expect(t, second, 0, "before the fault")
	first.Learn(t.Context(), appKey, code(9018))
	expect(t, second, 9018, "learnt by the other gateway")

	pass(t, client, cooldown.KeyPrefix, hold)
	if n := admitted(t, first, 20) + admitted(t, second, 20); n != 1 {
		t.Errorf("%d calls of all gateways were let through, want one probe", n)
	}
	first.Learn(t.Context(), appKey, nil) // its probe came first
	expect(t, second, 0, "after the success of the other gateway's probe")
}

// TestRedisIsPoisoned has somebody write entries that last for years.
func TestRedisIsPoisoned(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	client, cool := server.client(t), server.patient(t)
	cool.Learn(t.Context(), appKey, code(9018))
	key := client.Keys(t.Context(), cooldown.KeyPrefix+"*").Val()[0]
	year := strconv.FormatInt(time.Now().AddDate(1, 0, 0).UnixMilli(), 10)
	for name, poison := range map[string][]string{
		"for a year":          {"code", "9018", "ends", year, "probe", "30000"},
		"for ever":            {"code", "9018", "ends", "9000000000000000", "probe", "0"},
		"a probe in a year":   {"code", "9018", "ends", "0", "probe", "31536000000"},
		"a code that is none": {"code", "4242", "ends", year, "probe", "0"},
		"a day for a year":    {"code", "9007", "ends", year, "probe", "0"},
	} {
		if err := client.HSet(t.Context(), key, poison).Err(); err != nil {
			t.Fatal(err)
		}
		expect(t, cool, 0, name)
		cool.Learn(t.Context(), appKey, code(9018))
		expect(t, cool, 9018, name+": what the upstream says counts again")
	}
}

// TestRedisIsUnreadable has somebody write what no gateway does. It is no reason to leave
// Redis alone, and does not stay.
func TestRedisIsUnreadable(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	client, cool, other := server.client(t), server.patient(t), server.patient(t)
	cool.Learn(t.Context(), appKey, code(9018))
	key := client.Keys(t.Context(), cooldown.KeyPrefix+"*").Val()[0]
	for name, poison := range map[string][]any{
		"another type":         {"set", key, "text"},
		"a list":               {"rpush", key, "9018"},
		"no end":               {"hset", key, "code", "9018"},
		"no number":            {"hset", key, "code", "9018", "ends", "soon", "probe", "30000"},
		"not a number":         {"hset", key, "code", "9018", "ends", "nan", "probe", "nan"},
		"an infinite end":      {"hset", key, "code", "9018", "ends", "inf", "probe", "0"},
		"an end too large":     {"hset", key, "code", "9018", "ends", "1e300", "probe", "30000"},
		"a probe too large":    {"hset", key, "code", "9018", "ends", "0", "probe", "1e300"},
		"a negative probe":     {"hset", key, "code", "9018", "ends", "0", "probe", "-30000"},
		"a code that is large": {"hset", key, "code", "4294976314", "ends", "0", "probe", "30000"},
	} {
		write := func() {
			client.Del(t.Context(), key)
			if err := client.Do(t.Context(), poison...).Err(); err != nil {
				t.Fatal(err)
			}
		}
		write()
		if held := cool.Held(t.Context(), appKey); held != nil {
			t.Errorf("%s: held with %v", name, held)
		}
		expect(t, cool, 0, name)
		if n := client.Exists(t.Context(), key).Val(); n != 0 {
			t.Errorf("%s: it stays", name)
		}
		write()
		cool.Learn(t.Context(), appKey, code(9018))
		expect(t, other, 9018, name+": what the upstream says is shared")
	}
}

// TestRedisKeepsNoAppKey reads what anybody with access to Redis can.
func TestRedisKeepsNoAppKey(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	client := server.client(t)
	server.patient(t).Learn(t.Context(), appKey, code(9018))

	keys := client.Keys(t.Context(), "*").Val()
	if len(keys) != 1 || !strings.HasPrefix(keys[0], cooldown.KeyPrefix) {
		t.Errorf("keys = %v, want one that begins with %s", keys, cooldown.KeyPrefix)
	}
	for _, key := range keys {
		content := client.HGetAll(t.Context(), key).Val()
		if strings.Contains(key+fmt.Sprint(content), appKey) {
			t.Errorf("%s = %v shows the AppKey", key, content)
		}
		if ttl := client.PTTL(t.Context(), key).Val(); ttl <= 0 || ttl > 24*time.Hour {
			t.Errorf("%s lives for %v, want no more than a day", key, ttl)
		}
	}
}

// TestRedisIsKilled takes the server away under load, and brings it back empty.
func TestRedisIsKilled(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	gateways := []*cooldown.Cooldown{server.patient(t), server.patient(t)}
	gateways[0].Learn(t.Context(), appKey, code(9007))
	expect(t, gateways[1], 9007, "shared")

	const calls, killAt = 400, 100
	var asked, wrong atomic.Int32
	kill, killed := make(chan struct{}), make(chan struct{})
	go func() {
		<-kill
		server.Kill()
		close(killed)
	}()
	finished := make(chan struct{})
	for _, cool := range gateways {
		go func() {
			defer func() { finished <- struct{}{} }()
			for range calls {
				if cool.Blocked(context.WithoutCancel(t.Context()), appKey) == nil {
					wrong.Add(1)
				}
				if asked.Add(1) == killAt {
					close(kill)
				}
			}
			<-killed
			if cool.Blocked(t.Context(), appKey) == nil {
				wrong.Add(1)
			}
			cool.Learn(t.Context(), "another AppKey", code(9018))
			if cool.Blocked(t.Context(), "another AppKey") == nil {
				wrong.Add(1)
			}
		}()
	}
	for range gateways {
		<-finished
	}
	if n := wrong.Load(); n > 0 {
		t.Errorf("%d calls went on while Redis was away", n)
	}
	server.Restart(t)
	server.patient(t).Learn(t.Context(), appKey, code(9018))
	expect(t, server.patient(t), 9018, "shared through the new server")
}
