package interceptor

import (
	"crypto/rand"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/rpcdetail"
)

// outgoing is the error that a server interceptor returns. What prints it or
// asks for its status gets what the wire gets, so that no interceptor outside
// can leak the original by wrapping it. Unwrap leads to the original.
type outgoing struct {
	status        *status.Status
	origin        error
	coded         *codetable.Error // nil for an error without a code
	correlationID string
	masked        bool
	shed          []string
	trailer       metadata.MD
}

func (o *outgoing) Error() string              { return o.status.String() }
func (o *outgoing) GRPCStatus() *status.Status { return o.status }
func (o *outgoing) Unwrap() error              { return o.origin }
func (o *outgoing) valid() bool                { return o != nil }

// masked hides a code. The retry advice stays where time alone heals.
func masked(retry codetable.Retry) *outgoing {
	healsByTime := retry.Action == codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST ||
		retry.Action == codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW
	out := opaque(codes.Internal, 0)
	if healsByTime {
		out = opaque(codes.Unavailable, retry.Delay)
	}
	out.masked = true
	return out
}

// opaque says nothing but whether a later retry may help, and under which id
// the operator finds the call.
func opaque(code codes.Code, delay time.Duration) *outgoing {
	id := rand.Text()
	message := &spb.Status{Code: int32(code), Message: "internal error"}
	if code == codes.Unavailable {
		message.Message = "service temporarily unavailable"
		if delay > 0 {
			message.Details = append(message.Details, rpcdetail.Pack(&errdetails.RetryInfo{RetryDelay: durationpb.New(delay)}))
		}
	}
	message.Details = append(message.Details, rpcdetail.Pack(&errdetails.RequestInfo{RequestId: id}))
	return &outgoing{status: status.FromProto(message), correlationID: id}
}

// addLocalized adds the user message, unless the status has one: that of
// another server is sent on as it came.
func addLocalized(message *spb.Status, e *codetable.Error, locale string) bool {
	for _, detail := range message.GetDetails() {
		if detail.MessageName() == rpcdetail.LocalizedMessage {
			return false
		}
	}
	text, tag := e.Spec().UserMessage(locale)
	if text == "" {
		return false
	}
	message.Details = append(message.Details, rpcdetail.Pack(&errdetails.LocalizedMessage{Locale: tag, Message: text}))
	return true
}
