package peer

import (
	"context"
	"errors"
	"maps"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// codetablePeer is this library.
func codetablePeer() Peer {
	translator := interceptor.NewTranslator()
	return Peer{
		Name:   "codetable",
		Module: "github.com/codetable/grpc-codetable",
		LeavesOut: "By default it cuts a status to 4 KiB (WithDetailBudget). It never sends the text around a failure, and no other error of its tree: " +
			"WithMessage sends a text.",
		Failure:    func(code Code) error { return codetable.NewError(code) },
		FailureOf:  codetableFailure,
		WithCause:  func(err, cause error) error { return codetableWith(err, codetable.WithCause(cause)) },
		WithDetail: func(err error, detail *anypb.Any) error { return codetableWith(err, codetable.WithDetail(detail)) },
		Encode: func(ctx context.Context, err error) *status.Status {
			return translator.Translate(ctx, err).Status
		},
		Decode: func(received error) (int32, bool) {
			code, ok := codetable.CodeOf[Code](codetableReceive(received))
			return int32(code), ok
		},
		Read: readCodetable,
		Start: func(service Service, options Options) (Client, func(), error) {
			server := []grpc.ServerOption{
				grpc.ChainUnaryInterceptor(interceptor.UnaryServerInterceptor(boundary(options)...)),
				grpc.ChainStreamInterceptor(interceptor.StreamServerInterceptor(boundary(options)...)),
			}
			client := []grpc.DialOption{
				grpc.WithChainUnaryInterceptor(interceptor.UnaryClientInterceptor()),
				grpc.WithChainStreamInterceptor(interceptor.StreamClientInterceptor()),
			}
			return startGRPC(service, options, server, client)
		},
	}
}

// codetableReceive calls the interceptor of the client with the error of a call, unless it has.
func codetableReceive(err error) error {
	if _, ok := errors.AsType[*codetable.Error](err); ok {
		return err
	}
	return through(codetableClient, err)
}

var codetableClient = interceptor.UnaryClientInterceptor()

func boundary(options Options) []interceptor.ServerOption {
	if !options.Public {
		return nil
	}
	return []interceptor.ServerOption{interceptor.WithPublicBoundary()}
}

// codetableFailure states only what differs from the table. A code that the table does not list
// stands for one of a newer table: the status is what a server with this table sends.
func codetableFailure(facts *Facts) error {
	if spec, ok := codetable.Lookup(Code(facts.Number)); ok {
		return spec.NewError(codetableOptions(facts)...)
	}
	return detailsFailure(facts)
}

func codetableOptions(facts *Facts) []codetable.ErrorOption {
	table := FactsOf(Code(facts.Number))
	var options []codetable.ErrorOption
	if facts.Text != table.Text {
		options = append(options, codetable.WithMessage(facts.Text))
	}
	if facts.Delay != table.Delay {
		options = append(options, codetable.WithRetryAfter(facts.Delay))
	}
	for _, key := range slices.Sorted(maps.Keys(facts.Metadata)) {
		options = append(options, codetable.WithMetadata(key, facts.Metadata[key]))
	}
	return options
}

// codetableWith makes an error with an option. A handler gives it to NewError.
func codetableWith(err error, option codetable.ErrorOption) error {
	e, ok := codetable.FromError(err)
	if !ok {
		return err
	}
	return e.Spec().NewError(option)
}

// readCodetable reads the details of a code with the methods of its error. Those of a status
// without a code are left to the caller, who has the status.
func readCodetable(err error) Facts {
	e, ok := codetable.FromError(err)
	if !ok {
		return fromStatus(status.Convert(err))
	}
	facts := Facts{
		GRPC: status.Code(err), Domain: e.Domain(), Reason: e.Reason(), Text: e.Message(), Delay: e.Retry().Delay,
	}
	facts.setMetadata(e.Metadata())
	facts.Number = e.Number()
	for _, detail := range e.Details() {
		if raw, ok := detail.(*anypb.Any); ok {
			facts.add(raw)
			continue
		}
		facts.addMessage(detail)
	}
	return facts
}
