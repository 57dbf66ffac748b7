package interceptor_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// verifier answers every call with the same reply, which may contain a code, or
// with the same error.
type verifier struct {
	jverificationv1.UnimplementedVerificationServiceServer
	reply *jverificationv1.VerifyNumberResponse
	err   error
}

func (v *verifier) VerifyNumber(context.Context, *jverificationv1.VerifyNumberRequest) (*jverificationv1.VerifyNumberResponse, error) {
	return v.reply, v.err
}

func serveVerifier(t *testing.T, v *verifier, opts ...interceptor.ServerOption) *bufconn.Listener {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer(grpc.UnaryInterceptor(interceptor.UnaryServerInterceptor(opts...)))
	jverificationv1.RegisterVerificationServiceServer(server, v)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return listener
}

func verify(t *testing.T, v *verifier, server []interceptor.ServerOption, client ...interceptor.ClientOption) (*jverificationv1.VerifyNumberResponse, error) {
	t.Helper()
	conn := connect(t, serveVerifier(t, v, server...), grpc.WithUnaryInterceptor(interceptor.UnaryClientInterceptor(client...)))
	return jverificationv1.NewVerificationServiceClient(conn).VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{})
}

func replyWith(code responseCode) *jverificationv1.VerifyNumberResponse {
	return &jverificationv1.VerifyNumberResponse{
		Id: 117270465679982593, ExId: "mine", Code: &code,
		Risk: &jverificationv1.RiskResult{Code: new(insufficientBalance)},
	}
}

var inBand = []interceptor.ServerOption{interceptor.WithInBandCodes()}

func TestInBandCodesBecomeStatusesAndBack(t *testing.T) {
	t.Parallel()
	for _, code := range everyCode() {
		want := replyWith(code)
		spec, _ := codetable.Lookup(code)

		got, err := verify(t, &verifier{reply: want}, inBand)
		if spec.GRPCCode() == codes.OK {
			if err != nil || !proto.Equal(got, want) {
				t.Errorf("%v: got %v and %v, want the reply unchanged", code, got, err)
			}
		} else if e, ok := codetable.FromError(err); !ok || e.Number() != int32(code) || !holds(e, want) {
			t.Errorf("%v: got %v, want the code with the reply as a detail", code, err)
		}

		got, err = verify(t, &verifier{reply: want}, inBand, interceptor.WithInBandCodes())
		if diff := cmp.Diff(want, got, protocmp.Transform()); err != nil || diff != "" {
			t.Errorf("%v: got %v, (-want +got):\n%s", code, err, diff)
		}
	}
}

func holds(e *codetable.Error, want proto.Message) bool {
	for _, detail := range e.Details() {
		if proto.Equal(detail, want) {
			return true
		}
	}
	return false
}

func TestInBandClientOfAServerWithErrors(t *testing.T) {
	t.Parallel()
	got, err := verify(t, &verifier{err: codetable.NewError(notConsistent)}, nil, interceptor.WithInBandCodes())
	if err != nil || got.GetCode() != notConsistent || got.Code == nil {
		t.Errorf("got %v and %v, want the code filled in", got, err)
	}
	for _, want := range []error{errSecret, status.Error(codes.NotFound, "x"), context.Canceled} {
		got, err := verify(t, &verifier{err: want}, nil, interceptor.WithInBandCodes())
		if err == nil || got != nil {
			t.Errorf("%v: got %v and %v, want the error", want, got, err)
		}
	}
}

func TestInBandNeedsACodeField(t *testing.T) {
	t.Parallel()
	unset := &jverificationv1.VerifyNumberResponse{Id: 1, Risk: &jverificationv1.RiskResult{Code: new(insufficientBalance)}}
	if got, err := verify(t, &verifier{reply: unset}, inBand); err != nil || !proto.Equal(got, unset) {
		t.Errorf("unset code: got %v and %v, want the reply unchanged", got, err)
	}
	if got, err := verify(t, &verifier{reply: replyWith(notConsistent)}, nil); err != nil || got.GetCode() != notConsistent {
		t.Errorf("option off: got %v and %v, want the reply unchanged", got, err)
	}
	// A message without a code field, and a reply that is not a message.
	if err := kinds["unary"](t.Context(), dial(t, serve(t, answering(nil), inBand...), interceptor.WithInBandCodes())); err != nil {
		t.Error(err)
	}
	if err := kinds["unary"](t.Context(), dial(t, serve(t, answering(codetable.NewError(tokenExpired)), inBand...), interceptor.WithInBandCodes())); !codetable.Is(err, tokenExpired) {
		t.Errorf("got %v, want the code: the reply has no place for it", err)
	}
	if err := invoke(t, codetable.NewError(tokenExpired), "no message", interceptor.WithInBandCodes()); !codetable.Is(err, tokenExpired) {
		t.Errorf("got %v", err)
	}
	reply, err := interceptor.UnaryServerInterceptor(interceptor.WithInBandCodes())(t.Context(), nil, &grpc.UnaryServerInfo{},
		func(context.Context, any) (any, error) { return "no message", nil })
	if reply != "no message" || err != nil {
		t.Errorf("got %v and %v", reply, err)
	}
}

func TestInBandAtAPublicBoundary(t *testing.T) {
	t.Parallel()
	_, err := verify(t, &verifier{reply: replyWith(insufficientBalance)}, append(inBand, interceptor.WithPublicBoundary()), interceptor.WithInBandCodes())
	if st := status.Convert(err); st.Code() != codes.Internal || strings.Contains(st.Proto().String(), "mine") {
		t.Errorf("got %v, want the code and the reply masked", st.Proto())
	}
}

// A reply that is too large for a header is dropped. The code is filled in
// nevertheless.
func TestInBandReplyOverTheBudget(t *testing.T) {
	t.Parallel()
	reply := replyWith(notConsistent)
	reply.ExId = strings.Repeat("x", 1<<16)
	var shed []string
	observe := interceptor.WithObserver(func(_ context.Context, e interceptor.Event) { shed = e.Shed })
	got, err := verify(t, &verifier{reply: reply}, append(inBand, observe), interceptor.WithInBandCodes())
	if err != nil || got.GetCode() != notConsistent || got.GetExId() != "" {
		t.Errorf("got %v and %v", got, err)
	}
	if !cmp.Equal(shed, []string{"jiguang.jverification.v1.VerifyNumberResponse"}) {
		t.Errorf("shed %q", shed)
	}
}

// The code of the status has priority over the code in the detail.
func TestInBandDetailOfAnotherCode(t *testing.T) {
	t.Parallel()
	err := codetable.NewError(notConsistent, codetable.WithDetail(replyWith(consistent)))
	got, err := verify(t, &verifier{err: err}, nil, interceptor.WithInBandCodes())
	if err != nil || got.GetCode() != notConsistent {
		t.Errorf("got %v and %v, want %v", got, err, notConsistent)
	}
}

func TestPushbackOfInBandCodes(t *testing.T) {
	t.Parallel()
	conn := connect(t, serveVerifier(t, &verifier{reply: replyWith(notConsistent)}, inBand...))
	var trailer metadata.MD
	_, err := jverificationv1.NewVerificationServiceClient(conn).VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{}, grpc.Trailer(&trailer))
	if !codetable.Is(err, notConsistent) || !cmp.Equal(trailer["grpc-retry-pushback-ms"], []string{"-1"}) {
		t.Errorf("got %v with %v", err, trailer)
	}
}
