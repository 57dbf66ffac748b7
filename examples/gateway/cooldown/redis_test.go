package cooldown_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/codetable/grpc-codetable/examples/gateway/cooldown"
)

// redisServer is a real one on a unix socket, so that no port is taken, and
// keeps nothing on disk.
type redisServer struct {
	binary string
	socket string
	cmd    *exec.Cmd
}

func startRedis(t *testing.T) *redisServer {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		const mend = "no redis-server on this machine: run examples/fleet/install.sh"
		if os.Getenv("CI") == "true" {
			t.Fatal(mend)
		}
		t.Skip("SKIPPED: " + mend)
	}
	// The path of a socket has to be short, which that of t.TempDir need not be.
	dir, err := os.MkdirTemp("", "redis") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &redisServer{binary: binary, socket: filepath.Join(dir, "socket")}
	s.start(t)
	t.Cleanup(func() { s.kill() })
	return s
}

// start returns when the server accepts connections.
func (s *redisServer) start(t *testing.T) {
	t.Helper()
	s.cmd = exec.CommandContext(t.Context(), s.binary, "--port", "0", "--unixsocket", s.socket,
		"--dir", filepath.Dir(s.socket), "--save", "", "--appendonly", "no")
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var seen strings.Builder
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		seen.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "eady to accept connections") {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return
		}
	}
	t.Fatalf("redis-server did not start:\n%s", seen.String())
}

func (s *redisServer) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait() // that it was killed is no news
}

// client is one gateway's own.
func (s *redisServer) client(t *testing.T) *redis.Client {
	t.Helper()
	client, err := cooldown.NewRedisClient("unix://" + s.socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// patient waits for a slow machine rather than fall back on memory.
func (s *redisServer) patient(t *testing.T) *cooldown.Cooldown {
	t.Helper()
	return cooldown.New(cooldown.NewRedisStore(s.client(t)), cooldown.WithTimeout(time.Minute))
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
			prefix := name + ":"
			store := cooldown.NewRedisStore(client, cooldown.WithKeyPrefix(prefix))
			run(t, store, "key", steps, func(d time.Duration) { pass(t, client, prefix, d) }, 30*time.Second)
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

	pass(t, client, cooldown.DefaultKeyPrefix, hold)
	if n := admitted(t, first, 20) + admitted(t, second, 20); n != 1 {
		t.Errorf("%d calls of all gateways were let through, want one probe", n)
	}
	first.Learn(t.Context(), appKey, nil) // its probe came first
	expect(t, second, 0, "after the success of the other gateway's probe")
}

// TestRedisKeepsNoAppKey reads what anybody with access to Redis can.
func TestRedisKeepsNoAppKey(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	client := server.client(t)
	server.patient(t).Learn(t.Context(), appKey, code(9018))
	other := cooldown.NewRedisStore(client, cooldown.WithKeyPrefix("other:"))
	cooldown.New(other, cooldown.WithTimeout(time.Minute)).Learn(t.Context(), appKey, code(9007))

	prefixes := map[string]bool{cooldown.DefaultKeyPrefix: true, "other:": true}
	for _, key := range client.Keys(t.Context(), "*").Val() {
		content := client.HGetAll(t.Context(), key).Val()
		if strings.Contains(key+fmt.Sprint(content), appKey) {
			t.Errorf("%s = %v shows the AppKey", key, content)
		}
		if ttl := client.PTTL(t.Context(), key).Val(); ttl <= 0 || ttl > 24*time.Hour {
			t.Errorf("%s lives for %v, want no more than a day", key, ttl)
		}
		delete(prefixes, key[:strings.LastIndex(key, ":")+1])
	}
	if len(prefixes) > 0 {
		t.Errorf("no keys begin with %v", prefixes)
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
		server.kill()
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
	server.start(t)
	server.patient(t).Learn(t.Context(), appKey, code(9018))
	expect(t, server.patient(t), 9018, "shared through the new server")
}

func TestNewRedisClientHidesThePassword(t *testing.T) {
	t.Parallel()
	const password = "5e987ac6d2e04d95a9d8f0d1"
	for _, url := range []string{
		"", "http://a:" + password + "@127.0.0.1", "redis://a:" + password + "@127.0.0.1:port", "://" + password,
		"redis://127.0.0.1/" + password,
	} {
		_, err := cooldown.NewRedisClient(url)
		if err == nil || strings.Contains(err.Error(), password) || !strings.Contains(err.Error(), "redis://") {
			t.Errorf("error = %v, want one that shows a valid URL and no password", err)
		}
	}
}
