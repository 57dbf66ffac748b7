package interceptor_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// A public interceptor examines the result of WithUnmapped of the interceptor
// inside it.
func TestPublicBoundaryAroundWithUnmapped(t *testing.T) {
	t.Parallel()
	mapped := map[string]error{
		"of another server": invoke(t, status.Error(codes.InvalidArgument, secretText), nil),
		"foreign fault":     customFault{codetablev1.Fault_FAULT_OPERATOR, status.Error(codes.NotFound, secretText)},
		"two codes":         errors.Join(codetable.NewError(invalidParameters, codetable.WithMessage(secretText)), codetable.NewError(insufficientBalance)),
	}
	for name, err := range mapped {
		unmapped := interceptor.WithUnmapped(func(context.Context, error) error { return err })
		got, _ := plainThrough(t, func(err error) error { return err }, answering(errSecret),
			[]interceptor.ServerOption{interceptor.WithPublicBoundary()}, []interceptor.ServerOption{unmapped})
		if got.Code() != codes.Internal || strings.Contains(got.Proto().String(), "secret") {
			t.Errorf("%s: sent %v, want a mask", name, got.Proto())
		}
	}
}

// The pushback of a mask follows the advice of the mask, not of the hidden
// error.
func TestPushbackOfAnInnerMask(t *testing.T) {
	t.Parallel()
	worst := errors.Join(codetable.NewError(qpsLimit), codetable.NewError(insufficientBalance))
	got, trailer := plainThrough(t, func(err error) error { return err }, answering(worst), nil,
		[]interceptor.ServerOption{interceptor.WithPublicBoundary(), interceptor.WithoutRetryPushback()})
	if got.Code() != codes.Internal || !cmp.Equal(trailer[pushback], []string{"-1"}) {
		t.Errorf("sent %v with %v", got, trailer)
	}
}

// coded returns a code by As and blames the operator.
type coded struct {
	codeError
}

func (coded) Fault() codetablev1.Fault { return codetablev1.Fault_FAULT_OPERATOR }

func TestFaultOfAnErrorWithACode(t *testing.T) {
	t.Parallel()
	e, _ := codetable.FromError(codetable.NewError(invalidParameters))
	if got := callPublic(t, kinds["unary"], "", same(coded{codeError{e}})); !got.event.Masked {
		t.Errorf("sent %v, want a mask", got.status)
	}
}

// A client may repeat a masked call if and only if the trailer allows it.
func TestRetriableAgreesWithThePushback(t *testing.T) {
	t.Parallel()
	retryInfo := func(delay time.Duration) proto.Message {
		return &errdetails.RetryInfo{RetryDelay: durationpb.New(delay)}
	}
	errs := map[string]error{
		"own unavailable": statusOf(t, codes.Unavailable, "busy", retryInfo(5*time.Second)).Err(),
		"received":        invoke(t, statusOf(t, codes.Unavailable, "busy", retryInfo(5*time.Second)).Err(), nil),
		"short delay":     codetable.NewError(qpsLimit),
		"long delay":      codetable.NewError(qpsLimit, codetable.WithRetryAfter(10*time.Minute)),
		"window":          codetable.NewError(dailyLimit),
		"bare":            errSecret,
	}
	for name, err := range errs {
		first := interceptor.NewTranslator(interceptor.WithPublicBoundary()).Translate(t.Context(), err)
		hop := interceptor.NewTranslator(interceptor.WithPublicBoundary()).Translate(t.Context(), invoke(t, first.Status.Err(), nil))
		for _, event := range []interceptor.Event{first, hop} {
			if allowed := event.Trailer[pushback][0] != "-1"; interceptor.Retriable(event.Status.Err()) != allowed {
				t.Errorf("%s: sent %v with %v, Retriable %v", name, event.Status, event.Trailer, !allowed)
			}
		}
	}
}

// The id in the log is the id that the caller gets, also after a panic.
func TestPanicHasOneCorrelationID(t *testing.T) {
	t.Parallel()
	var seen []string
	note := interceptor.WithObserver(func(_ context.Context, e interceptor.Event) { seen = append(seen, e.CorrelationID) })
	boom := interceptor.WithObserver(func(context.Context, interceptor.Event) { panic(secretText) })
	event := interceptor.NewTranslator(note, boom).Translate(t.Context(), errSecret)
	if !slices.Equal(seen, []string{event.CorrelationID}) || event.CorrelationID == "" {
		t.Errorf("observed %q, sent %q", seen, event.CorrelationID)
	}
	for _, opts := range [][]interceptor.ServerOption{nil, {interceptor.WithPublicBoundary()}} {
		inner, outer := interceptor.StreamServerInterceptor(), interceptor.StreamServerInterceptor(opts...)
		info, trailers := &grpc.StreamServerInfo{FullMethod: "/s/m"}, 0
		stream := countingStream{&nullServerStream{ctx: t.Context()}, &trailers}
		err := outer(nil, stream, info, func(srv any, stream grpc.ServerStream) error {
			return inner(srv, stream, info, func(any, grpc.ServerStream) error { return panicsInAs{errSecret} })
		})
		fields := interceptor.LoggingFields(err)
		at := slices.Index(fields, any("codetable.request_id"))
		if at < 0 || fields[at+1] != requestID(status.Convert(err)) || trailers != 1 {
			t.Errorf("fields %v of %v, %d trailers", fields, err, trailers)
		}
	}
}

type countingStream struct {
	grpc.ServerStream
	trailers *int
}

func (s countingStream) SetTrailer(metadata.MD) { *s.trailers++ }

// A bug looks the same as a masked error, in every language.
func TestBugLooksLikeAMask(t *testing.T) {
	t.Parallel()
	want := callPublic(t, kinds["unary"], "zh", same(codetable.NewError(authFailed))).wire
	if got := callPublic(t, kinds["unary"], "zh", same(panicsInUnwrap{errSecret})).wire; got != want {
		t.Errorf("a panic: sent\n%q\nwant\n%q", got, want)
	}
	ctx := metadata.NewIncomingContext(t.Context(), metadata.Pairs("accept-language", "zh"))
	stream := &nullServerStream{ctx: ctx}
	info := &grpc.StreamServerInfo{FullMethod: "/s/m"}
	err := interceptor.StreamServerInterceptor(interceptor.WithPublicBoundary())(nil, stream, info, func(srv any, stream grpc.ServerStream) error {
		return interceptor.StreamServerInterceptor()(srv, stream, info, func(any, grpc.ServerStream) error { return errSecret })
	})
	if got := localized(status.Convert(err)); len(got) != 1 || got[0].GetLocale() != "zh-CN" {
		t.Errorf("public around plain: sent %v", status.Convert(err).Proto())
	}
}

// A public boundary sends the context error of an inner public interceptor
// unchanged.
func TestContextErrorThroughTwoBoundaries(t *testing.T) {
	t.Parallel()
	public := []interceptor.ServerOption{interceptor.WithPublicBoundary()}
	for name, inner := range map[string][]interceptor.ServerOption{"public": public, "plain": nil} {
		got, _ := plainThrough(t, func(err error) error { return err }, answering(context.DeadlineExceeded), public, inner)
		if got.Code() != codes.DeadlineExceeded || len(got.Details()) != 0 {
			t.Errorf("public around %s: sent %v", name, got.Proto())
		}
		hidden := errors.Join(context.DeadlineExceeded, customFault{codetablev1.Fault_FAULT_OPERATOR, errSecret})
		got, _ = plainThrough(t, func(err error) error { return err }, answering(hidden), public, inner)
		if got.Code() != codes.Internal || requestID(got) == "" {
			t.Errorf("public around %s: sent %v, want a mask", name, got.Proto())
		}
	}
}

// If an error has no number, no code is filled in.
func TestInBandKeepsAnErrorWithoutANumber(t *testing.T) {
	t.Parallel()
	into := replyWith(tokenExpired)
	err := invoke(t, statusWith(t, infoOf("BRAND_NEW", "")), into, interceptor.WithInBandCodes())
	if e, ok := codetable.FromError(err); !ok || e.Reason() != "BRAND_NEW" || into.GetCode() != tokenExpired {
		t.Errorf("got %v and %v", into, err)
	}
}

// An observer can't change the trailer that is sent.
func TestObserverDoesNotChangeTheTrailer(t *testing.T) {
	t.Parallel()
	meddle := interceptor.WithObserver(func(_ context.Context, e interceptor.Event) {
		delete(e.Trailer, pushback)
		e.Trailer.Set("x-evil", "y")
	})
	_, trailer := plain(t, kinds["unary"], answering(codetable.NewError(qpsLimit)), meddle)
	if !cmp.Equal(trailer[pushback], []string{"1000"}) || len(trailer["x-evil"]) > 0 {
		t.Errorf("sent %v", trailer)
	}
}

func TestNilValues(t *testing.T) {
	t.Parallel()
	translator := interceptor.NewTranslator(interceptor.WithLocale(nil), interceptor.WithObserver(nil), interceptor.WithUnmapped(nil))
	var none context.Context
	if got := translator.Translate(none, codetable.NewError(tokenExpired)); !codetable.Is(got.Status.Err(), tokenExpired) {
		t.Errorf("sent %v", got.Status)
	}
	negative := statusOf(t, codes.FailedPrecondition, "x", infoOf("TOKEN_EXPIRED_OR_NOT_EXIST", "9003")).Proto()
	negative.Code = -1
	if got, _ := plain(t, kinds["unary"], answering(status.FromProto(negative).Err())); !codetable.Is(got.Err(), tokenExpired) {
		t.Errorf("sent %v, want the code", got.Proto())
	}
}
