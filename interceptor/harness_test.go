package interceptor_test

import (
	"context"
	"io"
	"net"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/test/bufconn"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
)

type responseCode = jverificationv1.ResponseCode

const (
	invalidParameters   = jverificationv1.ResponseCode_RESPONSE_CODE_INVALID_PARAMETERS
	qpsLimit            = jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT
	insufficientBalance = jverificationv1.ResponseCode_RESPONSE_CODE_INSUFFICIENT_BALANCE
	dailyLimit          = jverificationv1.ResponseCode_RESPONSE_CODE_BEYOND_DAILY_FREQUENCY_LIMIT
	notConsistent       = jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_NOT_CONSISTENT
	consistent          = jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_CONSISTENT
	tokenExpired        = jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST
	authFailed          = jverificationv1.ResponseCode_RESPONSE_CODE_AUTH_FAILED
)

// service serves all four kinds of RPC. Each call returns the error of answer.
type service struct {
	pb.UnimplementedTestServiceServer
	answer func(context.Context) error
	late   bool
}

// answering returns a service whose calls all return the same error.
func answering(err error) *service {
	return &service{answer: func(context.Context) error { return err }}
}

func (s *service) UnaryCall(ctx context.Context, _ *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	if err := s.answer(ctx); err != nil {
		return nil, err
	}
	return &pb.SimpleResponse{}, nil
}

func (s *service) StreamingOutputCall(_ *pb.StreamingOutputCallRequest, stream grpc.ServerStreamingServer[pb.StreamingOutputCallResponse]) error {
	return s.answer(stream.Context())
}

func (s *service) StreamingInputCall(stream grpc.ClientStreamingServer[pb.StreamingInputCallRequest, pb.StreamingInputCallResponse]) error {
	for {
		if _, err := stream.Recv(); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
	}
	if err := s.answer(stream.Context()); err != nil {
		return err
	}
	return stream.SendAndClose(&pb.StreamingInputCallResponse{})
}

// FullDuplexCall sends an item first if late is set, so that the error comes
// after a header.
func (s *service) FullDuplexCall(stream grpc.BidiStreamingServer[pb.StreamingOutputCallRequest, pb.StreamingOutputCallResponse]) error {
	if _, err := stream.Recv(); err != nil {
		return err
	}
	if s.late {
		if err := stream.Send(&pb.StreamingOutputCallResponse{}); err != nil {
			return err
		}
	}
	if err := s.answer(stream.Context()); err != nil {
		return err
	}
	return stream.Send(&pb.StreamingOutputCallResponse{})
}

// rpc runs a call to its end and returns how it ended.
type rpc = func(context.Context, pb.TestServiceClient, ...grpc.CallOption) error

// kinds contains a call of each kind of RPC.
var kinds = map[string]rpc{
	"unary": func(ctx context.Context, client pb.TestServiceClient, opts ...grpc.CallOption) error {
		_, err := client.UnaryCall(ctx, &pb.SimpleRequest{}, opts...)
		return err
	},
	"server stream": func(ctx context.Context, client pb.TestServiceClient, opts ...grpc.CallOption) error {
		stream, err := client.StreamingOutputCall(ctx, &pb.StreamingOutputCallRequest{}, opts...)
		if err != nil {
			return err
		}
		_, err = stream.Recv()
		return endOf(err)
	},
	"client stream": func(ctx context.Context, client pb.TestServiceClient, opts ...grpc.CallOption) error {
		stream, err := client.StreamingInputCall(ctx, opts...)
		if err != nil {
			return err
		}
		if err := stream.Send(&pb.StreamingInputCallRequest{}); err != nil && err != io.EOF {
			return err
		}
		_, err = stream.CloseAndRecv()
		return err
	},
	"bidi stream": func(ctx context.Context, client pb.TestServiceClient, opts ...grpc.CallOption) error {
		stream, err := client.FullDuplexCall(ctx, opts...)
		if err != nil {
			return err
		}
		if err := stream.Send(&pb.StreamingOutputCallRequest{}); err != nil && err != io.EOF {
			return err
		}
		for err == nil {
			_, err = stream.Recv()
		}
		return endOf(err)
	},
}

func endOf(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

// serve starts a server with the server interceptors and these options.
func serve(tb testing.TB, srv pb.TestServiceServer, opts ...interceptor.ServerOption) *bufconn.Listener {
	tb.Helper()
	return serveWith(tb, srv,
		grpc.ChainUnaryInterceptor(interceptor.UnaryServerInterceptor(opts...)),
		grpc.ChainStreamInterceptor(interceptor.StreamServerInterceptor(opts...)))
}

func serveWith(tb testing.TB, srv pb.TestServiceServer, opts ...grpc.ServerOption) *bufconn.Listener {
	tb.Helper()
	return serveAll(tb, nil, srv, opts...)
}

// serveAll serves other services in addition to srv.
func serveAll(tb testing.TB, others []*grpc.ServiceDesc, srv pb.TestServiceServer, opts ...grpc.ServerOption) *bufconn.Listener {
	tb.Helper()
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer(opts...)
	pb.RegisterTestServiceServer(server, srv)
	for _, other := range others {
		server.RegisterService(other, srv)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	tb.Cleanup(func() {
		server.Stop()
		if err := <-done; err != nil {
			tb.Errorf("serve: %v", err)
		}
	})
	return listener
}

// dial connects with the client interceptors and these options.
func dial(tb testing.TB, listener *bufconn.Listener, opts ...interceptor.ClientOption) pb.TestServiceClient {
	tb.Helper()
	return dialWith(tb, listener,
		grpc.WithChainUnaryInterceptor(interceptor.UnaryClientInterceptor(opts...)),
		grpc.WithChainStreamInterceptor(interceptor.StreamClientInterceptor(opts...)))
}

func dialWith(tb testing.TB, listener *bufconn.Listener, opts ...grpc.DialOption) pb.TestServiceClient {
	tb.Helper()
	return pb.NewTestServiceClient(connect(tb, listener, opts...))
}

func connect(tb testing.TB, listener *bufconn.Listener, opts ...grpc.DialOption) *grpc.ClientConn {
	tb.Helper()
	conn, err := grpc.NewClient("passthrough:///bufconn", append([]grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
	}, opts...)...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	return conn
}

// each runs a test for each kind of RPC.
func each(t *testing.T, test func(t *testing.T, call func(context.Context, pb.TestServiceClient, ...grpc.CallOption) error)) {
	t.Helper()
	for kind, call := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			test(t, call)
		})
	}
}
