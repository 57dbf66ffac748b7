// Package gatewaytest starts the gateway for tests. What it starts stops by
// itself when the test ends.
package gatewaytest

import (
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/edge"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/embedded"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
)

// Options say what to start. The zero value is a gateway without a log on a free
// loopback port, in front of a simulator of its own.
type Options struct {
	// Upstream is a simulator that several gateways share.
	Upstream *embedded.Upstream
	// Config changes the configuration, which has the simulator as its upstream.
	Config func(*gateway.Config)
	// Server has options beside those of the gateway. Its interceptors see what
	// is sent, as the first interceptor is the outermost.
	Server []grpc.ServerOption
	// Register adds services to the server.
	Register func(grpc.ServiceRegistrar)
	// Listener replaces the loopback port. One of package bufconn has no sockets.
	Listener net.Listener
	// Client has options of the connection, beside the client interceptors.
	Client []grpc.DialOption
	// Web serves gRPC-Web, Connect and REST as well.
	Web bool
}

// Gateway is a gateway that runs.
type Gateway struct {
	*gateway.Gateway

	// Client is a client with the client interceptors, and Conn its connection.
	Client jverificationv1.VerificationServiceClient
	Conn   *grpc.ClientConn
	// Address is that of the gRPC listener.
	Address string
	// URL is that of the web listener, where [Options].Web asks for one.
	URL string
	// Simulator is the upstream. Without one that is shared it is nil where
	// [Options].Config names another upstream.
	Simulator *simulator.Simulator
	// Server serves gRPC.
	Server *grpc.Server
}

// Start runs a gateway until the test ends.
func Start(tb testing.TB, o Options) *Gateway {
	tb.Helper()
	if o.Upstream == nil {
		o.Upstream = Simulator(tb)
	}
	config := o.Upstream.Configure(gateway.Config{Logger: slog.New(slog.DiscardHandler)})
	if o.Config != nil {
		o.Config(&config)
	}
	g := New(tb, config, o)
	g.Simulator = o.Upstream.Simulator
	return g
}

// New runs a gateway until the test ends, with a configuration that is complete.
func New(tb testing.TB, config gateway.Config, o Options) *Gateway {
	tb.Helper()
	service, err := gateway.New(config)
	if err != nil {
		tb.Fatal(err)
	}
	options := append([]grpc.ServerOption{grpc.WaitForHandlers(true)}, o.Server...)
	g := &Gateway{Gateway: service, Server: grpc.NewServer(append(options, service.ServerOptions()...)...)}
	backend := edge.NewBackend(service.Chain())
	for _, registrar := range []grpc.ServiceRegistrar{g.Server, backend} {
		service.Register(registrar)
		if o.Register != nil {
			o.Register(registrar)
		}
	}
	if o.Listener == nil {
		o.Listener = Listen(tb)
	}
	g.Address = o.Listener.Addr().String()
	Serve(tb, g.Server, o.Listener)
	if o.Web {
		g.URL = ServeWeb(tb, backend, edge.Config{Admit: service.Admit})
	}
	g.Conn = Dial(tb, o.Listener, append(Interceptors(), o.Client...)...)
	g.Client = jverificationv1.NewVerificationServiceClient(g.Conn)
	return g
}

// Simulator runs a simulator until the test ends.
func Simulator(tb testing.TB, change ...func(*simulator.Config)) *embedded.Upstream {
	tb.Helper()
	upstream, err := embedded.Start(tb.Context(), change...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := upstream.Close(); err != nil {
			tb.Error(err)
		}
	})
	return upstream
}

// Listen returns a listener on a free loopback port. Who serves it closes it.
func Listen(tb testing.TB) net.Listener {
	tb.Helper()
	listener, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	return listener
}

// Serve runs a gRPC server until the test ends, which cuts off its calls.
func Serve(tb testing.TB, server *grpc.Server, listener net.Listener) {
	tb.Helper()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	tb.Cleanup(func() {
		server.Stop()
		// A server that was stopped before it began to serve has no other error.
		if err := <-served; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			tb.Errorf("serve gRPC: %v", err)
		}
	})
}

// ServeWeb runs the edge of a backend until the test ends.
func ServeWeb(tb testing.TB, backend *edge.Backend, config edge.Config) (url string) {
	tb.Helper()
	handler, err := edge.New(backend, config)
	if err != nil {
		tb.Fatal(err)
	}
	web := edge.NewServer(handler)
	web.ErrorLog = log.New(io.Discard, "", 0)
	listener := Listen(tb)
	served := make(chan error, 1)
	go func() { served <- web.Serve(listener) }()
	tb.Cleanup(func() {
		_ = web.Close() // calls that a test leaves open are no failure
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			tb.Errorf("serve web: %v", err)
		}
	})
	return "http://" + listener.Addr().String()
}

// Dial connects to a listener, without TLS unless the options have other
// credentials. It adds no interceptors.
func Dial(tb testing.TB, listener net.Listener, opts ...grpc.DialOption) *grpc.ClientConn {
	tb.Helper()
	target := listener.Addr().String()
	options := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	if memory, ok := listener.(interface {
		DialContext(context.Context) (net.Conn, error)
	}); ok {
		target = "passthrough:///" + target
		options = append(options, grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return memory.DialContext(ctx)
		}))
	}
	conn, err := grpc.NewClient(target, append(options, opts...)...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	return conn
}

// Interceptors are the client interceptors as options of a connection.
func Interceptors() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithChainUnaryInterceptor(interceptor.UnaryClientInterceptor()),
		grpc.WithChainStreamInterceptor(interceptor.StreamClientInterceptor()),
	}
}
