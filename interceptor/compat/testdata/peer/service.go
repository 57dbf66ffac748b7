package main

import (
	"context"
	"errors"
	"io"
	"strconv"

	"google.golang.org/grpc"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// service fails as the caller asks.
type service struct {
	pb.UnimplementedTestServiceServer
	fail func(ctx context.Context, number int32) error
}

func (s service) failure(ctx context.Context) error {
	number, err := strconv.ParseInt(metadata.ValueFromIncomingContext(ctx, "number")[0], 10, 32)
	if err != nil {
		return err
	}
	return s.fail(ctx, int32(number))
}

// failure returns an error of the library.
func failure(_ context.Context, number int32) error {
	if number == bare {
		return errors.New("a secret")
	}
	return codetable.NewError(jverificationv1.ResponseCode(number), codetable.WithMetadata("id", "117270465679982593"))
}

func (s service) UnaryCall(ctx context.Context, _ *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	return &pb.SimpleResponse{}, s.failure(ctx)
}

func (s service) StreamingOutputCall(_ *pb.StreamingOutputCallRequest, stream grpc.ServerStreamingServer[pb.StreamingOutputCallResponse]) error {
	return s.failure(stream.Context())
}

func (s service) StreamingInputCall(stream grpc.ClientStreamingServer[pb.StreamingInputCallRequest, pb.StreamingInputCallResponse]) error {
	for {
		if _, err := stream.Recv(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
	}
	if err := s.failure(stream.Context()); err != nil {
		return err
	}
	return stream.SendAndClose(&pb.StreamingInputCallResponse{})
}

// FullDuplexCall sends a message for each message, and fails after the last one.
func (s service) FullDuplexCall(stream grpc.BidiStreamingServer[pb.StreamingOutputCallRequest, pb.StreamingOutputCallResponse]) error {
	for {
		if _, err := stream.Recv(); errors.Is(err, io.EOF) {
			return s.failure(stream.Context())
		} else if err != nil {
			return err
		}
		if err := stream.Send(&pb.StreamingOutputCallResponse{}); err != nil {
			return err
		}
	}
}

// kinds contains a call of each kind of RPC. A bidirectional stream ends before
// or after a message.
var kinds = map[string]func(context.Context, pb.TestServiceClient, ...grpc.CallOption) error{
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
		if err := stream.Send(&pb.StreamingInputCallRequest{}); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		_, err = stream.CloseAndRecv()
		return err
	},
	"bidi stream": func(ctx context.Context, client pb.TestServiceClient, opts ...grpc.CallOption) error {
		return duplex(ctx, client, 0, opts...)
	},
	"bidi stream after messages": func(ctx context.Context, client pb.TestServiceClient, opts ...grpc.CallOption) error {
		return duplex(ctx, client, 2, opts...)
	},
}

func duplex(ctx context.Context, client pb.TestServiceClient, messages int, opts ...grpc.CallOption) error {
	stream, err := client.FullDuplexCall(ctx, opts...)
	for range messages {
		if err == nil {
			err = stream.Send(&pb.StreamingOutputCallRequest{})
		}
	}
	if err == nil {
		err = stream.CloseSend()
	}
	for err == nil {
		_, err = stream.Recv()
	}
	return endOf(err)
}

func endOf(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
