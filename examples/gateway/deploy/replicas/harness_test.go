package replicas_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/health" // for healthCheckConfig
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/embedded"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// tooLong is far more than any call takes: a call that reaches it hangs.
const tooLong = time.Minute

// gateways are replicas in front of one simulator, and a client of them all.
type gateways struct {
	upstream  *embedded.Upstream
	simulator *simulator.Simulator
	replicas  []*replica
	addresses *manual.Resolver
	client    jverificationv1.VerificationServiceClient
}

// replica is a gateway on a socket of its own.
type replica struct {
	*gatewaytest.Gateway

	upstream *interceptable
	closed   chan struct{} // once it accepts no more
}

// closable tells when a server begins to stop. Serve returns only at the end.
type closable struct {
	net.Listener

	once   sync.Once
	closed chan struct{}
}

func (l *closable) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

func newGateways(t *testing.T, size int, serviceConfig string) *gateways {
	t.Helper()
	f := withoutReplicas(t)
	for range size {
		f.replicas = append(f.replicas, f.start(t, gatewaytest.Listen(t)))
	}
	f.addresses.InitialState(f.state())
	f.dial(t, "gateways:///all", serviceConfig, grpc.WithResolvers(f.addresses))
	return f
}

func withoutReplicas(t *testing.T) *gateways {
	t.Helper()
	f := &gateways{
		addresses: manual.NewBuilderWithScheme("gateways"),
		upstream: gatewaytest.Simulator(t, func(c *simulator.Config) {
			c.NumberGap, c.NumberDailyLimit, c.AppDailyLimit = 0, 0, 0
		}),
	}
	f.simulator = f.upstream.Simulator
	return f
}

// dial makes the client.
func (f *gateways) dial(t *testing.T, target, serviceConfig string, opts ...grpc.DialOption) {
	t.Helper()
	opts = append(opts, gatewaytest.Interceptors()...)
	conn, err := grpc.NewClient(target, append(opts,
		grpc.WithDefaultServiceConfig(serviceConfig), grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	f.client = jverificationv1.NewVerificationServiceClient(conn)
}

// start serves a gateway.
func (f *gateways) start(t *testing.T, listener net.Listener) *replica {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	r := &replica{upstream: &interceptable{RoundTripper: transport}, closed: make(chan struct{})}
	r.Gateway = gatewaytest.Start(t, gatewaytest.Options{
		Upstream: f.upstream,
		Listener: &closable{Listener: listener, closed: r.closed},
		Server:   []grpc.ServerOption{grpc.WaitForHandlers(false)}, // a kill waits for nothing
		Config: func(c *gateway.Config) {
			c.Transport, c.Timeout = r.upstream, tooLong
			c.RiskAttempts = 1 // the client is to repeat
		},
	})
	// It is SERVING after the first answer of the upstream.
	if err := verify(deadline(t), r.Client, f.simulator.IssueToken(phone)); err != nil {
		t.Error(err)
	}
	return r
}

func (f *gateways) state() resolver.State {
	var state resolver.State
	for _, r := range f.replicas {
		state.Addresses = append(state.Addresses, resolver.Address{Addr: r.Address})
	}
	return state
}

// restart replaces a replica that has stopped. Until then clients keep its address,
// as they do in production.
func (f *gateways) restart(t *testing.T, i int) {
	t.Helper()
	f.replicas[i] = f.start(t, gatewaytest.Listen(t))
	f.addresses.UpdateState(f.state())
}

// interceptable is a replica's connection to the upstream, on which a trap can be
// set.
type interceptable struct {
	http.RoundTripper

	calls atomic.Int32
	trap  atomic.Pointer[trap]
}

// trap holds one call after the upstream has answered it and before the gateway
// has the reply, until it is released or its context is done.
type trap struct {
	path            string // empty: any but the risk query
	caught, release chan struct{}
}

const riskPath = "/v2/web/queryBusinessRisk"

func (r *replica) set(path string) *trap {
	t := &trap{path: path, caught: make(chan struct{}), release: make(chan struct{})}
	r.upstream.trap.Store(t)
	return t
}

func (t *trap) wants(path string) bool {
	return path == t.path || t.path == "" && path != riskPath
}

func (t *interceptable) RoundTrip(r *http.Request) (*http.Response, error) {
	t.calls.Add(1)
	resp, err := t.RoundTripper.RoundTrip(r)
	if trap := t.trap.Load(); err == nil && trap != nil && trap.wants(r.URL.Path) && t.trap.CompareAndSwap(trap, nil) {
		close(trap.caught)
		select {
		case <-trap.release:
		case <-r.Context().Done():
			resp.Body.Close()
			return nil, r.Context().Err()
		}
	}
	return resp, err
}

// kill cuts all connections of a replica during a call.
func (r *replica) kill(t *testing.T, loadEnded <-chan struct{}) {
	t.Helper()
	trap := r.set("")
	await(t, trap.caught, loadEnded)
	r.Server.Stop()
	close(trap.release)
}

// stopGracefully stops a replica during a call, which it finishes.
func (r *replica) stopGracefully(t *testing.T, loadEnded <-chan struct{}) {
	t.Helper()
	trap := r.set("")
	await(t, trap.caught, loadEnded)
	stopped := make(chan struct{})
	go func() {
		r.Server.GracefulStop()
		close(stopped)
	}()
	<-r.closed // GracefulStop has begun
	close(trap.release)
	<-stopped
}

func await(t *testing.T, event, ended <-chan struct{}) {
	t.Helper()
	select {
	case <-event:
	case <-ended:
		t.Fatal("the load ended before the replica had a call")
	}
}

func deadline(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), tooLong)
	t.Cleanup(cancel)
	return ctx
}
