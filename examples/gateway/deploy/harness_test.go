package deploy_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"testing"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/embedded"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
)

// backend is a gateway over the simulator, on a native listener. It serves
// gRPC's own test service as well, through the same interceptors, for errors and
// streams that the gateway has no call for.
type backend struct {
	address   string
	simulator *simulator.Simulator
	sent      tap
	listener  *cuttable
	stop      func()
}

func newBackend(t *testing.T, tests pb.TestServiceServer) *backend {
	t.Helper()
	upstream, err := embedded.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := upstream.Close(); err != nil {
			t.Error(err)
		}
	})
	g, err := gateway.New(upstream.Configure(gateway.Config{Logger: slog.New(slog.DiscardHandler)}))
	if err != nil {
		t.Fatal(err)
	}
	b := &backend{simulator: upstream.Simulator, sent: make(tap, 8)}
	// The first interceptor is the outermost, and sees what is sent.
	options := []grpc.ServerOption{grpc.ChainUnaryInterceptor(b.sent.unary), grpc.ChainStreamInterceptor(b.sent.stream)}
	server := grpc.NewServer(append(options, g.ServerOptions()...)...)
	g.Register(server)
	pb.RegisterTestServiceServer(server, tests)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.listener, b.address = &cuttable{Listener: listener}, listener.Addr().String()
	var serving sync.WaitGroup
	serving.Go(func() {
		// A test that is skipped may stop it before it begins.
		if err := server.Serve(b.listener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			t.Errorf("serve: %v", err)
		}
	})
	b.stop = func() { server.Stop(); serving.Wait() }
	t.Cleanup(b.stop)
	return b
}

// cuttable is a listener whose connections can be cut.
type cuttable struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

// Accept implements [net.Listener].
func (l *cuttable) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.conns = append(l.conns, conn)
	}
	return conn, err
}

func (l *cuttable) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, conn := range l.conns {
		conn.Close()
	}
}

// sent is a failure as the gateway hands it to gRPC.
type sent struct {
	status  *spb.Status
	trailer metadata.MD
}

// tap holds the latest failures.
type tap chan sent

func (c tap) note(err error, trailer metadata.MD) {
	if err == nil {
		return
	}
	select {
	case c <- sent{status.Convert(err).Proto(), trailer}:
	default: // a test that does not look
	}
}

func (c tap) unary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	stream := &tappedUnary{ServerTransportStream: grpc.ServerTransportStreamFromContext(ctx)}
	resp, err := handler(grpc.NewContextWithServerTransportStream(ctx, stream), req)
	c.note(err, stream.trailer)
	return resp, err
}

func (c tap) stream(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	tapped := &tappedStream{ServerStream: stream}
	err := handler(srv, tapped)
	c.note(err, tapped.trailer)
	return err
}

type tappedUnary struct {
	grpc.ServerTransportStream
	trailer metadata.MD
}

func (s *tappedUnary) SetTrailer(md metadata.MD) error {
	s.trailer = metadata.Join(s.trailer, md)
	return s.ServerTransportStream.SetTrailer(md)
}

type tappedStream struct {
	grpc.ServerStream
	trailer metadata.MD
}

func (s *tappedStream) SetTrailer(md metadata.MD) {
	s.trailer = metadata.Join(s.trailer, md)
	s.ServerStream.SetTrailer(md)
}
