package telemetry

import (
	"context"
	"time"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor"
)

// errPanicked is the error of a call that panicked, without an interceptor that
// recovers it. The program may go on: net/http recovers panics.
var errPanicked = status.Error(codes.Internal, "panic")

// call is a call that has begun.
type call struct {
	method *method
	kind   interceptors.GRPCType
	start  time.Time // zero without a logger
	since  uint64    // the failures of the method when it began
}

func (s *side) begin(ctx context.Context, fullMethod string, kind interceptors.GRPCType) call {
	m := s.methods.of(fullMethod)
	c := call{method: m, kind: kind, since: m.standing.failed.Load()}
	m.inFlight.add(ctx, 1)
	if s.logger != nil {
		c.start = time.Now()
	}
	return c
}

// end counts and logs a call. A nil error is a success.
func (s *side) end(ctx context.Context, c call, err error) {
	c.method.inFlight.add(ctx, -1)
	var e interceptor.Event
	if err == nil {
		s.succeeded(ctx, c.method, c.since)
	} else {
		e = interceptor.EventOf(err)
		s.failed(ctx, c.method, e)
	}
	if s.logger != nil {
		s.logCall(ctx, c, err, e)
	}
}

// streamKind names a kind of stream as go-grpc-middleware does.
func streamKind(clientStreams, serverStreams bool) interceptors.GRPCType {
	switch {
	case clientStreams && serverStreams:
		return interceptors.BidiStream
	case clientStreams:
		return interceptors.ClientStream
	default:
		return interceptors.ServerStream
	}
}
