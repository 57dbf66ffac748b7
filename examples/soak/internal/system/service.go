package system

import (
	"context"
	"io"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/soak/internal/plan"
)

// CallKey is the header with the number of a call.
const CallKey = "soak-call"

// service answers each call as its plan says.
type service struct {
	pb.UnimplementedTestServiceServer
	planOf func(context.Context) (plan.Plan, error)
	sent   func(id uint64)
}

// planner returns a function that returns the plan of a call on a server.
func planner(seed uint64) func(context.Context) (plan.Plan, error) {
	return func(ctx context.Context) (plan.Plan, error) {
		md, _ := metadata.FromIncomingContext(ctx)
		for _, value := range md.Get(CallKey) {
			if id, err := strconv.ParseUint(value, 10, 64); err == nil {
				return plan.Of(seed, id), nil
			}
		}
		return plan.Plan{}, status.Error(codes.InvalidArgument, "no call")
	}
}

// end returns the error of the call, and notes that a code was sent.
func (s *service) end(p plan.Plan) error {
	if p.Failure.Make == nil {
		return nil
	}
	err := p.Failure.Make()
	if p.Failure.Coded {
		s.sent(p.ID)
	}
	return err
}

func (s *service) UnaryCall(ctx context.Context, _ *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	p, err := s.planOf(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.end(p); err != nil {
		return nil, err
	}
	return &pb.SimpleResponse{Payload: payload(p)}, nil
}

func (s *service) StreamingOutputCall(_ *pb.StreamingOutputCallRequest, stream grpc.ServerStreamingServer[pb.StreamingOutputCallResponse]) error {
	p, err := s.planOf(stream.Context())
	if err != nil {
		return err
	}
	return s.sendAll(p, stream)
}

func (s *service) sendAll(p plan.Plan, stream interface {
	Send(*pb.StreamingOutputCallResponse) error
},
) error {
	for range p.Messages {
		if err := stream.Send(&pb.StreamingOutputCallResponse{Payload: payload(p)}); err != nil {
			return err
		}
	}
	return s.end(p)
}

func (s *service) StreamingInputCall(stream grpc.ClientStreamingServer[pb.StreamingInputCallRequest, pb.StreamingInputCallResponse]) error {
	p, err := s.planOf(stream.Context())
	if err != nil {
		return err
	}
	for {
		if _, err := stream.Recv(); err == io.EOF { //nolint:errorlint // grpc-go returns io.EOF itself
			break
		} else if err != nil {
			return err
		}
	}
	if err := s.end(p); err != nil {
		return err
	}
	return stream.SendAndClose(&pb.StreamingInputCallResponse{})
}

func (s *service) FullDuplexCall(stream grpc.BidiStreamingServer[pb.StreamingOutputCallRequest, pb.StreamingOutputCallResponse]) error {
	p, err := s.planOf(stream.Context())
	if err != nil {
		return err
	}
	if _, err := stream.Recv(); err != nil && err != io.EOF { //nolint:errorlint // grpc-go returns io.EOF itself
		return err
	}
	return s.sendAll(p, stream)
}

func payload(p plan.Plan) *pb.Payload { return &pb.Payload{Body: make([]byte, p.Payload)} }
