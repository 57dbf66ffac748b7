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

// Mask is what a server tells of an error that it does not explain: one that a
// public boundary hides, or one without a code.
type Mask struct {
	id, message string
	retry       Retry
}

// Masked returns the first masked error in err's tree: a failed status with a
// RequestInfo and without an ErrorInfo. It needs no client interceptor.
func Masked(err error) (Mask, bool) {
	var mask Mask
	message, ok := findStatus(err, func(message *spb.Status) bool {
		return wire.Has(message, wire.RequestInfo) && !wire.Has(message, wire.ErrorInfo)
	})
	if !ok {
		return mask, false
	}
	mask.id = requestID(message)
	mask.message = localizedMessage(message)
	mask.retry.Delay, ok = wire.RetryDelay(message)
	switch {
	case !ok || message.GetCode() != int32(codes.Unavailable):
	case mask.retry.Delay <= table.MaxMoment:
		mask.retry.Action = codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST
	default:
		mask.retry.Action = codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW
	}
	return mask, true
}

// RequestID returns the id under which the operator finds the failure in the
// logs: that of the first RequestInfo in err's tree, "" if there is none.
// Masked errors and those without a code have one.
func RequestID(err error) string {
	message, _ := findStatus(err, func(message *spb.Status) bool { return wire.Has(message, wire.RequestInfo) })
	return requestID(message)
}

// RequestID is the id under which the operator finds the failure in the logs.
func (m Mask) RequestID() string { return m.id }

// Retry is advice on repeating the call: RETRY_ACTION_SAME_REQUEST after a delay
// of at most a minute, RETRY_ACTION_NEXT_WINDOW after a longer one, and
// RETRY_ACTION_UNSPECIFIED, which forbids it, where time alone does not help.
func (m Mask) Retry() Retry { return m.retry }

// UserMessage is the neutral sentence that the server sent for the end user, in
// the language that the call asked for; "" if it sent none.
func (m Mask) UserMessage() string { return m.message }

func requestID(message *spb.Status) string {
	var request errdetails.RequestInfo
	wire.Find(message, &request)
	return request.GetRequestId()
}

// localizedMessage is the text of the first LocalizedMessage, "" if there is
// none.
func localizedMessage(message *spb.Status) string {
	var localized errdetails.LocalizedMessage
	wire.Find(message, &localized)
	return localized.GetMessage()
}

// findStatus returns the first failed status in err's tree that accept takes.
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
