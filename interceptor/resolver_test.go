package interceptor_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
	"weak"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/enumtest"
)

const runtimeDomain = "runtime.example.com"

// The numbers of the table of newResolver.
const (
	runtimeInvalid   = 1 // a fault of the caller
	runtimeSuspended = 2 // a fault of the operator
	runtimeBusy      = 3 // a fault of the operator that passes
)

// newResolver returns a Resolver for a table that the program does not link.
func newResolver(tb testing.TB) *codetable.Resolver {
	tb.Helper()
	code := func(status codetablev1.GrpcCode, fault codetablev1.Fault, retry *codetablev1.Retry) *codetablev1.Code {
		return &codetablev1.Code{GrpcCode: &status, Notes: "notes of the table", Fault: fault, Retry: retry}
	}
	retry := &codetablev1.Retry{
		Action: codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST, After: &codetablev1.Retry_Delay{Delay: durationpb.New(2 * time.Second)},
	}
	enum := enumtest.File{
		Package: "codetable.runtime",
		Table:   &codetablev1.Table{Domain: runtimeDomain},
		Values: []enumtest.Value{
			{Name: "TEST_CODE_INVALID", Number: runtimeInvalid, Code: code(codetablev1.GrpcCode_GRPC_CODE_INVALID_ARGUMENT, codetablev1.Fault_FAULT_CALLER, nil)},
			{Name: "TEST_CODE_SUSPENDED", Number: runtimeSuspended, Code: code(codetablev1.GrpcCode_GRPC_CODE_PERMISSION_DENIED, codetablev1.Fault_FAULT_OPERATOR, nil)},
			{Name: "TEST_CODE_BUSY", Number: runtimeBusy, Code: code(codetablev1.GrpcCode_GRPC_CODE_UNAVAILABLE, codetablev1.Fault_FAULT_OPERATOR, retry)},
		},
	}.Build(tb)
	files := new(protoregistry.Files)
	if err := files.RegisterFile(enum.ParentFile()); err != nil {
		tb.Fatal(err)
	}
	r, err := codetable.NewResolver(files)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func runtimeError(tb testing.TB, r *codetable.Resolver, number int32) error {
	tb.Helper()
	spec, listed := r.Lookup(runtimeDomain, number)
	if !listed {
		tb.Fatalf("number %d is not listed", number)
	}
	return spec.NewError(codetable.WithMetadata("id", "7"))
}

// proxy answers each call with the error of a backend, decoded by a Resolver.
func proxy(t *testing.T, r *codetable.Resolver, answer error, call rpc, wrap func(*codetable.Error) error, opts ...interceptor.ServerOption) pb.TestServiceClient {
	t.Helper()
	backend := dial(t, serve(t, answering(answer)))
	return dial(t, serve(t, &service{answer: func(ctx context.Context) error {
		err := call(ctx, backend)
		e, ok := r.FromError(err)
		if !ok || !e.Remote() {
			return fmt.Errorf("the code is not decoded: %w", err)
		}
		return wrap(e)
	}}, opts...))
}

func itself(e *codetable.Error) error { return e }

// A proxy hands on a code of a run-time table with its status unchanged. At a
// public boundary the fault of the code decides.
func TestProxyWithResolver(t *testing.T) {
	t.Parallel()
	r := newResolver(t)
	for name, tt := range map[string]struct {
		number int32
		opts   []interceptor.ServerOption
		masked codes.Code // OK if the code is sent
	}{
		"caller":             {runtimeInvalid, nil, codes.OK},
		"operator":           {runtimeSuspended, nil, codes.OK},
		"busy":               {runtimeBusy, nil, codes.OK},
		"public, caller":     {runtimeInvalid, []interceptor.ServerOption{interceptor.WithPublicBoundary()}, codes.OK},
		"public, operator":   {runtimeSuspended, []interceptor.ServerOption{interceptor.WithPublicBoundary()}, codes.Internal},
		"public, busy":       {runtimeBusy, []interceptor.ServerOption{interceptor.WithPublicBoundary()}, codes.Unavailable},
		"public, with owner": {runtimeInvalid, []interceptor.ServerOption{interceptor.WithPublicBoundary(), interceptor.WithDetailBudget(1 << 10)}, codes.OK},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, call rpc) {
				made := runtimeError(t, r, tt.number)
				for _, wrap := range []func(*codetable.Error) error{itself, func(e *codetable.Error) error { return fmt.Errorf("proxy: %w", e) }} {
					err := call(t.Context(), proxy(t, r, made, call, wrap, tt.opts...))
					st := status.Convert(err)
					if tt.masked == codes.OK {
						if !proto.Equal(st.Proto(), status.Convert(made).Proto()) || !errors.Is(decodedBy(t, r, err), made) {
							t.Errorf("received %v, want %v", st, made)
						}
						continue
					}
					mask, ok := codetable.Masked(err)
					if !ok || st.Code() != tt.masked || strings.Contains(st.String(), "notes") || mask.RequestID() == "" {
						t.Errorf("received %v, want it masked as %v", st, tt.masked)
					}
					if waits := mask.Retry().Delay == 2*time.Second; waits != (tt.masked == codes.Unavailable) {
						t.Errorf("the mask has retry advice %v", mask.Retry())
					}
				}
			})
		})
	}
}

func decodedBy(t *testing.T, r *codetable.Resolver, err error) error {
	t.Helper()
	e, ok := r.FromError(err)
	if !ok {
		t.Fatalf("%v is not decoded", err)
	}
	return e
}

// A public boundary judges everything in the tree that the tables of the
// Resolver know.
func TestPublicBoundaryKnowsTablesOfResolver(t *testing.T) {
	t.Parallel()
	r := newResolver(t)
	public := interceptor.NewTranslator(interceptor.WithPublicBoundary())
	received := func(codes ...string) error {
		message := &spb.Status{Code: int32(3), Message: "received"}
		for _, code := range codes {
			detail := &errdetails.ErrorInfo{Domain: runtimeDomain, Reason: "X", Metadata: map[string]string{"code": code}}
			if code == "" {
				detail.Domain = "nobody.example.com"
			}
			message.Details = append(message.Details, packed(t, detail))
		}
		return status.ErrorProto(message)
	}
	decode := func(err error) error { return decodedBy(t, r, err) }
	for name, tt := range map[string]struct {
		err    error
		masked bool
	}{
		// The reason X contradicts the number, but for one that is not listed.
		"the code alone":         {decode(sent(t, runtimeError(t, r, runtimeInvalid))), false},
		"a foreign code too":     {decode(sentWith(t, runtimeError(t, r, runtimeInvalid), received(""))), false},
		"a hidden code too":      {decode(sentWith(t, runtimeError(t, r, runtimeInvalid), received("2"))), true},
		"a contradiction too":    {decode(sentWith(t, runtimeError(t, r, runtimeInvalid), received("1"))), true},
		"an unlisted code":       {decode(received("77")), true},
		"joined with a hidden":   {errors.Join(decode(sent(t, runtimeError(t, r, runtimeInvalid))), sent(t, runtimeError(t, r, runtimeSuspended))), true},
		"joined with the same":   {errors.Join(decode(sent(t, runtimeError(t, r, runtimeInvalid))), sent(t, runtimeError(t, r, runtimeInvalid))), false},
		"made":                   {runtimeError(t, r, runtimeInvalid), false},
		"made, hidden":           {runtimeError(t, r, runtimeBusy), true},
		"cause is hidden":        {withCause(t, r, sent(t, runtimeError(t, r, runtimeSuspended))), true},
		"cause is decoded":       {withCause(t, r, decode(sent(t, runtimeError(t, r, runtimeSuspended)))), true},
		"two Resolvers":          {errors.Join(decode(sent(t, runtimeError(t, r, runtimeInvalid))), decodedBy(t, newResolver(t), sent(t, runtimeError(t, r, runtimeInvalid)))), false},
		"a linked code is known": {errors.Join(decode(sent(t, runtimeError(t, r, runtimeInvalid))), sent(t, codetable.NewError(authFailed))), true},
	} {
		event := public.Translate(t.Context(), tt.err)
		if event.Masked != tt.masked {
			t.Errorf("%s: masked %t, want %t: %v", name, event.Masked, tt.masked, event.Status)
		}
	}
}

func packed(t *testing.T, detail proto.Message) *anypb.Any {
	t.Helper()
	raw, err := anypb.New(detail)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func withCause(t *testing.T, r *codetable.Resolver, cause error) error {
	t.Helper()
	spec, _ := r.Lookup(runtimeDomain, runtimeInvalid)
	return spec.NewError(codetable.WithCause(cause))
}

// sent returns the status of an error as a client receives it.
func sent(t *testing.T, err error) error {
	t.Helper()
	return status.ErrorProto(status.Convert(err).Proto())
}

// sentWith is sent, with the details of another error after those of err.
func sentWith(t *testing.T, err, other error) error {
	t.Helper()
	message := status.Convert(err).Proto()
	message.Details = append(message.Details, status.Convert(other).Proto().GetDetails()...)
	return status.ErrorProto(message)
}

// Over the budget the ErrorInfo of the code is kept, also if it is not the
// first one.
func TestBudgetKeepsCodeOfResolver(t *testing.T) {
	t.Parallel()
	r := newResolver(t)
	foreign := &errdetails.ErrorInfo{Domain: "nobody.example.com", Reason: strings.Repeat("X", 2000)}
	message := status.Convert(runtimeError(t, r, runtimeInvalid)).Proto()
	sentence := &errdetails.LocalizedMessage{Locale: "en", Message: strings.Repeat("x", 800)} // dropped after an ErrorInfo
	message.Details = append(message.Details[1:], packed(t, foreign), message.Details[0], packed(t, sentence))
	event := interceptor.NewTranslator(interceptor.WithDetailBudget(1<<10)).Translate(t.Context(), decodedBy(t, r, status.ErrorProto(message)))
	if e, ok := r.FromError(event.Status.Err()); !ok || e.Number() != runtimeInvalid || len(event.Shed) == 0 {
		t.Errorf("sent %v without %v, want the code", event.Status, event.Shed)
	}
}

// A translator caches shared errors of linked tables only, so that the tables of
// a Resolver are garbage collected with it.
//
//nolint:paralleltest // it collects garbage
func TestTranslatorKeepsNothingOfResolver(t *testing.T) {
	translator := interceptor.NewTranslator()
	send := func() weak.Pointer[codetable.Error] {
		spec, _ := newResolver(t).Lookup(runtimeDomain, runtimeBusy)
		err := spec.NewError()
		event := translator.Translate(t.Context(), err)
		if event.Status.Code() != codes.Unavailable || event.Trailer.Get("grpc-retry-pushback-ms")[0] != "2000" {
			t.Errorf("sent %v with %v", event.Status, event.Trailer)
		}
		return weak.Make(event.Err)
	}
	kept := send()
	runtime.GC()
	if e := kept.Value(); e != nil {
		t.Errorf("%v is kept", e)
	}
	runtime.KeepAlive(translator)
}

// The order of the errors in a tree does not matter: a status is judged by the
// tables of each Resolver with a code in the tree.
func TestResolverJudgesEachStatus(t *testing.T) {
	t.Parallel()
	r := newResolver(t)
	code := runtimeError(t, r, runtimeInvalid)
	suspended := status.Convert(runtimeError(t, r, runtimeSuspended)).Err()
	translator := interceptor.NewTranslator(interceptor.WithPublicBoundary())
	for _, err := range []error{errors.Join(code, suspended), errors.Join(suspended, code)} {
		if got := translator.Translate(t.Context(), err).Status; got.Code() != codes.Internal || len(got.Message()) == 0 {
			t.Errorf("%v is sent as %v, want a mask", err, got)
		}
	}
}
