package deploy_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	pb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/dnstest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/embedded"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// replicas are gateways of one simulator behind Envoy, which finds them by their name.
type replicas struct {
	upstream     *embedded.Upstream
	upstreamDown atomic.Bool
	dns          *dnstest.Server
	replicas     []*replica
	spare        []net.Listener // of later replicas
	envoy        running
	conn         *grpc.ClientConn
}

type replica struct {
	*gatewaytest.Gateway

	listener net.Listener
	tests    *service
	calls    atomic.Int32
	checked  chan struct{} // receives with a health check, where somebody listens
}

// newReplicas runs Envoy, with changes of its configuration, in front of so many
// replicas that run, and has as many addresses for later ones.
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
	f.envoy, f.conn = behindName(t, f.dns, port, changes)
	return f
}

// behindName runs Envoy in front of the addresses of [dnstest.Name], and connects to it.
func behindName(t *testing.T, dns *dnstest.Server, port string, changes map[string]string) (running, *grpc.ClientConn) {
	t.Helper()
	host, resolverPort, _ := net.SplitHostPort(dns.Address)
	resolver := `typed_dns_resolver_config:
  name: envoy.network.dns_resolver.cares
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig
    resolvers: [{socket_address: {address: ` + host + `, port_value: ` + resolverPort + `}}]
`
	named := envoy.with(map[string]string{
		"overload_manager:": resolver + "overload_manager:", "dns_refresh_rate: 5s": "dns_refresh_rate: 0.05s",
	}).with(changes)
	at := named.startAt(t, place{backend: dnstest.Name + ":" + port, web: dnstest.Name + ":" + port})
	conn, err := grpc.NewClient(at.address, append(gatewaytest.Interceptors(), grpc.WithTransportCredentials(credentials.NewClientTLSFromCert(at.roots, "")))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return at, conn
}

// start runs a replica. It is SERVING after the first answer of the upstream.
func (f *replicas) start(t *testing.T, listener net.Listener) *replica {
	t.Helper()
	r := &replica{
		listener: listener, checked: make(chan struct{}),
		tests: &service{answer: func(context.Context, int32) error { return nil }},
	}
	r.Gateway = gatewaytest.Start(t, gatewaytest.Options{
		Upstream: f.upstream, Listener: listener, Server: []grpc.ServerOption{grpc.ChainUnaryInterceptor(r.count)},
		Register: func(server grpc.ServiceRegistrar) { pb.RegisterTestServiceServer(server, r.tests) },
		Config:   func(c *gateway.Config) { c.Transport = f },
	})
	if err := verify(bounded(t), r.Conn, f.upstream.Simulator.IssueToken(phone)); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *replica) count(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if info.FullMethod != healthpb.Health_Check_FullMethodName {
		r.calls.Add(1)
		return handler(ctx, req)
	}
	select {
	case r.checked <- struct{}{}:
	default:
	}
	return handler(ctx, req)
}

// RoundTrip is the way of the replicas to their upstream.
func (f *replicas) RoundTrip(r *http.Request) (*http.Response, error) {
	if f.upstreamDown.Load() {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	return http.DefaultTransport.RoundTrip(r)
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
	const calls, unequal = 200, 50
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
