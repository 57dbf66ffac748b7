package serviceconfig_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/health" // for healthCheckConfig
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
)

// tooLong is far more than any call takes, so who meets it hangs.
const tooLong = time.Minute

// gatewayFleet is a number of gateways over one simulator, and a client of them all.
type gatewayFleet struct {
	simulator *simulator.Simulator
	config    gateway.Config
	replicas  []*replica
	addresses *manual.Resolver
	client    jverificationv1.VerificationServiceClient
}

// replica is a gateway on a socket of its own.
type replica struct {
	gateway  *gateway.Gateway
	server   *grpc.Server
	address  string
	upstream *tap
	closed   chan struct{} // once it accepts no more
}

// closable tells when a server begins to stop; Serve returns at the end only.
type closable struct {
	net.Listener
	once   sync.Once
	closed chan struct{}
}

func (l *closable) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

func newFleet(t *testing.T, size int, serviceConfig string) *gatewayFleet {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 1024) // as the upstream documents
	if err != nil {
		t.Fatal(err)
	}
	config := simulator.DefaultConfig()
	config.PublicKey = &key.PublicKey
	config.NumberGap, config.NumberDailyLimit, config.AppDailyLimit = 0, 0, 0
	f := &gatewayFleet{addresses: manual.NewBuilderWithScheme("fleet")}
	if f.simulator, err = simulator.New(config); err != nil {
		t.Fatal(err)
	}
	upstream := httptest.NewServer(f.simulator)
	t.Cleanup(upstream.Close)
	f.config = gateway.Config{
		UpstreamURL: upstream.URL, AppKey: config.AppKey, MasterSecret: gateway.Secret(config.MasterSecret),
		AdminURL: upstream.URL, DevKey: config.DevKey, DevSecret: gateway.Secret(config.DevSecret),
		Timeout: tooLong, Logger: slog.New(slog.DiscardHandler),
		RiskAttempts: 1,    // the client is to repeat
		PhonePattern: ".+", // a script may stand for the phone of a risk query
	}
	for range size {
		f.replicas = append(f.replicas, f.start(t))
	}
	f.addresses.InitialState(f.state())
	conn, err := grpc.NewClient("fleet:///gateways",
		grpc.WithResolvers(f.addresses), grpc.WithDefaultServiceConfig(serviceConfig),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithChainUnaryInterceptor(interceptor.UnaryClientInterceptor()),
		grpc.WithChainStreamInterceptor(interceptor.StreamClientInterceptor()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	f.client = jverificationv1.NewVerificationServiceClient(conn)
	return f
}

// start serves a gateway on a free port.
func (f *gatewayFleet) start(t *testing.T) *replica {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	r := &replica{upstream: &tap{RoundTripper: transport}, closed: make(chan struct{})}
	config := f.config
	config.Transport = r.upstream
	var err error
	if r.gateway, err = gateway.New(config); err != nil {
		t.Fatal(err)
	}
	r.server = grpc.NewServer(r.gateway.ServerOptions()...)
	r.gateway.Register(r.server)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.address = listener.Addr().String()
	served := make(chan error, 1)
	go func() { served <- r.server.Serve(&closable{Listener: listener, closed: r.closed}) }()
	t.Cleanup(func() {
		r.server.Stop()
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
		transport.CloseIdleConnections()
	})
	return r
}

func (f *gatewayFleet) state() resolver.State {
	var state resolver.State
	for _, r := range f.replicas {
		state.Addresses = append(state.Addresses, resolver.Address{Addr: r.address})
	}
	return state
}

// restart puts a fresh replica in the place of one that has ended. Until then
// clients have its address, as in life.
func (f *gatewayFleet) restart(t *testing.T, i int) {
	t.Helper()
	f.replicas[i] = f.start(t)
	f.addresses.UpdateState(f.state())
}

// tap is the way from a replica to the upstream.
type tap struct {
	http.RoundTripper
	calls atomic.Int32
	trap  atomic.Pointer[trap]
}

// trap catches one call after the upstream has answered it and before the
// gateway knows, until it is released or its context is done.
type trap struct {
	path            string // any but that of the risk query, if empty
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

func (t *tap) RoundTrip(r *http.Request) (*http.Response, error) {
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

// kill cuts all connections of a replica while it has a call.
func (r *replica) kill(t *testing.T, loadEnded <-chan struct{}) {
	t.Helper()
	await(t, r.set("").caught, loadEnded)
	r.server.Stop()
}

// stopGracefully lets a replica finish the call that it has.
func (r *replica) stopGracefully(t *testing.T, loadEnded <-chan struct{}) {
	t.Helper()
	trap := r.set("")
	await(t, trap.caught, loadEnded)
	stopped := make(chan struct{})
	go func() {
		r.server.GracefulStop()
		close(stopped)
	}()
	<-r.closed // it has begun
	close(trap.release)
	<-stopped
}

func await(t *testing.T, event, ended <-chan struct{}) {
	t.Helper()
	select {
	case <-event:
	case <-ended:
		t.Fatal("the load ended before it met the replica")
	}
}

func deadline(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), tooLong)
	t.Cleanup(cancel)
	return ctx
}
