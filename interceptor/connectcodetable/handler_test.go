package connectcodetable_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/connectcodetable"
)

// panickingError is an error whose text can't be read.
type panickingError struct{}

func (panickingError) Error() string { panic(secretText) }

// cyclicError wraps itself.
type cyclicError struct{}

func (cyclicError) Error() string { return secretText }
func (cyclicError) Unwrap() error { return cyclicError{} }

// ownError is an error that a handler makes, with metadata and a detail.
func ownError(code connect.Code, cause error) *connect.Error {
	e := connect.NewError(code, cause)
	e.Meta().Set("Quota-Left", "0")
	detail, _ := connect.NewErrorDetail(wrapperspb.String("kept"))
	e.AddDetail(detail)
	return e
}

// TestHandlerErrors has an error of a handler for each rule of the translator.
func TestHandlerErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err     error
		code    connect.Code
		message string
		details int
		meta    bool
		opaque  bool
	}{
		"of Connect":              {err: ownError(connect.CodeNotFound, errors.New("no number")), code: connect.CodeNotFound, message: "no number", details: 1, meta: true},
		"wrapped":                 {err: fmt.Errorf("%s: %w", secretText, ownError(connect.CodeNotFound, errors.New("no number"))), code: connect.CodeNotFound, message: "no number", details: 1, meta: true},
		"joined":                  {err: errors.Join(errSecret, ownError(connect.CodeNotFound, errors.New("no number"))), code: connect.CodeNotFound, message: "no number", details: 1, meta: true},
		"without text":            {err: ownError(connect.CodeNotFound, nil), code: connect.CodeNotFound, message: "NotFound", details: 1, meta: true},
		"around a code":           {err: ownError(connect.CodeAborted, codetable.NewError(invalidParameters)), code: connect.CodeInvalidArgument, message: "Invalid or illegal parameters", details: 1, meta: true},
		"around a gRPC status":    {err: ownError(connect.CodeAborted, status.Error(codes.NotFound, "no number")), code: connect.CodeAborted, message: status.Error(codes.NotFound, "no number").Error(), details: 1, meta: true},
		"a gRPC status":           {err: fmt.Errorf("%s: %w", secretText, status.Error(codes.AlreadyExists, "there")), code: connect.CodeAlreadyExists, message: "there"},
		"a code":                  {err: fmt.Errorf("%s: %w", secretText, codetable.NewError(invalidParameters)), code: connect.CodeInvalidArgument, message: "Invalid or illegal parameters", details: 1},
		"the caller has left":     {err: fmt.Errorf("%s: %w", secretText, context.Canceled), code: connect.CodeCanceled, message: "context canceled"},
		"too late":                {err: context.DeadlineExceeded, code: connect.CodeDeadlineExceeded, message: "context deadline exceeded"},
		"bare":                    {err: errSecret, code: connect.CodeInternal, message: "internal error", details: 1, opaque: true},
		"a success":               {err: ownError(0, errSecret), code: connect.CodeInternal, message: "internal error", details: 1, opaque: true},
		"a nil error of Connect":  {err: (*connect.Error)(nil), code: connect.CodeInternal, message: "internal error", details: 1, opaque: true},
		"panics":                  {err: panickingError{}, code: connect.CodeInternal, message: "internal error", details: 1, opaque: true},
		"panics within a status":  {err: ownError(connect.CodeNotFound, panickingError{}), code: connect.CodeInternal, message: "internal error", details: 1, opaque: true},
		"endless":                 {err: cyclicError{}, code: connect.CodeInternal, message: "internal error", details: 1, opaque: true},
		"endless around a status": {err: ownError(connect.CodeNotFound, cyclicError{}), code: connect.CodeNotFound, message: secretText, details: 1, meta: true},
	}
	each(t, func(t *testing.T, _ string, call func(context.Context, string, ...connect.ClientOption) error) {
		var answer error
		url := serve(t, intercept(&service{answer: func(context.Context) error { return answer }}))
		for name, test := range tests {
			answer = test.err
			err := call(t.Context(), url)
			got, ok := errors.AsType[*connect.Error](err)
			if !ok || got.Code() != test.code || got.Message() != test.message || len(got.Details()) != test.details {
				t.Errorf("%s: got %v with %d details; want %v: %s with %d", name, err, len(got.Details()), test.code, test.message, test.details)
				continue
			}
			if got := got.Meta().Get("Quota-Left") != ""; got != test.meta {
				t.Errorf("%s: the metadata was sent: %v", name, got)
			}
			st, _ := connectcodetable.StatusOf(err)
			if id := codetable.RequestID(st.Err()); (len(id) == 26) != test.opaque {
				t.Errorf("%s: the request id is %q", name, id)
			}
		}
	})
}

// A handler may return the same error in several goroutines. The race detector
// finds a change of it.
func TestSharedHandlerErrors(t *testing.T) {
	t.Parallel()
	for _, shared := range []error{
		connect.NewError(connect.CodeNotFound, errors.New("no number")),
		connect.NewError(connect.CodeNotFound, nil),
		codetable.NewError(qpsLimit),
	} {
		wrapped := connectcodetable.NewInterceptor().WrapUnary(func(context.Context, connect.AnyRequest) (connect.AnyResponse, error) {
			return nil, shared
		})
		var calls sync.WaitGroup
		for range 8 {
			calls.Go(func() {
				if _, err := wrapped(t.Context(), connect.NewRequest(&input{})); err == nil {
					t.Errorf("%v became a success", shared)
				}
			})
		}
		calls.Wait()
	}
}

// The error that a handler's interceptor returns keeps the original error for
// interceptors before it, such as one that logs.
func TestOuterInterceptorsSeeTheCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("of the handler")
	handlerErr := codetable.NewError(qpsLimit, codetable.WithCause(cause))
	wrapped := connectcodetable.NewInterceptor().WrapUnary(func(context.Context, connect.AnyRequest) (connect.AnyResponse, error) {
		return nil, handlerErr
	})
	_, err := wrapped(t.Context(), connect.NewRequest(&input{}))
	if !errors.Is(err, cause) || !codetable.Is(err, qpsLimit) || connect.CodeOf(err) != connect.CodeResourceExhausted {
		t.Errorf("got %v", err)
	}
	if strings.Contains(err.Error(), cause.Error()) {
		t.Errorf("the text is %q", err)
	}
	fields := interceptor.LoggingFields(err)
	if !slices.Contains(fields, any("codetable.cause")) && !slices.Contains(fields, any("codetable.code")) {
		t.Errorf("the logging fields are %v", fields)
	}
}

// WithLocale, WithUnmapped and the observers see the request as gRPC metadata.
func TestOptionsSeeTheRequest(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ string, call func(context.Context, string, ...connect.ClientOption) error) {
		url := serve(t, intercept(answering(codetable.NewError(qpsLimit))))
		for _, locale := range []string{"zh-CN", "en", ""} {
			err := call(withHeader(t.Context(), "Accept-Language", locale), url, decoding())
			e, ok := codetable.FromError(err)
			if !ok {
				t.Fatalf("got %v", err)
			}
			want, _ := e.Spec().UserMessage(locale)
			if got := e.UserMessage(); got != want {
				t.Errorf("%q: sent %q, want %q", locale, got, want)
			}
			if localized := len(e.Details()) == 4; localized != (locale != "") {
				t.Errorf("%q: sent the details %v", locale, e.Details())
			}
		}
	})
}

func TestBudget(t *testing.T) {
	t.Parallel()
	err := codetable.NewError(qpsLimit, codetable.WithDetail(wrapperspb.String(strings.Repeat("x", 2000))))
	each(t, func(t *testing.T, _ string, call func(context.Context, string, ...connect.ClientOption) error) {
		for budget, want := range map[int]int{1 << 10: 3, 4 << 10: 4} {
			got := call(t.Context(), serve(t, intercept(answering(err), interceptor.WithDetailBudget(budget))), decoding())
			e, ok := codetable.FromError(got)
			if !ok || len(e.Details()) != want {
				t.Errorf("budget %d: got %v with %d details, want %d", budget, got, len(e.Details()), want)
			}
		}
	})
}

// The details are sent byte for byte, also those of unknown types.
func TestUnknownDetails(t *testing.T) {
	t.Parallel()
	receipt := &anypb.Any{TypeUrl: "types.example.com/shop.Receipt", Value: []byte{8, 150, 1, 255}}
	own := connect.NewError(connect.CodeNotFound, errors.New("no number"))
	detail, err := connect.NewErrorDetail(receipt)
	if err != nil {
		t.Fatal(err)
	}
	own.AddDetail(detail)
	each(t, func(t *testing.T, protocol string, call func(context.Context, string, ...connect.ClientOption) error) {
		want := receipt.GetTypeUrl()
		if protocol == connect.ProtocolConnect {
			want = "type.googleapis.com/shop.Receipt"
		}
		for _, failure := range []error{own, codetable.NewError(qpsLimit, codetable.WithDetail(receipt))} {
			for _, opts := range [][]connect.ClientOption{nil, {decoding()}} {
				st, ok := connectcodetable.StatusOf(call(t.Context(), serve(t, intercept(answering(failure))), opts...))
				if !ok {
					t.Fatal("no status")
				}
				last := st.Proto().GetDetails()[len(st.Proto().GetDetails())-1]
				if diff := cmp.Diff(receipt.GetValue(), last.GetValue()); diff != "" || last.GetTypeUrl() != want {
					t.Errorf("%v: got %q, want %q%s", failure, last.GetTypeUrl(), want, diff)
				}
			}
		}
	})
}

func TestNotModified(t *testing.T) {
	t.Parallel()
	var events int
	url := serve(t, intercept(answering(connect.NewNotModifiedError(http.Header{"Etag": {`"1"`}})),
		interceptor.WithObserver(func(context.Context, interceptor.Event) { events++ })))
	client := connect.NewClient[input, output](httpClient(t), url+unaryPath, connect.WithHTTPGet(), connect.WithIdempotency(connect.IdempotencyNoSideEffects), decoding())
	_, err := client.CallUnary(t.Context(), connect.NewRequest(&input{}))
	if !connect.IsNotModifiedError(err) || events != 0 {
		t.Errorf("got %v and %d events", err, events)
	}
	if _, ok := errors.AsType[*connect.Error](err); !ok || errors.Is(err, io.EOF) {
		t.Errorf("got %v", err)
	}
}
