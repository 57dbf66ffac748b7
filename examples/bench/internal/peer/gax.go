package peer

import (
	"errors"

	"github.com/googleapis/gax-go/v2/apierror"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
)

// gaxPeer is what the clients of Google's APIs use.
func gaxPeer() Peer {
	return Peer{
		Name:       "gax apierror",
		Module:     "github.com/googleapis/gax-go/v2",
		LeavesOut:  "It has only a client side: the server uses status.WithDetails. Its own retries (OnCodes, OnErrorFunc) are rules that the caller writes.",
		NoBoundary: noBoundary,
		NoLanguage: noLanguage,
		NoPushback: noPushback,
		FailureOf:  detailsFailure,
		Encode:     convert,
		Decode: func(received error) (int32, bool) {
			if e, ok := asAPIError(received); ok {
				return number(e.Metadata())
			}
			return 0, false
		},
		Read: readGax,
		Start: func(service Service, options Options) (Client, func(), error) {
			client := []grpc.DialOption{grpc.WithUnaryInterceptor(receiving(gaxReceive))}
			return startGRPC(service, options, nil, client)
		},
	}
}

// gaxReceive does what gax.Invoke does with the error of a call.
func gaxReceive(err error) error {
	if e, ok := apierror.FromError(err); ok {
		return e
	}
	return err
}

func asAPIError(err error) (*apierror.APIError, bool) {
	if e, ok := errors.AsType[*apierror.APIError](err); ok {
		return e, true
	}
	return apierror.FromError(err)
}

func readGax(err error) Facts {
	e, ok := asAPIError(err)
	if !ok {
		return Facts{Text: err.Error()}
	}
	facts := Facts{GRPC: status.Code(e), Domain: e.Domain(), Reason: e.Reason(), Text: e.Message()}
	facts.setMetadata(e.Metadata())
	details := e.Details()
	facts.Delay = details.RetryInfo.GetRetryDelay().AsDuration()
	for _, violation := range details.QuotaFailure.GetViolations() {
		facts.Quota = violation.GetSubject()
	}
	facts.Language, facts.Sentence = details.LocalizedMessage.GetLocale(), details.LocalizedMessage.GetMessage()
	facts.Unlinked = fromStatus(e.GRPCStatus()).Unlinked
	return facts
}
