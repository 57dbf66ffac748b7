package deploy_test

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	pb "google.golang.org/grpc/interop/grpc_testing"
)

// direct is no proxy. It shows that the tests want nothing that gRPC itself does not
// do.
var direct = proxy{name: "none"}

// each runs a test behind each proxy.
func each(t *testing.T, test func(*testing.T, proxy)) {
	t.Helper()
	for _, p := range []proxy{direct, nginx, haproxy, haproxyHTTP, envoy} {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			test(t, p)
		})
	}
}

// dial connects to a backend behind the proxy. It has no interceptors, so that the
// client sees what was sent.
func (p proxy) dial(t *testing.T, b *backend, opts ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	address, creds := b.Address, insecure.NewCredentials()
	if p.program != "" {
		at := p.start(t, b)
		address, creds = at.address, credentials.NewClientTLSFromCert(at.roots, "")
	}
	conn, err := grpc.NewClient(address, append(opts, grpc.WithTransportCredentials(creds))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// bounded ends a call that hangs.
func bounded(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// service ends each call with the result of answer. With late it sends an item of a
// stream first.
type service struct {
	pb.UnimplementedTestServiceServer
	answer func(ctx context.Context, call int32) error
	late   bool
	calls  atomic.Int32
}

func (s *service) UnaryCall(ctx context.Context, _ *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	return &pb.SimpleResponse{}, s.answer(ctx, s.calls.Add(1))
}

func (s *service) FullDuplexCall(stream grpc.BidiStreamingServer[pb.StreamingOutputCallRequest, pb.StreamingOutputCallResponse]) error {
	if _, err := stream.Recv(); err != nil {
		return err
	}
	if s.late {
		if err := stream.Send(&pb.StreamingOutputCallResponse{}); err != nil {
			return err
		}
	}
	return s.answer(stream.Context(), s.calls.Add(1))
}

// kinds are the forms of a response.
var kinds = map[string]struct {
	late bool
	call func(context.Context, pb.TestServiceClient, ...grpc.CallOption) error
}{
	"unary":                 {false, unaryCall},
	"stream":                {false, streamCall},
	"stream, after an item": {true, streamCall},
}

func unaryCall(ctx context.Context, client pb.TestServiceClient, opts ...grpc.CallOption) error {
	_, err := client.UnaryCall(ctx, &pb.SimpleRequest{}, opts...)
	return err
}

// streamCall keeps its side of the stream open.
func streamCall(ctx context.Context, client pb.TestServiceClient, opts ...grpc.CallOption) error {
	stream, err := client.FullDuplexCall(ctx, opts...)
	if err != nil {
		return err
	}
	if err := stream.Send(&pb.StreamingOutputCallRequest{}); err != nil {
		return err
	}
	for err == nil {
		_, err = stream.Recv()
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
