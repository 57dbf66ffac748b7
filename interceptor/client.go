package interceptor

import (
	"context"
	"errors"

	"google.golang.org/grpc/status"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// client is what the client interceptors are made of.
type client struct{ clientConfig }

// receive is the one way in: it decodes an error and tells the observers.
func (c *client) receive(ctx context.Context, err error, info call) error {
	received := decode(err)
	if len(c.observers) == 0 {
		return received
	}
	event := Event{Meta: info.meta(), Origin: err, CorrelationID: codetable.RequestID(err)}
	event.Err, _ = errors.AsType[*codetable.Error](received)
	switch st, ok := status.FromError(err); {
	case event.Err != nil:
		event.Status = event.Err.GRPCStatus()
	case ok:
		event.Status = st
	default:
		event.Status = status.FromContextError(err)
	}
	c.observe(ctx, event) // a panic of an observer loses no code
	return received
}

// decode returns the error of a code, or else marks an error with a status as
// received. What another interceptor has decoded stays as it is.
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
// retry.WithRetriable of go-grpc-middleware. It decides as gRPC's own retry
// does under the pushback of the server interceptors: a code whose action is
// RETRY_ACTION_SAME_REQUEST, or a masked error whose [codetable.Mask] says so.
// It is false for an Unavailable that says no more: the call may have spent a
// single-use token.
//
// That retry waits by its own backoff: give it one that is not shorter than
// the delays of the table.
func Retriable(err error) bool {
	const same = codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST
	if e, ok := codetable.FromError(err); ok {
		return e.Retry().Action == same
	}
	mask, ok := codetable.Masked(err)
	return ok && mask.Retry().Action == same
}
