package peer

import (
	"context"
	"errors"

	"go.temporal.io/api/serviceerror"
	"google.golang.org/grpc/status"
)

// temporalPeer is the error package of Temporal. Its types name the failures of Temporal, but any
// error with a method Status is a ServiceError, as those of Temporal's own server are.
func temporalPeer() Peer {
	return Peer{
		Name:       "temporal serviceerror",
		Module:     "go.temporal.io/api",
		LeavesOut:  "It has no type for codes of others: the facts are standard details of the status that a ServiceError keeps. Its client has no details of UNKNOWN.",
		NoBoundary: noBoundary,
		NoLanguage: noLanguage,
		NoPushback: noPushback,
		FailureOf:  func(facts *Facts) error { return &temporalFailure{facts: facts} },
		Encode:     func(_ context.Context, err error) *status.Status { return serviceerror.ToStatus(err) },
		Decode: func(received error) (int32, bool) {
			st, ok := temporalStatus(received)
			if !ok {
				return 0, false
			}
			return numberIn(st)
		},
		Read: func(err error) Facts {
			st, ok := temporalStatus(err)
			if !ok {
				return Facts{Text: err.Error()}
			}
			return fromStatus(st)
		},
		Start: func(service Service, options Options) (Client, func(), error) {
			server, client := converting(temporalSend, temporalReceive)
			return startGRPC(service, options, server, client)
		},
	}
}

func temporalSend(err error) error { return serviceerror.ToStatus(err).Err() }

// temporalReceive does what the interceptor of Temporal's SDK does with the error of a call.
func temporalReceive(err error) error { return serviceerror.FromStatus(status.Convert(err)) }

// temporalStatus returns the status in an error of the client. FromStatus returns a plain error
// for Unknown, and the error of grpc-go for the codes that it does not support.
func temporalStatus(err error) (*status.Status, bool) {
	if _, received := status.FromError(err); received {
		err = temporalReceive(err)
	}
	if service, ok := errors.AsType[serviceerror.ServiceError](err); ok {
		return service.Status(), true
	}
	return status.FromError(err)
}

// temporalFailure is a serviceerror.ServiceError.
type temporalFailure struct{ facts *Facts }

func (e *temporalFailure) Error() string { return e.facts.Text }

// Status drops the details if they can't be added, as the types of serviceerror do.
func (e *temporalFailure) Status() *status.Status { return withDetails(e.facts) }
