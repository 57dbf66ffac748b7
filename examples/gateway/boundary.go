package gateway

import (
	"errors"

	"google.golang.org/grpc/status"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// The server interceptor guards statuses. What follows guards codes that
// travel in messages, by the same rule: a fault of the operator, or of nobody
// known, is not for the public.

func (g *Gateway) hides(code jverificationv1.ResponseCode) bool {
	spec, _ := codetable.Lookup(code)
	return g.config.PublicBoundary && hidden(spec.Fault())
}

// hidesError asks the error itself, since a reply without a code can be the
// operator's fault as well.
func (g *Gateway) hidesError(err error) bool {
	var blamed interface{ Fault() codetablev1.Fault }
	return g.config.PublicBoundary && errors.As(err, &blamed) && hidden(blamed.Fault())
}

func hidden(fault codetablev1.Fault) bool {
	return fault == codetablev1.Fault_FAULT_OPERATOR || fault == codetablev1.Fault_FAULT_UNSPECIFIED
}

// hiddenCode says no more than whether time alone heals.
func hiddenCode(err error) codetablev1.GrpcCode {
	coded, _ := codetable.FromError(err) // a nil *Error has no advice
	switch coded.Retry().Action {
	case codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST, codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW:
		return codetablev1.GrpcCode_GRPC_CODE_UNAVAILABLE
	default: // somebody has to act
		return codetablev1.GrpcCode_GRPC_CODE_INTERNAL
	}
}

// statusCode is how an error without a response code fails.
func statusCode(err error) codetablev1.GrpcCode {
	return codetablev1.GrpcCode(status.Code(err))
}
