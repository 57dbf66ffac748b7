package peer

import (
	"google.golang.org/grpc/status"
)

const (
	noPushback = "no notion of pushback: the handler has to set the trailer grpc-retry-pushback-ms for each code"
	noBoundary = "no notion of a boundary: the handler has to choose what strangers see"
	noLanguage = "no notion of a language: the handler has to read accept-language and choose the sentence"
)

// detailsPeer is grpc-go alone, with the standard details of google.rpc.
func detailsPeer() Peer {
	return Peer{
		Name:       "status.WithDetails",
		Module:     "google.golang.org/grpc",
		LeavesOut:  "nothing that a handler can't do itself: it would have to hide texts, choose sentences, and set the trailer grpc-retry-pushback-ms",
		NoBoundary: noBoundary,
		NoLanguage: noLanguage,
		NoPushback: noPushback,
		FailureOf:  detailsFailure,
		Encode:     convert,
		Decode:     func(received error) (int32, bool) { return numberIn(status.Convert(received)) },
		Read:       func(err error) Facts { return fromStatus(status.Convert(err)) },
		Start: func(service Service, options Options) (Client, func(), error) {
			return startGRPC(service, options, nil, nil)
		},
	}
}

// detailsFailure sends the status without details if they can't be added, as the documentation of
// WithDetails shows.
func detailsFailure(facts *Facts) error { return withDetails(facts).Err() }

func withDetails(facts *Facts) *status.Status {
	st := status.New(facts.GRPC, facts.Text)
	if detailed, err := st.WithDetails(facts.details()...); err == nil {
		return detailed
	}
	return st
}
