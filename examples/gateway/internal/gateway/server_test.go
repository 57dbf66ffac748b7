package gateway_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// TestConnectionsEnd counts the connections of a client in the clock of a
// bubble.
func TestConnectionsEnd(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*gateway.Config)
		client keepalive.ClientParameters
		again  bool
	}{
		{"neither old nor noisy", nil, keepalive.ClientParameters{}, false},
		{"old", func(c *gateway.Config) { c.MaxConnectionAge = time.Minute }, keepalive.ClientParameters{}, true},
		{"idle", func(c *gateway.Config) { c.MaxConnectionIdle = time.Minute }, keepalive.ClientParameters{}, true},
		{"noisy", nil, keepalive.ClientParameters{Time: 10 * time.Second, PermitWithoutStream: true}, true},
		{
			"noisy, and allowed to be", func(c *gateway.Config) { c.KeepaliveMinTime = 5 * time.Second },
			keepalive.ClientParameters{Time: 10 * time.Second, PermitWithoutStream: true},
			false,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g, _, _ := newWatched(t, tt.change)
				server := grpc.NewServer(g.ServerOptions()...)
				g.Register(server)
				listener := bufconn.Listen(1 << 20)
				go func() { _ = server.Serve(listener) }()
				var dials atomic.Int64
				conn, err := grpc.NewClient("passthrough:///gateway",
					grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithKeepaliveParams(tt.client),
					grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
						dials.Add(1)
						return listener.DialContext(ctx)
					}))
				if err != nil {
					t.Fatal(err)
				}
				client := jverificationv1.NewVerificationServiceClient(conn)
				for range 2 {
					if err := verify(t.Context(), client); err != nil {
						t.Error(err)
					}
					time.Sleep(5 * time.Minute)
				}
				if got := dials.Load(); (got > 1) != tt.again {
					t.Errorf("%d connections, want more than one: %t", got, tt.again)
				}
				conn.Close()
				server.Stop()
			})
		})
	}
}

func TestLargeRequest(t *testing.T) {
	t.Parallel()
	upstream := newStub(t, saying(`{"code":9000}`))
	config := configFor(upstream.URL, io.Discard)
	config.MaxRequestBytes = 1000
	client := dial(t, config)
	_, err := client.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{Phone: phone, Token: strings.Repeat("t", 1000)})
	if status.Code(err) != codes.ResourceExhausted || upstream.calls.Load() != 0 {
		t.Errorf("error = %v after %d calls, want ResourceExhausted and none", err, upstream.calls.Load())
	}
	if err := verify(t.Context(), client); err != nil {
		t.Error(err)
	}
}

func TestSignals(t *testing.T) {
	t.Parallel()
	registry, spans := prometheus.NewRegistry(), tracetest.NewInMemoryExporter()
	upstream := newStub(t, saying(`{"code":9018,"content":"`+phone+`"}`))
	config := configFor(upstream.URL, io.Discard)
	config.Registerer, config.PublicBoundary = registry, true
	config.Tracer = sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	client := dial(t, config)
	if err := verify(t.Context(), client); status.Code(err) != codes.Internal {
		t.Fatalf("error = %v, want a masked one", err)
	}
	want := `
# HELP gateway_upstream_calls_total Calls upstream by path and result: OK, the reason of the code, or the gRPC code of a failure without one.
# TYPE gateway_upstream_calls_total counter
gateway_upstream_calls_total{path="/v1/web/verify",result="APPKEY_NO_MONEY"} 1
# HELP gateway_upstream_in_flight Calls upstream that are under way.
# TYPE gateway_upstream_in_flight gauge
gateway_upstream_in_flight 0
# HELP gateway_upstream_reachable 1 while the upstream can be reached, else 0.
# TYPE gateway_upstream_reachable gauge
gateway_upstream_reachable 1
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "gateway_upstream_calls_total",
		"gateway_upstream_in_flight", "gateway_upstream_reachable"); err != nil {
		t.Error(err)
	}
	if n, err := testutil.GatherAndCount(registry, "gateway_upstream_duration_seconds"); n != 1 || err != nil {
		t.Errorf("%d histograms, %v", n, err)
	}
	problems, err := testutil.GatherAndLint(registry)
	if err != nil || len(problems) > 0 {
		t.Errorf("lint: %v, %v", problems, err)
	}
	// The span of the call itself may end after the client has its answer.
	for _, span := range spans.GetSpans() {
		if span.Name == http.MethodPost+" /v1/web/verify" && span.Parent.IsValid() {
			return
		}
	}
	t.Errorf("no span of the call upstream below that of the call: %v", spans.GetSpans())
}
