package peer

import (
	"context"
	"sync"
	"time"

	"github.com/cockroachdb/errors"
	"github.com/cockroachdb/errors/extgrpc"
	"github.com/cockroachdb/errors/grpc/middleware"
	"github.com/gogo/googleapis/google/rpc"
	"github.com/gogo/protobuf/proto"
	"github.com/gogo/protobuf/types"
	gogo "github.com/gogo/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// cockroachPeer is the error package of CockroachDB with its interceptors.
func cockroachPeer() Peer {
	registerCockroach()
	return Peer{
		Name:   "cockroachdb/errors",
		Module: "github.com/cockroachdb/errors",
		LeavesOut: "Only clients with this library read the details, which are inside of its EncodedError. It has no interceptors for streams, and " +
			"does not look for the gRPC code in joined errors. It sends the whole tree of an error, because it is made for the parts of one distributed system.",
		NoBoundary: noBoundary,
		NoLanguage: noLanguage,
		NoPushback: noPushback,
		FailureOf: func(facts *Facts) error {
			return extgrpc.WrapWithGrpcCode(&cockroachFailure{facts: facts}, facts.GRPC)
		},
		WithCause:  errors.WithSecondaryError,
		WithDetail: withCockroachDetail,
		Encode: func(ctx context.Context, err error) *status.Status {
			_, sent := middleware.UnaryServerInterceptor(ctx, nil, nil, func(context.Context, any) (any, error) { return nil, err })
			return status.Convert(sent)
		},
		Decode: func(received error) (int32, bool) {
			if e := (*cockroachFailure)(nil); errors.As(cockroachReceive(received), &e) {
				return e.facts.Number, true
			}
			return 0, false
		},
		Read: readCockroach,
		Is:   func(received, target error) bool { return errors.Is(cockroachReceive(received), target) },
		Start: func(service Service, options Options) (Client, func(), error) {
			server := []grpc.ServerOption{grpc.UnaryInterceptor(middleware.UnaryServerInterceptor)}
			client := []grpc.DialOption{grpc.WithUnaryInterceptor(middleware.UnaryClientInterceptor)}
			return startGRPC(service, options, server, client)
		},
	}
}

// cockroachReceive calls the interceptor of the client with the error of a call.
func cockroachReceive(err error) error {
	if _, ok := status.FromError(err); !ok {
		return err
	}
	return through(middleware.UnaryClientInterceptor, err)
}

func readCockroach(err error) Facts {
	err = cockroachReceive(err)
	facts := Facts{GRPC: extgrpc.GetGrpcCode(err), Text: err.Error()}
	if st, ok := status.FromError(err); ok {
		facts.GRPC, facts.Text = st.Code(), st.Message()
	}
	if e := (*cockroachFailure)(nil); errors.As(err, &e) {
		code, text := facts.GRPC, facts.Text
		facts = *e.facts
		facts.GRPC, facts.Text = code, text
	}
	facts.Unlinked = unlinkedCockroach(err)
	return facts
}

// cockroachFailure is a leaf error of this package's own type, which EncodeError and DecodeError
// know: see "Making error types" in the documentation of cockroachdb/errors.
type cockroachFailure struct{ facts *Facts }

func (e *cockroachFailure) Error() string { return e.facts.Text }

// registerCockroach registers the type once, because the library keeps one list for the program.
var registerCockroach = sync.OnceFunc(func() {
	key := errors.GetTypeKey((*cockroachFailure)(nil))
	errors.RegisterLeafEncoder(key, encodeCockroach)
	errors.RegisterLeafDecoder(key, decodeCockroach)
	errors.RegisterWrapperEncoder(errors.GetTypeKey((*cockroachDetail)(nil)), encodeCockroachDetail)
})

// encodeCockroach sends the facts as the payload of the error. The library needs messages of
// gogo/protobuf.
func encodeCockroach(_ context.Context, err error) (string, []string, proto.Message) {
	e := (*cockroachFailure)(nil)
	if !errors.As(err, &e) {
		return err.Error(), nil, nil
	}
	details := []proto.Message{&rpc.ErrorInfo{Domain: e.facts.Domain, Reason: e.facts.Reason, Metadata: e.facts.metadata()}}
	if e.facts.Delay > 0 {
		details = append(details, &rpc.RetryInfo{RetryDelay: types.DurationProto(e.facts.Delay)})
	}
	if e.facts.Quota != "" {
		details = append(details, &rpc.QuotaFailure{Violations: []*rpc.QuotaFailure_Violation{
			{Subject: e.facts.Quota, Description: e.facts.Limit},
		}})
	}
	st, err := gogo.New(codes.Unknown, "").WithDetails(details...)
	if err != nil {
		return e.Error(), nil, nil
	}
	return e.Error(), nil, st.Proto()
}

func decodeCockroach(_ context.Context, text string, _ []string, payload proto.Message) error {
	sent, ok := payload.(*rpc.Status)
	if !ok {
		return nil
	}
	facts := &Facts{Text: text}
	for _, detail := range gogo.FromProto(sent).Details() {
		switch detail := detail.(type) {
		case *rpc.ErrorInfo:
			facts.Domain, facts.Reason = detail.GetDomain(), detail.GetReason()
			facts.setMetadata(detail.GetMetadata())
		case *rpc.RetryInfo:
			facts.Delay = duration(detail.GetRetryDelay())
		case *rpc.QuotaFailure:
			for _, violation := range detail.GetViolations() {
				facts.Quota = violation.GetSubject()
			}
		}
	}
	return &cockroachFailure{facts: facts}
}

// duration returns 0 for a duration that is out of range.
func duration(sent *types.Duration) time.Duration {
	d, _ := types.DurationFromProto(sent)
	return d
}
