package soak

import (
	"context"
	"errors"
	"io"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"

	"github.com/codetable/grpc-codetable/examples/soak/internal/plan"
	"github.com/codetable/grpc-codetable/examples/soak/internal/system"
)

// hangs is the time after which a call that nothing ended counts as a fault.
const hangs = time.Minute

// client has a connection for each route, and a flaky one.
type client struct {
	calm, flaky [plan.Routes]*grpc.ClientConn
	raw         [plan.Routes]*raw
}

// dial connects a client. Without decoding it has no client interceptors, so that
// it reads codes from plain statuses.
func dial(s *system.System, decoding bool) (*client, error) {
	c := &client{}
	for route := range plan.Route(plan.Routes) {
		var err error
		if c.calm[route], err = s.Dial(route, false, decoding); err != nil {
			return nil, errors.Join(err, c.close())
		}
		if route == plan.Hostile {
			continue
		}
		c.raw[route] = newRaw(s, route)
		if c.flaky[route], err = s.Dial(route, true, decoding); err != nil {
			return nil, errors.Join(err, c.close())
		}
	}
	return c, nil
}

func (c *client) close() error {
	for _, r := range c.raw {
		if r != nil {
			r.CloseIdleConnections()
		}
	}
	var errs []error
	for _, conns := range [][plan.Routes]*grpc.ClientConn{c.calm, c.flaky} {
		for _, conn := range conns {
			if conn != nil {
				errs = append(errs, conn.Close())
			}
		}
	}
	return errors.Join(errs...)
}

// call makes the call of a plan, and returns how it ended.
func (c *client) call(p plan.Plan) error {
	ctx, cancel := context.WithTimeout(context.Background(), hangs)
	defer cancel()
	if p.Deadline > 0 {
		var release func()
		ctx, release = context.WithTimeout(ctx, p.Deadline)
		defer release()
	}
	if p.CancelAfter > 0 {
		defer time.AfterFunc(p.CancelAfter, cancel).Stop()
	}
	if p.Raw {
		return c.raw[p.Route].call(ctx, p)
	}
	ctx = metadata.NewOutgoingContext(ctx, metadata.MD{
		system.CallKey: {strconv.FormatUint(p.ID, 10)}, "accept-language": p.Languages,
	})
	conn := c.calm[p.Route]
	if p.Flaky {
		conn = c.flaky[p.Route]
	}
	var opts []grpc.CallOption
	if p.Garbage {
		opts = append(opts, grpc.ForceCodecV2(garbage{encoding.GetCodecV2(proto.Name)}))
	}
	leave := func() {
		if p.Leave {
			cancel()
		}
	}
	return kinds[p.Kind](ctx, pb.NewTestServiceClient(conn), p, leave, opts)
}

// garbage is a codec that sends bytes that are no message.
type garbage struct{ encoding.CodecV2 }

func (garbage) Marshal(any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer("\xff\xff\xff")}, nil
}

// kinds contains a call of each kind. A call calls leave after the first message.
var kinds = [plan.Kinds]func(context.Context, pb.TestServiceClient, plan.Plan, func(), []grpc.CallOption) error{
	plan.Unary: func(ctx context.Context, c pb.TestServiceClient, p plan.Plan, _ func(), opts []grpc.CallOption) error {
		_, err := c.UnaryCall(ctx, &pb.SimpleRequest{Payload: payload(p)}, opts...)
		return err
	},
	plan.ServerStream: func(ctx context.Context, c pb.TestServiceClient, p plan.Plan, leave func(), opts []grpc.CallOption) error {
		stream, err := c.StreamingOutputCall(ctx, &pb.StreamingOutputCallRequest{Payload: payload(p)}, opts...)
		if err != nil {
			return err
		}
		return drain(stream, leave)
	},
	plan.ClientStream: func(ctx context.Context, c pb.TestServiceClient, p plan.Plan, leave func(), opts []grpc.CallOption) error {
		stream, err := c.StreamingInputCall(ctx, opts...)
		if err != nil {
			return err
		}
		for range p.Messages {
			if stream.Send(&pb.StreamingInputCallRequest{Payload: payload(p)}) != nil {
				break // CloseAndRecv has the error
			}
			leave()
		}
		_, err = stream.CloseAndRecv()
		return err
	},
	plan.BidiStream: func(ctx context.Context, c pb.TestServiceClient, p plan.Plan, leave func(), opts []grpc.CallOption) error {
		stream, err := c.FullDuplexCall(ctx, opts...)
		if err != nil {
			return err
		}
		for range p.Messages {
			if stream.Send(&pb.StreamingOutputCallRequest{Payload: payload(p)}) != nil {
				break // Recv has the error
			}
		}
		if err := stream.CloseSend(); err != nil {
			return err
		}
		return drain(stream, leave)
	},
}

// drain reads messages until the stream ends.
func drain(stream interface {
	Recv() (*pb.StreamingOutputCallResponse, error)
}, leave func(),
) error {
	for {
		switch _, err := stream.Recv(); {
		case err == io.EOF: //nolint:errorlint // the interceptors must return io.EOF itself
			return nil
		case err != nil:
			return err
		}
		leave()
	}
}

func payload(p plan.Plan) *pb.Payload { return &pb.Payload{Body: make([]byte, p.Payload)} }
