// Package peer has libraries that carry errors across gRPC, each used in the way that its own
// documentation shows. All of them do the same work: they send the facts of a response code.
// What a library can't do is in LeavesOut.
package peer

import (
	"context"
	"errors"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// Code is a response code of JiGuang JVerification.
type Code = jverificationv1.ResponseCode

// A Peer is one library.
type Peer struct {
	// Name is the name in tables.
	Name string
	// Module is the path of the Go module. go.mod has its version.
	Module string
	// LeavesOut says which part of the work the library can't do, or does in another form. It
	// is empty if the library does all.
	LeavesOut string
	// NoBoundary, NoLanguage, NoRetry and NoPushback say why the library has no notion of a public
	// boundary, of the caller's language, of a retry by the client, or of a server's advice that
	// such a retry obeys. They are empty if it has one.
	NoBoundary, NoLanguage, NoRetry, NoPushback string

	// Failure returns what a handler returns for a code of the table.
	Failure func(Code) error
	// FailureOf is Failure with facts that the table does not have, such as another text.
	FailureOf func(*Facts) error
	// WithCause returns err with a cause that is for the log of the server. It is nil if the
	// library has no function for it.
	WithCause func(err, cause error) error
	// WithDetail returns what a handler returns to send one more detail with err. Peers without
	// such a function return the status that a later version of the server would send.
	WithDetail func(err error, detail *anypb.Any) error
	// Encode returns the status that a server sends for the error of a handler. It is nil if
	// the library encodes errors only inside of its server.
	Encode func(ctx context.Context, err error) *status.Status
	// Decode reads the number of the code from an error as grpc-go, or the client of connect-go,
	// returns it. It does what a client of the library does on each failure.
	Decode func(received error) (number int32, ok bool)
	// Read returns all facts that a client of the library has of an error. It takes the errors of
	// Decode, and those of the clients that Start returns.
	Read func(err error) Facts
	// Is reports whether a client finds an error of Go in the error of a call. If a library has no
	// function for it, Is is errors.Is.
	Is func(received, target error) bool
	// Start starts a server on the loopback interface, and returns a client with a connection of
	// its own. The caller calls stop.
	Start func(Service, Options) (client Client, stop func(), err error)
}

// All returns all peers, codetable first.
func All() []Peer {
	peers := []Peer{
		codetablePeer(), detailsPeer(), kratosPeer(), gaxPeer(), temporalPeer(), cockroachPeer(), containerdPeer(),
		connectPeer("connect-go, gRPC protocol", overGRPC, false),
		connectPeer("connect-go, Connect protocol", overConnect, false),
		connectPeer("connect-go with codetable", overGRPC, true),
	}
	for i := range peers {
		if peers[i].Failure == nil {
			peers[i].Failure = failure(peers[i].FailureOf)
		}
		if peers[i].WithDetail == nil {
			peers[i].WithDetail = withDetail(peers[i].Encode)
		}
		if peers[i].Is == nil {
			peers[i].Is = errors.Is
		}
	}
	return peers
}

// failure returns a function that finds the facts of a code in a map, as a handler that is
// written by hand has them at hand.
func failure(of func(*Facts) error) func(Code) error {
	facts := map[Code]*Facts{}
	for code := range codetable.All[Code]() {
		facts[code] = FactsOf(code)
	}
	return func(code Code) error { return of(facts[code]) }
}

// withDetail returns a function that adds a detail to an encoded status.
func withDetail(encode func(context.Context, error) *status.Status) func(error, *anypb.Any) error {
	return func(err error, detail *anypb.Any) error {
		sent := encode(context.Background(), err).Proto()
		sent.Details = append(sent.Details, detail)
		return status.ErrorProto(sent)
	}
}
