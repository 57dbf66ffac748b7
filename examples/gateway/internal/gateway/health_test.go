package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// registered keeps the services of a gateway in place of a server.
type registered map[string]any

func (r registered) RegisterService(desc *grpc.ServiceDesc, impl any) { r[desc.ServiceName] = impl }

// outside is an upstream whose reachability a test sets.
type outside struct {
	mu     sync.Mutex // for the tests that probe in the background
	answer transport
	probes []*http.Request
	calls  int
}

func (o *outside) RoundTrip(r *http.Request) (*http.Response, error) {
	o.mu.Lock()
	if r.Method == http.MethodHead {
		o.probes = append(o.probes, r)
	} else {
		o.calls++
	}
	answer := o.answer
	o.mu.Unlock()
	return answer(r)
}

// become changes the answer and returns the probes so far.
func (o *outside) become(answer transport) []*http.Request {
	o.mu.Lock()
	defer o.mu.Unlock()
	probes := o.probes
	o.answer, o.probes = answer, nil
	return probes
}

func failed(err error) transport {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

var refuse = failed(errors.New("connection refused"))

func hang(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, context.Cause(r.Context())
}

func answering(status int, body string) transport {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
}

// newWatched returns a gateway, what it calls and a function that tells the
// health of the service.
func newWatched(t *testing.T, change func(*gateway.Config)) (*gateway.Gateway, *outside, func() string) {
	t.Helper()
	upstream := &outside{answer: answering(http.StatusOK, `{"code":9000}`)}
	config := configFor("https://upstream.test", io.Discard)
	config.Transport = upstream
	if change != nil {
		change(&config)
	}
	g, err := gateway.New(config)
	if err != nil {
		t.Fatal(err)
	}
	services := registered{}
	g.Register(services)
	checks := services["grpc.health.v1.Health"].(healthpb.HealthServer)
	return g, upstream, func() string { return healthOf(t, checks, jverificationv1.VerificationService_ServiceDesc.ServiceName) }
}

func healthOf(t *testing.T, checks healthpb.HealthServer, service string) string {
	t.Helper()
	resp, err := checks.Check(t.Context(), &healthpb.HealthCheckRequest{Service: service})
	if err != nil {
		t.Fatal(err)
	}
	return resp.GetStatus().String()
}

// outcomes are ways in which a call ends.
var outcomes = map[rune]transport{
	'+': answering(http.StatusOK, `{"code":9000}`),
	'f': answering(http.StatusOK, `{"code":2000}`), // a failure, but an answer
	'5': answering(http.StatusInternalServerError, ``),
	'-': refuse,
	'g': answering(http.StatusBadGateway, `<html>`),
	'h': hang,
}

func TestHealthFollowsCalls(t *testing.T) {
	t.Parallel()
	const up, down = "SERVING", "NOT_SERVING"
	tests := []struct{ name, calls, want string }{
		{"at the start", "", down},
		{"the first call fails", "-", down},
		{"the first answer", "+", up},
		{"the first answer after failures", "--+", up},
		{"one failure less than it takes", "+--", up},
		{"as many as it takes", "+---", down},
		{"an answer in between", "+--+--", up},
		{"a failing code is an answer", "+--f--", up},
		{"so is a status without a code", "+--5--", up},
		{"the failures of a proxy", "+ggg", down},
		{"the gateway's own timeout", "+hhh", down},
		{"one answer is not enough", "+---+", down},
		{"two in a row are", "+---++", up},
		{"two that are not in a row", "+---+-+", down},
		{"down and up and down", "+---++---", down},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g, upstream, health := newWatched(t, nil)
				for _, call := range tt.calls {
					upstream.answer = outcomes[call]
					_, _ = g.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token})
				}
				if got := health(); got != tt.want {
					t.Errorf("health = %s, want %s", got, tt.want)
				}
			})
		})
	}
}

// TestHealthIgnoresCallers has callers who leave, or have no time, while the
// upstream takes its time.
func TestHealthIgnoresCallers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, upstream, health := newWatched(t, nil)
		upstream.answer = late(2*time.Second, answering(http.StatusOK, `{"code":9000}`))
		for i := range 10 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if i%2 == 0 {
				time.AfterFunc(time.Millisecond, cancel)
			}
			_, _ = g.VerifyNumber(ctx, &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token})
			cancel()
		}
		if got := health(); got != "SERVING" || upstream.calls != 10 {
			t.Errorf("health = %s after %d calls", got, upstream.calls)
		}
	})
}

// late answers after a while, unless the request is given up.
func late(wait time.Duration, answer transport) transport {
	return func(r *http.Request) (*http.Response, error) {
		select {
		case <-r.Context().Done():
			return nil, r.Context().Err()
		case <-time.After(wait):
			return answer(r)
		}
	}
}

// TestHealthIsLogged wants a line for each change, the state at the start
// included.
func TestHealthIsLogged(t *testing.T) {
	t.Parallel()
	const up, down = `INFO "the upstream can be reached: serving"`, `ERROR "the upstream can't be reached: not serving" cause=other`
	for calls, want := range map[string][]string{
		"":           nil,
		"---":        {down},
		"+++":        {up},
		"--++---+++": {down, up, down, up},
	} {
		logs := &logBuffer{}
		g, upstream, _ := newWatched(t, func(c *gateway.Config) {
			c.Logger = slog.New(slog.NewTextHandler(logs, nil))
			c.CallLogger = slog.New(slog.DiscardHandler)
		})
		for _, call := range calls {
			upstream.answer = outcomes[call]
			_, _ = g.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token})
		}
		var got []string
		for _, line := range regexp.MustCompile(`level=(\w+) msg=(.*)`).FindAllStringSubmatch(logs.String(), -1) {
			got = append(got, line[1]+" "+line[2])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", calls, diff)
		}
	}
}

// TestLiveness wants a process that is not restarted for what a restart does not
// heal, and a readiness that says what the service does.
func TestLiveness(t *testing.T) {
	t.Parallel()
	g, upstream, _ := newWatched(t, nil)
	services := registered{}
	g.Register(services)
	checks := services["grpc.health.v1.Health"].(healthpb.HealthServer)
	look := func(when, ready, why string) {
		t.Helper()
		for service, want := range map[string]string{
			"": "SERVING", "liveness": "SERVING",
			"readiness": ready, jverificationv1.VerificationService_ServiceDesc.ServiceName: ready,
		} {
			if got := healthOf(t, checks, service); got != want {
				t.Errorf("%s: %q is %s, want %s", when, service, got, want)
			}
		}
		if got := fmt.Sprint(g.Ready()); got != why {
			t.Errorf("%s: ready is %q, want %q", when, got, why)
		}
	}
	const up, down = "SERVING", "NOT_SERVING"
	calls := func(n int, answer transport) {
		upstream.become(answer)
		for range n {
			_, _ = g.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token})
		}
	}
	look("at the start", down, "the first probe of the upstream has not ended")
	calls(1, failed(syscall.ECONNREFUSED))
	look("without an upstream", down, "the upstream can't be reached: refused")
	calls(1, outcomes['+'])
	look("with one", up, "<nil>")
	calls(gateway.DefaultHealthFailures-1, outcomes['g'])
	look("before it counts as down", up, "<nil>")
	calls(1, outcomes['g'])
	look("behind a proxy that has lost it", down, "the upstream can't be reached: HTTP 502")
	calls(gateway.DefaultHealthSuccesses, outcomes['+'])
	g.Drain()
	look("drained", down, "the gateway is shutting down")
	calls(gateway.DefaultHealthFailures, refuse)
	calls(gateway.DefaultHealthSuccesses, outcomes['+'])
	look("drained, with an upstream that comes and goes", down, "the gateway is shutting down")
}

func TestProbe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, upstream, health := newWatched(t, nil)
		upstream.answer = refuse
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			g.Probe(ctx)
			close(done)
		}()
		pass := func(intervals int) {
			time.Sleep(time.Duration(intervals) * gateway.DefaultProbeInterval)
			synctest.Wait()
		}
		for _, step := range []struct {
			name   string
			answer transport
			probes int
			want   string
		}{
			{"unreachable from the start", refuse, 1, "NOT_SERVING"},
			{"reachable", answering(http.StatusNotFound, ""), 1, "SERVING"},
			{"unreachable", refuse, gateway.DefaultHealthFailures, "NOT_SERVING"},
			{"reachable again", answering(http.StatusNotFound, ""), gateway.DefaultHealthSuccesses, "SERVING"},
		} {
			upstream.become(step.answer)
			pass(step.probes)
			if got := health(); got != step.want {
				t.Errorf("%s: health = %s", step.name, got)
			}
		}
		probes := upstream.become(answering(http.StatusOK, `{"code":9000}`))
		for _, probe := range probes {
			if probe.Header.Get("Authorization") != "" || probe.Body != http.NoBody || probe.URL.Path != "/" {
				t.Errorf("the probe asks for something: %v", probe)
			}
		}
		if len(probes) == 0 {
			t.Error("there was no probe")
		}

		for range 10 { // between two ticks each
			time.Sleep(gateway.DefaultProbeInterval / 2)
			_, _ = g.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token})
			time.Sleep(gateway.DefaultProbeInterval / 2)
			synctest.Wait()
		}
		if probes := upstream.become(refuse); len(probes) > 0 {
			t.Errorf("%d probes beside the calls", len(probes))
		}
		cancel()
		<-done
	})
}

func TestDrain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, _, health := newWatched(t, func(c *gateway.Config) { c.HealthSuccesses = 1 })
		g.Drain()
		for range 5 {
			_, _ = g.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token})
		}
		if got := health(); got != "NOT_SERVING" {
			t.Errorf("health = %s", got)
		}
	})
}
