package interceptor

import (
	"context"
	"errors"

	"google.golang.org/grpc/status"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// client implements the client interceptors.
type client struct{ clientConfig }

// receive decodes an error and calls the observers. Every error of a client
// goes through it.
func (c *client) receive(ctx context.Context, err error, info call) error {
	received := decode(err)
	if len(c.observers) == 0 {
		return received
	}
	c.observe(ctx, receivedEvent(err, received, info)) // the code is returned even if an observer panics
	return received
}

// receivedEvent returns the event of an error that a client received.
func receivedEvent(err, received error, info call) Event {
	event := Event{Meta: info.meta(), Origin: err, CorrelationID: codetable.RequestID(err)}
	event.Err, _ = errors.AsType[*codetable.Error](received)
	switch st, ok := status.FromError(err); {
	case event.Err != nil:
		event.Status = event.Err.GRPCStatus()
	case ok:
		event.Status = st
		_, event.Masked = codetable.Masked(err)
	default:
		event.Status = status.FromContextError(err)
	}
	return event
}

// decode returns the *codetable.Error of a code. Another error with a status is
// marked as received. An error that another interceptor has already decoded
// stays unchanged.
func decode(err error) error {
	if _, ok := errors.AsType[*codetable.Error](err); ok {
		return err
	}
	if _, ok := errors.AsType[*receivedError](err); ok {
		return err
	}
	if e, ok := codetable.FromError(err); ok {
		return e
	}
	if st, ok := status.FromError(err); ok {
		return &receivedError{err, st}
	}
	return err
}

// Retriable reports whether the same request may be sent again, for
// retry.WithRetriable of go-grpc-middleware. It agrees with gRPC's own retry
// under the pushback of the server interceptors: it returns true for a code
// with the action RETRY_ACTION_SAME_REQUEST, and for a masked error whose
// [codetable.Mask] has this action. It returns false for any other Unavailable,
// because the call may have used a single-use token.
//
// The retry of go-grpc-middleware waits by its own backoff. Configure a backoff
// that is not shorter than the delays of the table.
func Retriable(err error) bool {
	const same = codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST
	if e, ok := codetable.FromError(err); ok {
		return e.Retry().Action == same
	}
	mask, ok := codetable.Masked(err)
	return ok && mask.Retry().Action == same
}
