package deploy_test

import (
	"context"
	"net"
	"sync"
	"testing"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
)

// backend is a gateway in front of the simulator. It serves gRPC's own test service
// as well, through the same interceptors, for errors and streams that the gateway
// has no call for.
type backend struct {
	*gatewaytest.Gateway

	sent     tap
	listener *cuttable
}

func newBackend(t *testing.T, tests pb.TestServiceServer, change ...func(*gateway.Config)) *backend {
	t.Helper()
	b := &backend{sent: make(tap, 8), listener: &cuttable{Listener: gatewaytest.Listen(t)}}
	b.Gateway = gatewaytest.Start(t, gatewaytest.Options{
		Listener: b.listener, Web: true,
		Server:   []grpc.ServerOption{grpc.ChainUnaryInterceptor(b.sent.unary), grpc.ChainStreamInterceptor(b.sent.stream)},
		Register: func(server grpc.ServiceRegistrar) { pb.RegisterTestServiceServer(server, tests) },
		Config: func(c *gateway.Config) {
			for _, change := range change {
				change(c)
			}
		},
	})
	// It is SERVING after the first answer of the upstream, and balancers look at that.
	if err := verify(bounded(t), b.Conn, b.Simulator.IssueToken(phone)); err != nil {
		t.Fatal(err)
	}
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

// tap holds the failures that no test has looked at yet.
type tap chan sent

func (c tap) note(err error, trailer metadata.MD) {
	if err == nil {
		return
	}
	select {
	case c <- sent{status.Convert(err).Proto(), trailer}:
	default: // the test does not look
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
