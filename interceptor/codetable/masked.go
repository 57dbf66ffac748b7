package codetable

import (
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/internal/errtree"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

// Mask is the part of a hidden error that a client can read. A public boundary
// hides errors, and any server hides errors that have neither a code nor a
// status.
type Mask struct {
	id, message string
	retry       Retry
}

// Masked returns the first masked error in err's tree: a failed status with a
// RequestInfo and without an ErrorInfo. It works without a client interceptor.
func Masked(err error) (Mask, bool) {
	var mask Mask
	message, ok := findStatus(err, func(message *spb.Status) bool {
		return wire.Has(message, wire.RequestInfo) && !wire.Has(message, wire.ErrorInfo)
	})
	if !ok {
		return mask, false
	}
	mask.id = requestID(message)
	mask.message = localizedMessage(message).GetMessage()
	mask.retry.Delay, ok = wire.RetryDelay(message)
	switch {
	case !ok || message.GetCode() != int32(codes.Unavailable):
	case mask.retry.Delay <= table.MaxSameRequestDelay:
		mask.retry.Action = codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST
	default:
		mask.retry.Action = codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW
	}
	return mask, true
}

// RequestID returns the request id of the first RequestInfo in err's tree, or
// "" if there is none. The operator finds the failure in the logs by this id.
// Masked errors and errors without a code have one.
func RequestID(err error) string {
	message, _ := findStatus(err, func(message *spb.Status) bool { return wire.Has(message, wire.RequestInfo) })
	return requestID(message)
}

// RequestID returns the id by which the operator finds the failure in the logs.
func (m Mask) RequestID() string { return m.id }

// Retry returns the advice on repeating the call. The action is
// RETRY_ACTION_SAME_REQUEST for a delay of at most one minute, and
// RETRY_ACTION_NEXT_WINDOW for a longer delay. Otherwise it is
// RETRY_ACTION_UNSPECIFIED: do not repeat the call.
func (m Mask) Retry() Retry { return m.retry }

// UserMessage returns the neutral sentence that the server sent for the end
// user, in the language of the call, or "" if the server sent none.
func (m Mask) UserMessage() string { return m.message }

func requestID(message *spb.Status) string {
	var request errdetails.RequestInfo
	wire.Find(message, &request)
	return request.GetRequestId()
}

// localizedMessage returns the first LocalizedMessage, or an empty one if there
// is none.
func localizedMessage(message *spb.Status) *errdetails.LocalizedMessage {
	localized := &errdetails.LocalizedMessage{}
	wire.Find(message, localized)
	return localized
}

// findStatus returns the first failed status in err's tree for which accept
// returns true.
func findStatus(err error, accept func(*spb.Status) bool) (found *spb.Status, ok bool) {
	errtree.Walk(err, func(node error) bool {
		holder, is := errtree.As[statusHolder](node)
		if !is {
			return true
		}
		message := holder.GRPCStatus().Proto()
		if ok = message.GetCode() != int32(codes.OK) && accept(message); ok {
			found = message
		}
		return !ok
	})
	return found, ok
}
