package bench_test

import (
	"context"
	"errors"
	"flag"
	"slices"
	"strings"
	"testing"

	"connectrpc.com/connect"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/codetable/grpc-codetable/examples/bench/internal/peer"
	"github.com/codetable/grpc-codetable/examples/bench/internal/report"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// reverse is set in each second round of make bench-peers, so that no peer is always the first.
var reverse = flag.Bool("reverse", false, "measure the peers in the reverse order")

// code has a delay and a standard detail beside ErrorInfo.
const code = jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT

// idKey and id are what a failure adds to the facts of the table.
const (
	idKey = "id"
	id    = "117270465679982592"
)

// A work is what one peer does in the benchmarks.
type work struct {
	peer.Peer

	failures []failure
}

// A failure makes the error that a handler returns.
type failure struct {
	kind string // in the names of benchmarks
	new  func() error
}

// The kinds of failures. A library can make the status of a static one in
// advance.
const (
	success      = "ok"
	static       = "static"
	withMetadata = "metadata"
)

// succeed is the failure of a handler that does not fail.
func succeed() error { return nil }

// works returns the work of each peer, and that of a handler that keeps its
// status.
func works() []work {
	facts := peer.FactsOf(code)
	facts.Metadata = map[string]string{idKey: id}
	var list []work
	for _, p := range peer.All() {
		w := work{p, []failure{
			{static, func() error { return p.Failure(code) }},
			{withMetadata, func() error { return p.FailureOf(facts) }},
		}}
		if strings.Contains(p.Name, report.Codetable) {
			// FailureOf looks for what differs from the table. A handler states it.
			w.failures[1].new = func() error { return codetable.NewError(code, codetable.WithMetadata(idKey, id)) }
		}
		list = append(list, w)
		if p.Name == report.Base {
			kept := p.Failure(code)
			p.Name = report.Kept
			list = append(list, work{p, []failure{{static, func() error { return kept }}}})
		}
	}
	if *reverse {
		slices.Reverse(list)
	}
	return list
}

// received returns the failure as a client gets it: from the bytes of its
// status, or, for the clients of connect-go, from a call.
func (w work) received(tb testing.TB) error {
	tb.Helper()
	failure := w.failures[len(w.failures)-1].new
	if strings.HasPrefix(w.Name, "connect-go") {
		client := w.start(tb, peer.Options{}, failure)
		_, err := client.Unary(tb.Context(), &peer.Request{})
		if e, ok := errors.AsType[*connect.Error](err); ok {
			return e // without what an interceptor of the client made of it
		}
		return err
	}
	sent := &spb.Status{}
	if err := proto.Unmarshal(encoded(tb, w.Encode(tb.Context(), failure())), sent); err != nil {
		tb.Fatal(err)
	}
	return status.FromProto(sent).Err()
}

// encoded returns the bytes of grpc-status-details-bin.
func encoded(tb testing.TB, st *status.Status) []byte {
	tb.Helper()
	raw, err := proto.Marshal(st.Proto())
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

// start starts a server whose handler returns what failure returns, and a
// client of it.
func (w work) start(tb testing.TB, options peer.Options, failure func() error) peer.Client {
	tb.Helper()
	client, stop, err := w.Start(peer.Service{
		Unary: func(context.Context, *peer.Request) (*peer.Response, error) {
			if err := failure(); err != nil {
				return nil, err
			}
			return &peer.Response{}, nil
		},
	}, options)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(stop)
	return client
}

// call calls the method and reads the number of a failure, as a client does
// that has to know it.
func (w work) call(ctx context.Context, client peer.Client) (number int32, failed, ok bool) {
	_, err := client.Unary(ctx, &peer.Request{})
	if err == nil {
		return 0, false, true
	}
	number, ok = w.Decode(err)
	return number, true, ok
}
