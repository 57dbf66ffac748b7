package deploy_test

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	pb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/dnstest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/embedded"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// replicas are gateways of one simulator behind Envoy, which finds them by their name.
type replicas struct {
	upstream *embedded.Upstream
	dns      *dnstest.Server
	replicas []*replica
	spare    []net.Listener // of later replicas
	conn     *grpc.ClientConn
}

type replica struct {
	*gatewaytest.Gateway

	listener net.Listener
	tests    *service
	calls    atomic.Int32
}

// newReplicas runs Envoy, with changes of its configuration, in front of so many
// replicas that run, and as many addresses for later ones.
func newReplicas(t *testing.T, size int, changes map[string]string) *replicas {
	t.Helper()
	f := &replicas{dns: dnstest.Start(t), upstream: gatewaytest.Simulator(t, func(c *simulator.Config) {
		c.NumberGap, c.NumberDailyLimit, c.AppDailyLimit = 0, 0, 0
	})}
	listeners := dnstest.Listen(t, 2*size)
	f.spare = listeners[size:]
	for _, listener := range listeners[:size] {
		f.replicas = append(f.replicas, f.start(t, listener))
	}
	f.publish()
	_, port, _ := net.SplitHostPort(listeners[0].Addr().String())
	resolver, resolverPort, _ := net.SplitHostPort(f.dns.Address)
	named := envoy.with(map[string]string{
		"overload_manager:": "typed_dns_resolver_config:\n  name: envoy.network.dns_resolver.cares\n  typed_config:\n" +
			"    \"@type\": type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig\n" +
			"    resolvers: [{socket_address: {address: " + resolver + ", port_value: " + resolverPort + "}}]\noverload_manager:",
		"dns_refresh_rate: 5s": "dns_refresh_rate: 0.05s",
	}).with(changes)
	address, roots := named.startAt(t, place{backend: dnstest.Name + ":" + port, web: dnstest.Name + ":" + port})
	conn, err := grpc.NewClient(address, append(gatewaytest.Interceptors(), grpc.WithTransportCredentials(credentials.NewClientTLSFromCert(roots, "")))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	f.conn = conn
	return f
}

// start runs a replica. It is SERVING after the first answer of the upstream.
func (f *replicas) start(t *testing.T, listener net.Listener) *replica {
	t.Helper()
	r := &replica{listener: listener, tests: &service{answer: func(context.Context, int32) error { return nil }}}
	count := func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		r.calls.Add(1)
		return handler(ctx, req)
	}
	r.Gateway = gatewaytest.Start(t, gatewaytest.Options{
		Upstream: f.upstream, Listener: listener, Server: []grpc.ServerOption{grpc.ChainUnaryInterceptor(count)},
		Register: func(server grpc.ServiceRegistrar) { pb.RegisterTestServiceServer(server, r.tests) },
	})
	if err := verify(bounded(t), r.Conn, f.upstream.Simulator.IssueToken(phone)); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestEnvoyEjectsNoAnswer has one replica that fails every call, with statuses that Envoy
// takes for HTTP 5xx. It keeps its share.
func TestEnvoyEjectsNoAnswer(t *testing.T) {
	t.Parallel()
	f := newReplicas(t, 2, nil)
	f.replicas[0].tests.answer = func(_ context.Context, call int32) error {
		if call%2 == 0 {
			return codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_BAD_SERVER) // Internal
		}
		return codetable.NewError(jverificationv1.GatewayCode_GATEWAY_CODE_OVERLOADED) // Unavailable
	}
	const calls, unequal = 200, 20
	client := pb.NewTestServiceClient(f.conn)
	for range calls {
		_ = unaryCall(bounded(t), client)
	}
	for i, r := range f.replicas {
		if got := int(r.tests.calls.Load()); got < calls/2-unequal || got > calls/2+unequal {
			t.Errorf("replica %d got %d calls, want about %d", i, got, calls/2)
		}
	}
}

// TestEnvoyRollingRestart replaces each replica by one with another address, under load:
// the name gets the new address, the old replica drains until it gets no calls, and
// stops. No call may fail, and no token may arrive twice.
func TestEnvoyRollingRestart(t *testing.T) {
	t.Parallel()
	const size = 3
	f := newReplicas(t, size, map[string]string{"interval: 3s": "interval: 0.05s"})
	l := startLoad(t, f)
	for i, listener := range f.spare {
		old := f.replicas[i]
		f.replicas[i] = f.start(t, listener)
		f.publish()
		l.until(t, func() bool { return f.replicas[i].calls.Load() > 1 }) // the first was its own
		old.Drain()
		const unused = 200 // calls of all replicas
		for last, since := old.calls.Load(), l.made.Load(); l.made.Load() < since+unused; {
			l.until(t, func() bool { return true })
			if now := old.calls.Load(); now != last {
				last, since = now, l.made.Load()
			}
		}
		old.Server.GracefulStop()
	}
	l.finish(t)
}

func (f *replicas) publish() {
	var listeners []net.Listener
	for _, r := range f.replicas {
		listeners = append(listeners, r.listener)
	}
	f.dns.Set(listeners...)
}

// load verifies numbers until it is stopped, or has made maxCalls.
type load struct {
	replicas *replicas
	made     atomic.Int32
	stop     chan struct{}
	beat     chan struct{} // receives once a call, where somebody listens
	running  sync.WaitGroup
}

const (
	workers  = 4
	maxCalls = 30_000 // fewer than the simulator remembers
)

func startLoad(t *testing.T, f *replicas) *load {
	t.Helper()
	l := &load{replicas: f, stop: make(chan struct{}), beat: make(chan struct{})}
	client := jverificationv1.NewVerificationServiceClient(f.conn)
	for range workers {
		l.running.Go(func() {
			for l.made.Add(1) <= maxCalls {
				token := f.upstream.Simulator.IssueToken(phone)
				_, err := client.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token})
				if calls := f.upstream.Simulator.Calls(token); err != nil || calls != 1 {
					t.Errorf("%v after %d calls of the upstream", err, calls)
				}
				select {
				case <-l.stop:
					return
				case l.beat <- struct{}{}:
				default:
				}
			}
		})
	}
	return l
}

// until returns after a call for which the condition holds.
func (l *load) until(t *testing.T, condition func() bool) {
	t.Helper()
	for ok := false; !ok; ok = condition() {
		select {
		case <-l.beat:
		case <-bounded(t).Done():
			t.Fatal("the load ended, or Envoy did not change its replicas")
		}
	}
}

func (l *load) finish(t *testing.T) {
	t.Helper()
	close(l.stop)
	l.running.Wait()
	if made := l.made.Load(); made > maxCalls {
		t.Error("the load ended early")
	}
}
