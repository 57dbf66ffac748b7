package gateway_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// TestResets has a client that gives each call up after 100 microseconds, on one
// connection.
func TestResets(t *testing.T) {
	t.Parallel()
	const places = 4
	var cut, most, now atomic.Int64
	upstream := newStub(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a connection is watched once its body is read
		most.Store(max(most.Load(), now.Add(1)))
		defer now.Add(-1)
		select {
		case <-r.Context().Done():
			cut.Add(1)
		case <-time.After(5 * time.Millisecond):
		}
		saying(`{"code":9003}`)(w, r)
	})
	config := configFor(upstream.URL, io.Discard)
	config.MaxUpstreamCalls, config.MaxCallerCalls = places, places
	client := dial(t, config)
	for range 2000 {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Microsecond)
		_ = verify(ctx, client)
		cancel()
	}
	// A call that waits for its answer comes behind all the others.
	if err := verify(t.Context(), client); !codetable.Is(err, jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST) {
		t.Error(err)
	}
	// net/http may open a connection that an idle one makes needless; one for each call would be
	// hundreds.
	if n := upstream.conns.Load(); n > 2*places || cut.Load() != 0 || most.Load() > places {
		t.Errorf("%d connections, %d calls cut, %d at a time; want at most %d, none and %d", n, cut.Load(), most.Load(), 2*places, places)
	}
	if upstream.calls.Load() < 2 {
		t.Errorf("%d calls reached the upstream: nothing was tried", upstream.calls.Load())
	}
}

// abandoned is a gateway with a call that its caller gave up.
type abandoned struct {
	gateway.Cooldown

	server *grpc.Server
	answer chan struct{}
	learnt chan error
	values *prometheus.Registry
}

// Learn implements [gateway.Cooldown].
func (a *abandoned) Learn(_ context.Context, _ string, err error) { a.learnt <- err }

// Blocked implements [gateway.Cooldown].
func (a *abandoned) Blocked(context.Context, string) error { return nil }

// abandon starts a call, and gives it up once the upstream has it.
func abandon(t *testing.T) *abandoned {
	t.Helper()
	a := &abandoned{answer: make(chan struct{}), learnt: make(chan error, 1), values: prometheus.NewRegistry()}
	entered := make(chan struct{})
	upstream := newStub(t, func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-a.answer
		saying(`{"code":9018}`)(w, r)
	})
	config := configFor(upstream.URL, io.Discard)
	config.Cooldown, config.Registerer = a, a.values
	g := gatewaytest.New(t, config, gatewaytest.Options{})
	a.server = g.Server
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-entered
		cancel()
	}()
	// It returns at once, while the upstream still has the call.
	if err := verify(ctx, g.Client); status.Code(err) != codes.Canceled {
		t.Errorf("error = %v, want Canceled", err)
	}
	return a
}

// TestAbandonedCallIsLearnt wants nothing of the upstream's answer to be lost.
func TestAbandonedCallIsLearnt(t *testing.T) {
	t.Parallel()
	a := abandon(t)
	close(a.answer)
	if err := <-a.learnt; !codetable.Is(err, jverificationv1.ResponseCode_RESPONSE_CODE_APPKEY_NO_MONEY) {
		t.Errorf("learnt %v, want 9018", err)
	}
	a.server.GracefulStop()
	want := `
# HELP gateway_upstream_calls_total Calls upstream by path and result: OK, the reason of the code, or the gRPC code of a failure without one.
# TYPE gateway_upstream_calls_total counter
gateway_upstream_calls_total{path="/v1/web/verify",result="APPKEY_NO_MONEY"} 1
`
	if err := testutil.GatherAndCompare(a.values, strings.NewReader(want), "gateway_upstream_calls_total"); err != nil {
		t.Error(err)
	}
}

// TestGracefulStopWaitsForAbandonedCalls wants a token that is spent to bring an
// answer, also in a restart.
func TestGracefulStopWaitsForAbandonedCalls(t *testing.T) {
	t.Parallel()
	a := abandon(t)
	stopped := make(chan struct{})
	go func() {
		a.server.GracefulStop()
		close(stopped)
	}()
	select {
	case <-stopped:
		t.Error("the server stopped before the upstream had answered")
	case <-time.After(50 * time.Millisecond):
	}
	close(a.answer)
	if err := <-a.learnt; err == nil {
		t.Error("the answer was not learnt")
	}
	<-stopped
}
