package codetabletest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/codetable/codetabletest"
)

const (
	authFailed   = jverificationv1.ResponseCode_RESPONSE_CODE_AUTH_FAILED
	qpsLimit     = jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT
	tokenExpired = jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST
	hourLimit    = jverificationv1.ResponseCode_RESPONSE_CODE_BEYOND_HOUR_FREQUENCY_LIMIT
	unlisted     = jverificationv1.ResponseCode(4242)
)

var errSecret = errors.New("pq: secret")

func TestReceive(t *testing.T) {
	t.Parallel()
	chinese := interceptor.WithLocale(func(context.Context) string { return "zh" })
	sent := codetable.NewError(tokenExpired, codetable.WithMetadata("id", "1"), codetable.WithCause(errSecret))
	tests := map[string]struct {
		err  error
		opts []interceptor.ServerOption
		want error
	}{
		"nil":           {nil, nil, nil},
		"code":          {sent, nil, codetable.NewError(tokenExpired, codetable.WithMetadata("id", "1"))},
		"wrapped":       {fmt.Errorf("private: %w", sent), nil, codetable.NewError(tokenExpired, codetable.WithMetadata("id", "1"))},
		"unlisted":      {codetable.NewError(unlisted), nil, codetable.NewError(unlisted)},
		"another code":  {codetable.NewError(qpsLimit), []interceptor.ServerOption{interceptor.WithStatusCode(qpsLimit, codes.Unavailable)}, nil},
		"status":        {fmt.Errorf("private: %w", status.Error(codes.NotFound, "no such row")), nil, status.Error(codes.NotFound, "no such row")},
		"bare error":    {io.EOF, nil, status.Error(codes.Internal, "internal error")},
		"context":       {context.DeadlineExceeded, nil, status.Error(codes.DeadlineExceeded, "context deadline exceeded")},
		"masked":        {codetable.NewError(authFailed), []interceptor.ServerOption{interceptor.WithPublicBoundary(), chinese}, status.Error(codes.Internal, "internal error")},
		"not masked":    {codetable.NewError(authFailed), nil, codetable.NewError(authFailed)},
		"with language": {codetable.NewError(unlisted), []interceptor.ServerOption{chinese}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := codetabletest.Receive(tt.err, tt.opts...)
			if diff := codetabletest.Diff(tt.want, got); tt.want != nil && diff != "" || (tt.err == nil) != (got == nil) {
				t.Errorf("received %v:\n%s", got, diff)
			}
			if e, ok := got.(*codetable.Error); ok && !e.Remote() {
				t.Errorf("%v was not received", e)
			}
			switch name {
			case "another code":
				if status.Code(got) != codes.Unavailable || !codetable.Is(got, qpsLimit) {
					t.Errorf("received %v, want the code with another status", got)
				}
			case "masked":
				if mask, ok := codetable.Masked(got); !ok || mask.UserMessage() == "" || mask.RequestID() == "" {
					t.Errorf("received %v, want a mask", got)
				}
			case "with language":
				if e, ok := codetable.FromError(got); !ok || e.UserMessage() != "服务暂时不可用，请稍后再试。" {
					t.Errorf("received %v, want a sentence in Chinese", got)
				}
			}
		})
	}
}

func ExampleReceive() {
	handler := func() error {
		return fmt.Errorf("verify: %w", codetable.NewError(tokenExpired, codetable.WithMetadata("id", "117"), codetable.WithCause(errSecret)))
	}
	fmt.Println(codetabletest.Receive(handler()))

	// The error of an operator behind a server with other options.
	public := codetabletest.Receive(codetable.NewError(authFailed), interceptor.WithPublicBoundary())
	_, masked := codetable.Masked(public)
	fmt.Println(status.Code(public), masked)
	// Output:
	// jverification.jiguang.cn 9003 TOKEN_EXPIRED_OR_NOT_EXIST: rpc error: code = FailedPrecondition desc = Token expired or does not exist
	// Internal true
}

func ExampleDiff() {
	want := codetable.NewError(tokenExpired, codetable.WithMetadata("id", "117"))
	fmt.Printf("%q\n", codetabletest.Diff(want, codetabletest.Receive(want)))

	got := codetable.NewError(qpsLimit, codetable.WithMetadata("id", "118"))
	fmt.Println(codetabletest.Diff(want, got))
	// Output:
	// ""
	// number: want 9003, got 1804
	// reason: want TOKEN_EXPIRED_OR_NOT_EXIST, got QPS_LIMIT
	// gRPC code: want FailedPrecondition, got ResourceExhausted
	// message: want "Token expired or does not exist", got "QPS rate limit"
	// metadata id: want "117", got "118"
	// retry: want NEW_INPUT, got SAME_REQUEST after 1s
	// details: want google.rpc.ErrorInfo google.rpc.PreconditionFailure, got google.rpc.ErrorInfo google.rpc.RetryInfo google.rpc.QuotaFailure
}

// Call Golden in a test of the package that owns the enum.
func ExampleGolden() {
	_ = func(t *testing.T) { // func TestTable(t *testing.T)
		codetabletest.Golden[jverificationv1.ResponseCode](t, "testdata/response_code.golden.json")
	}
	// Output:
}
