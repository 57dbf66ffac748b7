package server

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/credentials/insecure"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/cooldown"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/redistest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// upstream is a simulator on a socket of its own, and counts its calls.
type upstream struct {
	url    string
	config simulator.Config
	calls  atomic.Int32
}

func startUpstream(t *testing.T) *upstream {
	t.Helper()
	u := &upstream{config: simulator.DefaultConfig()}
	u.config.NumberGap, u.config.NumberDailyLimit, u.config.AppDailyLimit = 0, 0, 0
	simulated, err := simulator.New(u.config)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost { // and not a probe
			u.calls.Add(1)
		}
		simulated.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	u.url = server.URL
	return u
}

// sharing is one of several gateways over an upstream.
type sharing struct {
	*running
	jverificationv1.VerificationServiceClient
}

// startSharing runs a gateway that waits for a slow Redis rather than go on
// without it.
func startSharing(t *testing.T, u *upstream, redisURL, file string) sharing {
	t.Helper()
	env := environment{"JVERIFICATION_MASTER_SECRET": u.config.MasterSecret, "JVERIFICATION_REDIS_URL": redisURL}
	r := runGateway(t, env, "redis-timeout: 1m\nlog-rate: 100000\napp-key: "+u.config.AppKey+"\nupstream-url: "+u.url+"\n"+file, "-internal")
	return sharing{r, r.client(t, insecure.NewCredentials())}
}

// expect wants a token to be answered with a code, 0 for a success, and from
// memory or not.
func (s sharing) expect(t *testing.T, token string, want int32, fromMemory bool) {
	t.Helper()
	_, err := s.VerifyNumber(soon(t), &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token})
	s.judge(t, err, want, fromMemory)
}

func (s sharing) expectCaptcha(t *testing.T, content string, want int32, fromMemory bool) {
	t.Helper()
	_, err := s.CheckCaptcha(soon(t), &jverificationv1.CheckCaptchaRequest{CaptchaContent: content})
	s.judge(t, err, want, fromMemory)
}

func (sharing) judge(t *testing.T, err error, want int32, fromMemory bool) {
	t.Helper()
	coded, _ := codetable.FromError(err) // nil, whose number is 0, for what has no code
	if coded.Number() != want || want == 0 && err != nil {
		t.Errorf("error = %v, want %d", err, want)
	}
	if marked := coded.Metadata()[cooldown.Mark] == "true"; marked != fromMemory {
		t.Errorf("error = %v, from memory = %t, want %t", err, marked, fromMemory)
	}
}

// soon is far longer than any call takes, so what meets it hangs.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// TestGatewaysShareTheirMemory has one gateway answer from what the upstream
// told the other.
func TestGatewaysShareTheirMemory(t *testing.T) {
	t.Parallel()
	const password = "0b6d1c2a9f57"
	tests := map[string]func(t *testing.T) (url, file string){
		"address": func(t *testing.T) (string, string) {
			return "", "redis-addr: " + redistest.Start(t).Address
		},
		"URL in a file": func(t *testing.T) (string, string) {
			return "", "redis-url-file: " + write(t, "redis://:"+password+"@"+redistest.Start(t, "--requirepass", password).Address)
		},
		"URL with a password": func(t *testing.T) (string, string) {
			return "redis://:" + password + "@" + redistest.Start(t, "--requirepass", password).Address, ""
		},
	}
	for name, startRedis := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, file := startRedis(t)
			u := startUpstream(t)
			first, second := startSharing(t, u, url, file), startSharing(t, u, url, file)
			first.expect(t, "code-9018", 9018, false)
			second.expect(t, "code-9000", 9018, true)
			first.expect(t, "code-9000", 9018, true)
			if n := u.calls.Load(); n != 1 {
				t.Errorf("the upstream was called %d times, want once", n)
			}
			for _, g := range []sharing{first, second} {
				g.stop()
				if told := g.log.String() + g.stdout.String(); strings.Contains(told, password) {
					t.Errorf("the password is told on: %s", told)
				}
			}
		})
	}
}

// TestGatewaysOutliveTheirRedis takes it away under load.
func TestGatewaysOutliveTheirRedis(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	u := startUpstream(t)
	gateways := []sharing{startSharing(t, u, "unix://"+server.Socket, ""), startSharing(t, u, "unix://"+server.Socket, "")}
	gateways[0].expectCaptcha(t, "code-9018", 9018, false)
	gateways[1].expectCaptcha(t, "code-0", 9018, true)

	const workers, before, after = 4, 50, 20 // calls of each worker
	var load sync.WaitGroup
	var made atomic.Int32
	kill, killed := make(chan struct{}), make(chan struct{})
	go func() {
		<-kill
		server.Kill()
		close(killed)
	}()
	for i := range workers {
		g := gateways[i%len(gateways)]
		load.Go(func() {
			for range before {
				g.expect(t, "code-9000", 0, false)
				g.expect(t, "code-9001", 9001, false)
				if made.Add(1) == workers*before/2 {
					close(kill)
				}
			}
			<-killed
			for range after {
				g.expect(t, "code-9000", 0, false)
				g.expect(t, "code-9001", 9001, false)
			}
		})
	}
	load.Wait()
	for _, g := range gateways {
		g.expectCaptcha(t, "code-0", 9018, true) // it has a copy
		if !strings.Contains(g.log.String(), "the shared store does not answer") {
			t.Error("a gateway has not noticed that Redis is away")
		}
	}
	if n, want := u.calls.Load(), int32(1+workers*2*(before+after)); n != want {
		t.Errorf("the upstream was called %d times, want %d", n, want)
	}
}
