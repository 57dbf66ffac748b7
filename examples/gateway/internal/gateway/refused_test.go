package gateway_test

import (
	"context"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/stats"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// full is a gateway with as many open calls as it allows.
func full(t *testing.T, config gateway.Config, server ...grpc.ServerOption) *gatewaytest.Gateway {
	t.Helper()
	config.MaxUpstreamCalls, config.MaxCallerCalls = 1, 1
	g := gatewaytest.New(t, config, gatewaytest.Options{Server: server})
	for range gateway.OpenPerPlace {
		open(t, g.Client)
	}
	return g
}

// TestRefusedCallsLeaveNothing refuses calls that would have a day. What the server keeps
// for the deadline of a call must end with it: a stranger can be refused without end.
func TestRefusedCallsLeaveNothing(t *testing.T) {
	t.Parallel()
	conns := &watchedContexts{}
	g := full(t, configFor(newStub(t, saying(`{"code":9000}`)).URL, io.Discard), grpc.StatsHandler(conns))
	ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
	defer cancel()
	for range 10 {
		if err := verify(ctx, g.Client); !codetable.Is(err, jverificationv1.GatewayCode_GATEWAY_CODE_CALLER_LIMIT) {
			t.Errorf("error = %v", err)
		}
		stream, err := g.Client.VerifyNumbers(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stream.Recv(); !codetable.Is(err, jverificationv1.GatewayCode_GATEWAY_CODE_CALLER_LIMIT) {
			t.Errorf("stream: error = %v", err)
		}
	}
	g.Server.Stop()
	if made, open := conns.made.Load(), conns.open.Load(); made < gateway.OpenPerPlace+20 || open != 0 {
		t.Errorf("%d of %d contexts of calls never end", open, made)
	}
}

// TestRefusedCallsAreTold refuses a call, and asks for the health meanwhile.
func TestRefusedCallsAreTold(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	config := configFor(newStub(t, saying(`{"code":9000}`)).URL, &log)
	registry := prometheus.NewRegistry()
	config.Registerer = registry
	g := full(t, config)
	err := verify(t.Context(), g.Client)
	e, ok := codetable.FromError(err)
	if !ok || !codetable.Is(err, jverificationv1.GatewayCode_GATEWAY_CODE_CALLER_LIMIT) {
		t.Fatalf("error = %v", err)
	}
	if after := e.Retry().Delay; after != time.Second {
		t.Errorf("retry after %v", after)
	}
	if resp, err := healthpb.NewHealthClient(g.Conn).Check(t.Context(), &healthpb.HealthCheckRequest{}); err != nil || resp.GetStatus() != healthpb.HealthCheckResponse_SERVING {
		t.Errorf("health: %v, %v", resp, err)
	}
	g.Server.Stop()
	if !strings.Contains(log.String(), "CALLER_LIMIT") {
		t.Error("the log does not name it")
	}
	if n := failures(t, registry, "CALLER_LIMIT"); n != 1 {
		t.Errorf("%v failures are counted", n)
	}
}

func failures(t *testing.T, registry *prometheus.Registry, reason string) (sum float64) {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == "codetable_failures_total" && strings.Contains(m.String(), reason) {
				sum += m.GetCounter().GetValue()
			}
		}
	}
	return sum
}

// watchedContexts gives connections contexts that count those of their calls.
type watchedContexts struct{ made, open atomic.Int64 }

func (w *watchedContexts) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context {
	return &watchedContext{ctx, w, make(chan struct{})}
}
func (*watchedContexts) HandleConn(context.Context, stats.ConnStats)                     {}
func (*watchedContexts) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }
func (*watchedContexts) HandleRPC(context.Context, stats.RPCStats)                       {}

type watchedContext struct {
	context.Context //nolint:containedctx // it is a context

	of   *watchedContexts
	done chan struct{}
}

func (c *watchedContext) Done() <-chan struct{} { return c.done }

// AfterFunc is called by package context for each child, and what it returns at the end
// of the child.
func (c *watchedContext) AfterFunc(func()) (stop func() bool) {
	c.of.made.Add(1)
	c.of.open.Add(1)
	return sync.OnceValue(func() bool {
		c.of.open.Add(-1)
		return true
	})
}
