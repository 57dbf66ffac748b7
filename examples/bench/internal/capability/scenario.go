// Package capability runs scenarios with each peer, and compares what a client gets with what the
// server sent.
package capability

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/bench/internal/peer"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// limit is the longest time of one scenario with one peer.
const limit = 20 * time.Second

// The codes that the scenarios send.
const (
	// singleUse needs a new token before the next call. Its status is RESOURCE_EXHAUSTED.
	singleUse = jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_INTERVAL_BELOW_MINIMUM
	// repeatable allows the same request after a delay. Its status is RESOURCE_EXHAUSTED too.
	repeatable = jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT
	// operators is the fault of the operator.
	operators = jverificationv1.ResponseCode_RESPONSE_CODE_APPKEY_NO_MONEY
)

// A Scenario is a row of the table.
type Scenario struct {
	Name string
	// Sent says what the server does, and what a good cell is.
	Sent string
	run  func(context.Context, peer.Peer) (Outcome, error)
}

// Run runs the scenario with a peer.
func (s Scenario) Run(ctx context.Context, p peer.Peer) (Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	outcome, err := s.run(ctx, p)
	if err != nil {
		return Outcome{}, fmt.Errorf("%s with %s: %w", s.Name, p.Name, err)
	}
	return outcome, nil
}

// Scenarios returns all scenarios in the order of the table.
func Scenarios() []Scenario {
	return []Scenario{
		{"plain failure", "The handler returns the failure as the library documents. All other rows send these facts too.", plain},
		{"another status", "The handler returns a failure with the status FAILED_PRECONDITION.", otherStatus},
		{"wrapped cause", "`fmt.Errorf` with `%w` adds a private text to the failure. Only the log of the server may have it.", wrapped},
		{"wrapped text, wanted by a trusted caller", "The same error. Kept: the client gets the text around the failure, without an option.", trusted},
		{"joined error of Go, wanted by a trusted caller", "context.DeadlineExceeded is joined with the failure. " +
			"Kept: errors.Is, or that of the library, finds it in the client.", identity},
		{"errors.Join", "A private error is joined with the failure. Only the log of the server may have its text.", joined},
		{"cause, by the library's own function", "A function of the library attaches a private error to the failure. Only the log of the server may have its text.", caused},
		{"stream error after messages", "The handler sends two messages, and then fails.", streamed},
		{"three hops", "Three servers in a chain: each returns the error of its own call.", hops},
		{"unknown detail", "A status has one more detail, of a type that nobody links. A second server returns the error of its call.", unknownDetail},
		{"unknown code", "The number is not in the table of the client.", unknownCode},
		{"1 MiB metadata", "The failure has a metadata value of 1 MiB, and another call is open on the connection. " +
			"The client accepts 16 MiB of headers, as grpc-go does by default.", hugeToday},
		{"1 MiB metadata, client takes 8 KiB", "The same; the client accepts 8 KiB of headers, as gRPC clients in Java do.", hugeJava},
		{"1 MiB metadata, coming default of grpc-go", "The same; the clients of grpc-go have the default that grpc-go has announced. " +
			"Those of connect-go have that of net/http.", hugeComing},
		{"invalid UTF-8 in the text", "The text of the failure ends with an invalid byte.", invalidText},
		{"operator fault at a public boundary", "The account of the operator is empty. " +
			"Kept: a stranger sees neither code nor text.", publicBoundary},
		{"single-use token under a retry policy", "The service config of the client repeats RESOURCE_EXHAUSTED. " +
			"Kept: the server sees the token once.", singleUseToken},
		{"repeatable request under a retry policy", "The same service config; the request may be repeated. " +
			"Kept: the second attempt succeeds.", repeatableRequest},
		{"accept-language", "The caller prefers zh-CN. Kept: it gets the sentence for end users in this language.", language},
	}
}

// failing returns a service whose methods fail.
func failing(err error) peer.Service {
	return peer.Service{Unary: func(context.Context, *peer.Request) (*peer.Response, error) { return nil, err }}
}

// call makes one call that has to fail, and reads its error. A client sees headers and trailers too.
func call(ctx context.Context, p peer.Peer, service peer.Service, options peer.Options) (Outcome, error) {
	var received metadata.MD
	options.Metadata = &received
	client, stop, err := p.Start(service, options)
	if err != nil {
		return Outcome{}, err
	}
	defer stop()
	_, err = client.Unary(ctx, &peer.Request{})
	outcome, err := read(p, err)
	outcome.Seen += fmt.Sprint(map[string][]string(received)) // the method String of MD hides values
	return outcome, err
}

// read reads the error of a call.
func read(p peer.Peer, err error) (Outcome, error) {
	if err == nil {
		return Outcome{}, errors.New("the call succeeded")
	}
	facts := p.Read(err)
	seen := fmt.Sprintf("%v\n%+v\n%v\n%+v", err, err, status.Convert(err).Proto(), facts)
	return Outcome{Arrived: facts, Seen: strings.ToValidUTF8(seen, "")}, nil
}

// sent is call with the facts of the failure.
func sent(ctx context.Context, p peer.Peer, facts *peer.Facts, err error) (Outcome, error) {
	outcome, e := call(ctx, p, failing(err), peer.Options{})
	outcome.Sent = *facts
	return outcome, e
}
