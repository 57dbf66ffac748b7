package connectcodetable_test

import (
	"context"
	"net"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// hop is a gRPC server that returns the error of another call.
type hop struct {
	pb.UnimplementedTestServiceServer

	call func(context.Context) error
}

func (h hop) UnaryCall(ctx context.Context, _ *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	return &pb.SimpleResponse{}, h.call(ctx)
}

// serveGRPC starts a server of grpc-go and returns its address.
func serveGRPC(t *testing.T, h hop, opts ...interceptor.ServerOption) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.ChainUnaryInterceptor(interceptor.UnaryServerInterceptor(opts...)))
	pb.RegisterTestServiceServer(server, h)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return listener.Addr().String()
}

// Connect -> gRPC -> Connect: every server returns the error of the next one.
// The first one makes it, and the caller gets the same status.
func TestHops(t *testing.T) {
	t.Parallel()
	unknown := &anypb.Any{TypeUrl: "type.googleapis.com/shop.Receipt", Value: []byte{8, 150, 1, 255}}
	plain := status.New(codes.NotFound, "no such number").Proto()
	plain.Details = append(plain.Details, unknown)
	errs := map[string]error{
		"a code":       codetable.NewError(qpsLimit, codetable.WithMetadata("attempt", "2"), codetable.WithDetail(unknown)),
		"not listed":   codetable.NewError[responseCode](424242, codetable.WithMessage("…")),
		"without code": status.FromProto(plain).Err(),
	}
	each(t, func(t *testing.T, _ string, call func(context.Context, string, ...connect.ClientOption) error) {
		for name, failure := range errs {
			first := serve(t, intercept(answering(failure)))
			second := dial(t, serveGRPC(t, hop{call: func(ctx context.Context) error { return call(ctx, first, decoding()) }}),
				grpc.WithUnaryInterceptor(interceptor.UnaryClientInterceptor()))
			third := serve(t, intercept(&service{answer: func(ctx context.Context) error {
				_, err := pb.NewTestServiceClient(second).UnaryCall(ctx, &pb.SimpleRequest{})
				return err
			}}))
			err := call(t.Context(), third, decoding())
			want := translated(t, failure).Status.Proto()
			if diff := cmp.Diff(want, status.Convert(err).Proto(), protocmp.Transform()); diff != "" {
				t.Errorf("%s: the status changed (-sent +received):\n%s", name, diff)
			}
		}
	})
}

// A public gRPC server masks what it got over Connect.
func TestMarkReachesGRPC(t *testing.T) {
	t.Parallel()
	upstream := serve(t, answering(connect.NewError(connect.CodeNotFound, errSecret)).handler())
	each(t, func(t *testing.T, _ string, call func(context.Context, string, ...connect.ClientOption) error) {
		address := serveGRPC(t, hop{call: func(ctx context.Context) error { return call(ctx, upstream, decoding()) }}, interceptor.WithPublicBoundary())
		_, err := pb.NewTestServiceClient(dial(t, address)).UnaryCall(t.Context(), &pb.SimpleRequest{})
		if _, masked := codetable.Masked(err); !masked || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v, want a mask", err)
		}
	})
}
