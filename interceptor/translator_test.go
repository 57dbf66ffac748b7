package interceptor_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const pushback = "grpc-retry-pushback-ms"

func TestTranslateOfNil(t *testing.T) {
	t.Parallel()
	if got := interceptor.NewTranslator().Translate(t.Context(), nil); got.Status != nil || got.Trailer != nil || got.Origin != nil {
		t.Errorf("got %+v, want the zero Event", got)
	}
}

// An item of a stream is translated like the end of a call.
func TestTranslateAgreesWithTheInterceptors(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]interceptor.ServerOption{nil, {interceptor.WithPublicBoundary()}, {interceptor.WithoutRetryPushback()}} {
		translator := interceptor.NewTranslator(opts...)
		for code := range codetable.All[responseCode]() {
			err := codetable.NewError(code, codetable.WithMetadata("id", "1"))
			if err == nil {
				continue
			}
			event := translator.Translate(t.Context(), err)
			got, trailer := plain(t, kinds["unary"], answering(err), opts...)
			if !cmp.Equal(event.Trailer[pushback], trailer[pushback]) || got.Code() != event.Status.Code() || got.Message() != event.Status.Message() {
				t.Errorf("%v: translated to %v with %v, sent %v with %v", code, event.Status, event.Trailer, got, trailer)
			}
			if event.Err != err || event.Origin != err {
				t.Errorf("%v: event %+v", code, event)
			}
		}
	}
}

// These errors have a method that panics.
type (
	panicsInUnwrap struct{ error }
	panicsInAs     struct{ error }
	panicsInIs     struct{ error }
	panicsInStatus struct{ error }
	panicsInFault  struct{ error }
	panicsInError  struct{}
)

func (panicsInUnwrap) Unwrap() error              { panic(secretText) }
func (panicsInAs) As(any) bool                    { panic(secretText) }
func (panicsInIs) Is(error) bool                  { panic(secretText) }
func (panicsInStatus) GRPCStatus() *status.Status { panic(secretText) }
func (panicsInFault) Fault() codetablev1.Fault    { panic(secretText) }
func (panicsInError) Error() string               { panic(secretText) }

// TestPanicsBecomeInternal uses a real server, because a panic would end its
// process.
func TestPanicsBecomeInternal(t *testing.T) {
	t.Parallel()
	boom := func(context.Context, interceptor.Event) { panic(secretText) }
	code := codetable.NewError(tokenExpired)
	tests := map[string]struct {
		err  error
		opts []interceptor.ServerOption
	}{
		"Unwrap":     {err: panicsInUnwrap{errSecret}},
		"As":         {err: panicsInAs{errSecret}},
		"Is":         {err: panicsInIs{errSecret}},
		"GRPCStatus": {err: panicsInStatus{errSecret}},
		"Fault":      {err: panicsInFault{errSecret}, opts: []interceptor.ServerOption{interceptor.WithPublicBoundary()}},
		"Error":      {err: panicsInError{}},
		"in a tree":  {err: errors.Join(errSecret, fmt.Errorf("w: %w", panicsInStatus{errSecret}), code)},
		"observer":   {err: code, opts: []interceptor.ServerOption{interceptor.WithObserver(boom)}},
		"unmapped": {err: errSecret, opts: []interceptor.ServerOption{
			interceptor.WithUnmapped(func(context.Context, error) error { panic(secretText) }),
		}},
		"locale": {err: code, opts: []interceptor.ServerOption{interceptor.WithLocale(func(context.Context) string { panic(secretText) })}},
	}
	each(t, func(t *testing.T, call rpc) {
		for name, test := range tests {
			client := dialWith(t, serve(t, answering(test.err), test.opts...))
			for range 2 {
				got := status.Convert(call(t.Context(), client))
				if got.Code() != codes.Internal || requestID(got) == "" || strings.Contains(got.Proto().String(), "secret") {
					t.Errorf("%s: sent %v, want an opaque Internal", name, got.Proto())
				}
			}
		}
	})
}

// The log contains the panic.
func TestOriginShowsThePanic(t *testing.T) {
	t.Parallel()
	seen := 0
	err := panicsInStatus{errSecret}
	event := interceptor.NewTranslator(
		interceptor.WithObserver(func(_ context.Context, e interceptor.Event) {
			seen++
			if !strings.Contains(e.Origin.Error(), secretText) || !errors.Is(e.Origin, err) {
				t.Errorf("origin %v", e.Origin)
			}
		})).Translate(t.Context(), err)
	if seen != 1 || event.Err != nil {
		t.Errorf("observed %d times, event %+v", seen, event)
	}
	fields := interceptor.LoggingFields(panicsInError{})
	if len(fields) != 0 {
		t.Errorf("fields %v of an error without a code", fields)
	}
}

// A panic of an observer does not end a client, and no code is lost.
func TestPanicOfAClientObserver(t *testing.T) {
	t.Parallel()
	client := dial(t, serve(t, answering(codetable.NewError(tokenExpired))),
		interceptor.WithObserver(func(context.Context, interceptor.Event) { panic(secretText) }))
	each(t, func(t *testing.T, call rpc) {
		if err := call(t.Context(), client); !codetable.Is(err, tokenExpired) {
			t.Errorf("got %v, want the code", err)
		}
	})
}

// changingError fails on the first question and claims success on the following
// ones.
type changingError struct {
	mu    sync.Mutex
	asked map[string]int
}

func (f *changingError) count(method string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked[method]++
	return f.asked[method]
}

func (f *changingError) Error() string { return "changingError" }
func (f *changingError) Unwrap() error { f.count("Unwrap"); return nil }

func (f *changingError) Fault() codetablev1.Fault {
	if f.count("Fault") == 1 {
		return codetablev1.Fault_FAULT_UPSTREAM
	}
	return codetablev1.Fault_FAULT_OPERATOR
}

func (f *changingError) GRPCStatus() *status.Status {
	if f.count("GRPCStatus") == 1 {
		return status.New(codes.NotFound, "no such thing")
	}
	return status.New(codes.OK, "")
}

// Each method of an error is called only once.
func TestEachMethodIsAskedOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, call rpc) {
		for _, opts := range [][]interceptor.ServerOption{nil, {interceptor.WithPublicBoundary()}} {
			err := &changingError{asked: map[string]int{}}
			got := status.Convert(call(t.Context(), dialWith(t, serve(t, answering(err), opts...))))
			if got.Code() != codes.NotFound || got.Message() != "no such thing" {
				t.Errorf("sent %v, want the first answer", got)
			}
			for method, n := range err.asked {
				if n != 1 {
					t.Errorf("%s was called %d times", method, n)
				}
			}
		}
	})
}

type selfWrapping struct{ error }

func (s *selfWrapping) Unwrap() error { return s }

func TestEndlessTree(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]interceptor.ServerOption{nil, {interceptor.WithPublicBoundary()}} {
		if got := interceptor.NewTranslator(opts...).Translate(t.Context(), &selfWrapping{errSecret}); got.Status.Code() != codes.Internal {
			t.Errorf("sent %v", got.Status)
		}
	}
}

// appendingStream adds to the trailer that it is given, as a wrapper of a
// stream may do.
type appendingStream struct {
	grpc.ServerStream
	own string
	got *metadata.MD
}

func (s appendingStream) SetTrailer(md metadata.MD) {
	md.Append("owner", s.own)
	*s.got = md
	s.ServerStream.SetTrailer(md)
}

// Two calls do not share a trailer.
func TestTrailerIsNotShared(t *testing.T) {
	t.Parallel()
	serve := interceptor.StreamServerInterceptor()
	for _, err := range []error{errSecret, codetable.NewError(tokenExpired), codetable.NewError(qpsLimit)} {
		for _, own := range []string{"first", "second"} {
			var got metadata.MD
			stream := appendingStream{&nullServerStream{ctx: t.Context()}, own, &got}
			_ = serve(nil, stream, &grpc.StreamServerInfo{FullMethod: "/s/m"}, func(any, grpc.ServerStream) error { return err })
			if !cmp.Equal(got["owner"], []string{own}) {
				t.Errorf("%v: the trailer of the %s call has %v", err, own, got["owner"])
			}
		}
	}
}

// No delay becomes negative or overflows.
func TestDelaysAreClamped(t *testing.T) {
	t.Parallel()
	for _, delay := range []time.Duration{math.MaxInt64, math.MaxInt64 - time.Millisecond, 1 << 60, time.Nanosecond} {
		own := codetable.NewError(qpsLimit, codetable.WithRetryAfter(delay))
		peer := statusWith(t, infoOf("QPS_LIMIT", "1804"), &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: math.MaxInt64, Nanos: 999_999_999}})
		for name, err := range map[string]error{"own": own, "peer": peer} {
			for _, opts := range [][]interceptor.ServerOption{nil, {interceptor.WithPublicBoundary()}} {
				event := interceptor.NewTranslator(opts...).Translate(t.Context(), err)
				value := event.Trailer[pushback][0]
				long := name == "peer" || delay > time.Minute
				masked := event.Masked && long // a caller reads it as a window
				if masked != (value == "-1") || len(value) > len("2147483647") || value == "0" || !masked && strings.HasPrefix(value, "-") {
					t.Errorf("%s, %v: pushback %s", name, delay, value)
				}
				for _, detail := range event.Status.Details() {
					if retry, ok := detail.(*errdetails.RetryInfo); ok && retry.GetRetryDelay().AsDuration() <= 0 {
						t.Errorf("%s, %v: %v", name, delay, retry)
					}
				}
			}
		}
	}
}

// The outer interceptor sends the result of the inner one, even if it was
// wrapped. If the outer one is public, it masks the result.
func TestTwoServerInterceptorsInAChain(t *testing.T) {
	t.Parallel()
	public, silent := interceptor.WithPublicBoundary(), interceptor.WithoutRetryPushback()
	wrap := func(err error) error { return errors.Join(errSecret, fmt.Errorf("between %s: %w", secretText, err)) }
	errs := map[string]error{
		"caller's code":    codetable.NewError(tokenExpired, codetable.WithMetadata("id", "1")),
		"operator's code":  codetable.NewError(insufficientBalance, codetable.WithMetadata("id", "1")),
		"short delay":      codetable.NewError(qpsLimit),
		"own status":       status.Error(codes.NotFound, "no such thing"),
		"own server error": status.Error(codes.DataLoss, "disk 7 is gone"),
		"bare":             errSecret,
	}
	pairs := map[string][2][]interceptor.ServerOption{ // outer, inner
		"plain around plain":                {nil, nil},
		"public around plain":               {{public}, nil},
		"plain around public":               {nil, {public}},
		"public around public":              {{public}, {public}},
		"plain around one without pushback": {nil, {silent}},
	}
	for pair, options := range pairs {
		for name, err := range errs {
			want, trailer := plain(t, kinds["unary"], answering(err), append(options[0], options[1]...)...)
			got, gotTrailer := plainThrough(t, wrap, answering(err), options[0], options[1])
			if got.Code() != want.Code() || got.Message() != want.Message() || len(got.Details()) != len(want.Details()) {
				t.Errorf("%s, %s: sent %v, want %v", pair, name, got.Proto(), want.Proto())
			}
			if strings.Contains(got.Proto().String(), "secret") || strings.Contains(got.Proto().String(), "between") {
				t.Errorf("%s, %s: sent %v", pair, name, got.Proto())
			}
			if n := len(gotTrailer[pushback]); n != 1 || pair != "plain around one without pushback" && !cmp.Equal(gotTrailer[pushback], trailer[pushback]) {
				t.Errorf("%s, %s: pushback %v, want %v", pair, name, gotTrailer[pushback], trailer[pushback])
			}
		}
	}
}

// plainThrough makes a unary call through two interceptors and a third one
// between them that wraps errors.
func plainThrough(t *testing.T, wrap func(error) error, srv pb.TestServiceServer, outer, inner []interceptor.ServerOption) (*status.Status, metadata.MD) {
	t.Helper()
	between := func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		reply, err := handler(ctx, req)
		if err != nil {
			return nil, wrap(err)
		}
		return reply, nil
	}
	client := dialWith(t, serveWith(t, srv, grpc.ChainUnaryInterceptor(
		interceptor.UnaryServerInterceptor(outer...), between, interceptor.UnaryServerInterceptor(inner...))))
	var trailer metadata.MD
	return status.Convert(kinds["unary"](t.Context(), client, grpc.Trailer(&trailer))), trailer
}

// If an interceptor between the two replaces the inner result by a code, this
// code is sent.
func TestCodeBetweenTwoInterceptors(t *testing.T) {
	t.Parallel()
	replace := func(err error) error { return codetable.NewError(notConsistent, codetable.WithCause(err)) }
	got, _ := plainThrough(t, replace, answering(codetable.NewError(tokenExpired)), nil, nil)
	if !codetable.Is(got.Err(), notConsistent) {
		t.Errorf("sent %v", got.Proto())
	}
}

// An undeclared code is sent, and the observer is told.
func TestUndeclaredCode(t *testing.T) {
	t.Parallel()
	captcha := jverificationv1.ResponseCode_RESPONSE_CODE_NOT_CAPTCHA
	for code, want := range map[responseCode]bool{tokenExpired: false, captcha: true, 424242: true} {
		events := make(chan interceptor.Event, 1)
		observe := interceptor.WithObserver(func(_ context.Context, e interceptor.Event) { events <- e })
		_, err := verify(t, &verifier{err: codetable.NewError(code)}, []interceptor.ServerOption{observe})
		if event := <-events; !codetable.Is(err, code) || event.Undeclared != want {
			t.Errorf("%v: got %v, undeclared %v, want %v", code, err, event.Undeclared, want)
		}
		// A method without the option may answer with any code.
		if err := kinds["unary"](t.Context(), dial(t, serve(t, answering(codetable.NewError(code)), observe))); !codetable.Is(err, code) {
			t.Errorf("%v: got %v", code, err)
		}
		if event := <-events; event.Undeclared {
			t.Errorf("%v: undeclared by a method that declares nothing", code)
		}
	}
}

func TestWithHelpLinks(t *testing.T) {
	t.Parallel()
	own := &errdetails.Help{Links: []*errdetails.Help_Link{{Url: "https://example.com"}}}
	spec, _ := codetable.Lookup(tokenExpired)
	tests := map[string]struct {
		err  error
		opts []interceptor.ServerOption
		want string
	}{
		"off":             {err: codetable.NewError(tokenExpired)},
		"on":              {codetable.NewError(tokenExpired), []interceptor.ServerOption{interceptor.WithHelpLinks()}, spec.HelpURL()},
		"own Help detail": {codetable.NewError(tokenExpired, codetable.WithDetail(own)), []interceptor.ServerOption{interceptor.WithHelpLinks()}, "https://example.com"},
		"masked":          {err: codetable.NewError(authFailed), opts: []interceptor.ServerOption{interceptor.WithHelpLinks(), interceptor.WithPublicBoundary()}},
	}
	for name, test := range tests {
		got, _ := plain(t, kinds["unary"], answering(test.err), test.opts...)
		var urls []string
		for _, detail := range got.Details() {
			if help, ok := detail.(*errdetails.Help); ok {
				urls = append(urls, help.GetLinks()[0].GetUrl())
			}
		}
		if test.want == "" && len(urls) > 0 || test.want != "" && !cmp.Equal(urls, []string{test.want}) {
			t.Errorf("%s: sent %q, want %q", name, urls, test.want)
		}
	}
}

// No status is sent without a message.
func TestNoEmptyMessage(t *testing.T) {
	t.Parallel()
	for _, err := range []error{status.Error(codes.NotFound, ""), codetable.NewError(responseCode(424242)), codetable.NewError(tokenExpired, codetable.WithMessage(""))} {
		if got, _ := plain(t, kinds["unary"], answering(err)); got.Message() == "" {
			t.Errorf("%v: sent %v", err, got.Proto())
		}
	}
}

// A detail that gRPC can't send does not lose the code.
func TestCodeSurvivesDetailThatCannotBeSent(t *testing.T) {
	t.Parallel()
	message := status.Convert(codetable.NewError(tokenExpired)).Proto()
	message.Details = append(message.Details, &anypb.Any{TypeUrl: "type.googleapis.com/\xff\xfe"}, nil)
	each(t, func(t *testing.T, call rpc) {
		client := dial(t, serve(t, answering(status.FromProto(proto.CloneOf(message)).Err())))
		if err := call(t.Context(), client); !codetable.Is(err, tokenExpired) {
			t.Errorf("got %v, want the code", err)
		}
	})
}

// grpc-gateway passes the header of its caller on under another name.
func TestLanguageOfGRPCGateway(t *testing.T) {
	t.Parallel()
	client := dialWith(t, serve(t, answering(codetable.NewError(tokenExpired))))
	err := kinds["unary"](metadata.AppendToOutgoingContext(t.Context(), "grpcgateway-accept-language", "zh"), client)
	if got := localized(status.Convert(err)); len(got) != 1 || got[0].GetLocale() != "zh-CN" {
		t.Errorf("sent %v", got)
	}
}

// The field codetable.cause exists only if the original error contains more
// than the status.
func TestLoggingFieldsHaveACauseIfItWasHidden(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err  error
		want bool
	}{
		"code":            {codetable.NewError(tokenExpired), false},
		"code with cause": {codetable.NewError(tokenExpired, codetable.WithCause(errSecret)), true},
		"wrapped code":    {fmt.Errorf("w: %w", codetable.NewError(tokenExpired)), true},
		"received code":   {decoded(t, status.Convert(codetable.NewError(tokenExpired)).Err()), false},
		"own status":      {status.Error(codes.NotFound, "x"), false},
		"received status": {invoke(t, status.Error(codes.NotFound, "x"), nil), false},
		"bare":            {errSecret, true},
		"context":         {context.Canceled, false},
	}
	serve := interceptor.StreamServerInterceptor()
	for name, test := range tests {
		sent := serve(nil, &nullServerStream{ctx: t.Context()}, &grpc.StreamServerInfo{FullMethod: "/s/m"}, func(any, grpc.ServerStream) error { return test.err })
		fields := interceptor.LoggingFields(sent)
		has := false
		for i := 0; i < len(fields); i += 2 {
			has = has || fields[i] == "codetable.cause"
		}
		if has != test.want {
			t.Errorf("%s: fields %v, want a cause: %v", name, fields, test.want)
		}
	}
}
