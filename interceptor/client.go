package interceptor

import (
	"context"
	"errors"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/errtree"
)

// client is the configuration of a client interceptor, and its mapping.
type client struct{ common }

// receive is the one way in: it decodes an error and observes it.
func (c *client) receive(ctx context.Context, err error, info call) error {
	decoded := decode(err)
	if len(c.observers) == 0 {
		return decoded
	}
	event := Event{Meta: info.meta(), Origin: err}
	event.Err, _ = errors.AsType[*codetable.Error](decoded)
	if holder, ok := errtree.Find(decoded, failed); ok {
		event.Status = holder.GRPCStatus()
		event.CorrelationID = requestID(event.Status)
	} else {
		event.Status = status.FromContextError(err)
	}
	c.observe(ctx, event)
	return decoded
}

// decode returns err itself if there is nothing to decode, or if that has been
// done.
func decode(err error) error {
	if _, done := errors.AsType[*codetable.Error](err); done {
		return err
	}
	if e, ok := codetable.FromError(err); ok {
		return e
	}
	return err
}

func requestID(st *status.Status) string {
	for _, detail := range st.Details() {
		if request, ok := detail.(*errdetails.RequestInfo); ok {
			return request.GetRequestId()
		}
	}
	return ""
}

// maxMaskedDelay parts the codes that a public boundary masks as Unavailable:
// a moment, which a retry may wait for, from the end of a calendar window.
const maxMaskedDelay = time.Minute

// Retriable reports whether the same request may be sent again, for
// retry.WithRetriable of go-grpc-middleware. It decides as gRPC's own retry
// does under the pushback of the server interceptors: a code whose action is
// RETRY_ACTION_SAME_REQUEST, or Unavailable with a RetryInfo of at most a
// minute, as a public boundary sends it. It is false for an Unavailable that
// says no more: the call may have spent a single-use token.
//
// That retry waits by its own backoff: give it one that is not shorter than
// the delays of the table.
func Retriable(err error) bool {
	if e, ok := codetable.FromError(err); ok {
		return e.Retry().Action == codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST
	}
	holder, ok := errtree.Find(err, failed)
	if !ok || holder.GRPCStatus().Code() != codes.Unavailable {
		return false
	}
	for _, detail := range holder.GRPCStatus().Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok {
			return retry.GetRetryDelay().AsDuration() <= maxMaskedDelay
		}
	}
	return false
}
