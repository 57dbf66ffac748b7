package system

import (
	"context"
	"fmt"
	"io"

	"google.golang.org/grpc"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"

	"github.com/codetable/grpc-codetable/examples/soak/internal/plan"
)

// relay is a server that calls another one with the client interceptors, and
// returns its errors, wrapped in a secret text.
type relay struct {
	pb.UnimplementedTestServiceServer
	planOf      func(context.Context) (plan.Plan, error)
	calm, flaky pb.TestServiceClient
}

// next returns the client of the other server, and the context of the call.
func (r *relay) next(ctx context.Context) (pb.TestServiceClient, context.Context, error) {
	p, err := r.planOf(ctx)
	if err != nil {
		return nil, nil, err
	}
	md, _ := metadata.FromIncomingContext(ctx)
	onward := metadata.MD{CallKey: md.Get(CallKey)}
	if !p.Raw { // a gRPC client refuses to send what a raw one sent
		onward["accept-language"] = md.Get("accept-language")
	}
	ctx = metadata.NewOutgoingContext(ctx, onward)
	if p.FlakyHop {
		return r.flaky, ctx, nil
	}
	return r.calm, ctx, nil
}

// wrap returns an error of the other server as a handler does.
func wrap(err error) error {
	if err == nil || err == io.EOF { //nolint:errorlint // grpc-go returns io.EOF itself
		return nil
	}
	return fmt.Errorf("%s of the relay: %w", plan.SecretMark, err)
}

func (r *relay) UnaryCall(ctx context.Context, req *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	client, ctx, err := r.next(ctx)
	if err != nil {
		return nil, err
	}
	reply, err := client.UnaryCall(ctx, req)
	return reply, wrap(err)
}

func (r *relay) StreamingOutputCall(req *pb.StreamingOutputCallRequest, stream grpc.ServerStreamingServer[pb.StreamingOutputCallResponse]) error {
	client, ctx, err := r.next(stream.Context())
	if err != nil {
		return err
	}
	onward, err := client.StreamingOutputCall(ctx, req)
	if err != nil {
		return wrap(err)
	}
	return wrap(copyMessages(onward.Recv, stream.Send))
}

func (r *relay) StreamingInputCall(stream grpc.ClientStreamingServer[pb.StreamingInputCallRequest, pb.StreamingInputCallResponse]) error {
	client, ctx, err := r.next(stream.Context())
	if err != nil {
		return err
	}
	onward, err := client.StreamingInputCall(ctx)
	if err != nil {
		return wrap(err)
	}
	// A failed Send returns io.EOF, and CloseAndRecv has the error then.
	if err := copyMessages(stream.Recv, onward.Send); err != nil && err != io.EOF { //nolint:errorlint // grpc-go returns io.EOF itself
		return wrap(err)
	}
	reply, err := onward.CloseAndRecv()
	if err != nil {
		return wrap(err)
	}
	return stream.SendAndClose(reply)
}

func (r *relay) FullDuplexCall(stream grpc.BidiStreamingServer[pb.StreamingOutputCallRequest, pb.StreamingOutputCallResponse]) error {
	client, ctx, err := r.next(stream.Context())
	if err != nil {
		return err
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	onward, err := client.FullDuplexCall(ctx)
	if err != nil {
		return wrap(err)
	}
	go func() {
		// A failed Send returns io.EOF, and Recv has the error then.
		if err := copyMessages(stream.Recv, onward.Send); err != nil && err != io.EOF { //nolint:errorlint // grpc-go returns io.EOF itself
			end(err)
		}
		_ = onward.CloseSend() // Recv has its error too
	}()
	err = copyMessages(onward.Recv, stream.Send)
	if cause := context.Cause(ctx); cause != nil {
		return wrap(cause) // of the caller, whose messages end the other call
	}
	return wrap(err)
}

// copyMessages copies until an error, which is io.EOF at the end.
func copyMessages[M any](recv func() (M, error), send func(M) error) error {
	for {
		message, err := recv()
		if err == io.EOF { //nolint:errorlint // grpc-go returns io.EOF itself
			return nil
		}
		if err != nil {
			return err
		}
		if err := send(message); err != nil {
			return err
		}
	}
}
