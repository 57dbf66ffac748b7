package interceptor_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/retry"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// retryPolicy makes the statuses of all codes in these tests retryable. A
// client that does not know the table might use it.
const retryPolicy = `{"methodConfig": [{"name": [{}], "retryPolicy": {
	"maxAttempts": 4, "initialBackoff": "0.001s", "maxBackoff": "0.001s", "backoffMultiplier": 1,
	"retryableStatusCodes": ["RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "UNAVAILABLE", "INTERNAL", "UNKNOWN"]}}]}`

// failingOnce answers the first call with an error and all others with success.
func failingOnce(err error) (*service, *atomic.Int32) {
	var calls atomic.Int32
	return &service{answer: func(context.Context) error {
		if calls.Add(1) == 1 {
			return err
		}
		return nil
	}}, &calls
}

// retryTests defines for each error how often a retrying client calls, and how
// the call ends.
var retryTests = map[string]struct {
	err   error
	opts  []interceptor.ServerOption
	calls int32
	ends  codes.Code
}{
	"same request":                  {err: codetable.NewError(qpsLimit, codetable.WithRetryAfter(time.Millisecond)), calls: 2, ends: codes.OK},
	"same request, masked":          {err: codetable.NewError(qpsLimit, codetable.WithRetryAfter(time.Millisecond)), opts: []interceptor.ServerOption{interceptor.WithPublicBoundary()}, calls: 2, ends: codes.OK},
	"operator action":               {err: codetable.NewError(insufficientBalance), calls: 1, ends: codes.FailedPrecondition},
	"used token":                    {err: codetable.NewError(tokenExpired), calls: 1, ends: codes.FailedPrecondition},
	"next window":                   {err: codetable.NewError(dailyLimit), calls: 1, ends: codes.ResourceExhausted},
	"next window, masked":           {err: codetable.NewError(dailyLimit, codetable.WithRetryAfter(time.Hour)), opts: []interceptor.ServerOption{interceptor.WithPublicBoundary()}, calls: 1, ends: codes.Unavailable},
	"not listed":                    {err: codetable.NewError[responseCode](424242), calls: 1, ends: codes.Unknown},
	"no code, no advice":            {err: status.Error(codes.Unavailable, "reset after the token was sent"), calls: 1, ends: codes.Unavailable},
	"bare":                          {err: errSecret, calls: 1, ends: codes.Internal},
	"retriable status, other code":  {err: codetable.NewError(insufficientBalance), opts: []interceptor.ServerOption{interceptor.WithStatusCode(insufficientBalance, codes.Unavailable)}, calls: 1, ends: codes.Unavailable},
	"same request, other status":    {err: codetable.NewError(qpsLimit, codetable.WithRetryAfter(time.Millisecond)), opts: []interceptor.ServerOption{interceptor.WithStatusCode(qpsLimit, codes.Unavailable)}, calls: 2, ends: codes.OK},
	"same request with odd backoff": {err: codetable.NewError(qpsLimit, codetable.WithRetryAfter(0)), calls: 2, ends: codes.OK},
}

// There is no client interceptor: gRPC's own retry obeys the table.
func TestNativeRetryObeysTheTable(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, call func(context.Context, pb.TestServiceClient, ...grpc.CallOption) error) {
		for name, test := range retryTests {
			srv, calls := failingOnce(test.err)
			client := dialWith(t, serve(t, srv, test.opts...), grpc.WithDefaultServiceConfig(retryPolicy))
			err := call(t.Context(), client)
			if status.Code(err) != test.ends || calls.Load() != test.calls {
				t.Errorf("%s: %d calls ended in %v; want %d and %v", name, calls.Load(), err, test.calls, test.ends)
			}
		}
	})
}

func TestNativeRetryThroughTheClientInterceptor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, call func(context.Context, pb.TestServiceClient, ...grpc.CallOption) error) {
		client := dialWith(t, serve(t, answering(codetable.NewError(qpsLimit, codetable.WithRetryAfter(time.Millisecond)))),
			grpc.WithDefaultServiceConfig(retryPolicy),
			grpc.WithUnaryInterceptor(interceptor.UnaryClientInterceptor()), grpc.WithStreamInterceptor(interceptor.StreamClientInterceptor()))
		// After the last attempt grpc-go wraps the status. The code is found nevertheless.
		if err := call(t.Context(), client); !codetable.Is(err, qpsLimit) {
			t.Errorf("got %v, want %v", err, qpsLimit)
		}
	})
}

func TestMiddlewareRetryDecidesTheSame(t *testing.T) {
	t.Parallel()
	for name, test := range retryTests {
		srv, calls := failingOnce(test.err)
		client := dialWith(t, serve(t, srv, test.opts...), grpc.WithChainUnaryInterceptor(
			retry.UnaryClientInterceptor(retry.WithMax(4), retry.WithRetriable(interceptor.Retriable), retry.WithBackoff(retry.BackoffLinear(time.Millisecond))),
			interceptor.UnaryClientInterceptor()))
		err := kinds["unary"](t.Context(), client)
		if status.Code(err) != test.ends || calls.Load() != test.calls {
			t.Errorf("%s: %d calls ended in %v; want %d and %v", name, calls.Load(), err, test.calls, test.ends)
		}
	}
}

func TestRetriable(t *testing.T) {
	t.Parallel()
	for code, spec := range codetable.All[responseCode]() {
		err := codetable.NewError(code)
		want := err != nil && spec.Retry().Action.String() == "RETRY_ACTION_SAME_REQUEST"
		if got := interceptor.Retriable(err); got != want {
			t.Errorf("Retriable(%v) = %v with %v", code, got, spec.Retry())
		}
	}
	for _, err := range []error{nil, errSecret, context.DeadlineExceeded, status.Error(codes.Unavailable, ""), status.Error(codes.ResourceExhausted, "")} {
		if interceptor.Retriable(err) {
			t.Errorf("Retriable(%v) = true", err)
		}
	}
}

func TestPushback(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err  error
		opts []interceptor.ServerOption
		want []string
	}{
		"delay of the table":      {err: codetable.NewError(qpsLimit), want: []string{"1000"}},
		"own delay, rounded":      {err: codetable.NewError(qpsLimit, codetable.WithRetryAfter(1500*time.Microsecond)), want: []string{"2"}},
		"beyond 32 bits":          {err: codetable.NewError(qpsLimit, codetable.WithRetryAfter(1000*time.Hour)), want: []string{"2147483647"}},
		"status without delay":    {err: withoutRetryInfo(t, qpsLimit), want: []string{"1000"}},
		"no pushback":             {err: codetable.NewError(qpsLimit), opts: []interceptor.ServerOption{interceptor.WithoutRetryPushback()}},
		"no pushback, bare error": {err: errSecret, opts: []interceptor.ServerOption{interceptor.WithoutRetryPushback()}},
		"success":                 {},
	}
	each(t, func(t *testing.T, call func(context.Context, pb.TestServiceClient, ...grpc.CallOption) error) {
		for name, test := range tests {
			_, trailer := plain(t, call, answering(test.err), test.opts...)
			if got := trailer["grpc-retry-pushback-ms"]; !cmp.Equal(got, test.want) {
				t.Errorf("%s: pushback %q, want %q", name, got, test.want)
			}
		}
	})
}

// withoutRetryInfo returns the error of a server that sends only ErrorInfo.
func withoutRetryInfo(t *testing.T, code responseCode) error {
	t.Helper()
	message := status.Convert(codetable.NewError(code)).Proto()
	message.Details = message.Details[:1]
	return status.FromProto(message).Err()
}

// gRPC honours pushback only in trailers-only responses, so the interceptor
// must not send headers for an error.
func TestErrorsAreTrailersOnly(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, call func(context.Context, pb.TestServiceClient, ...grpc.CallOption) error) {
		var header metadata.MD
		client := dialWith(t, serve(t, answering(codetable.NewError(qpsLimit, codetable.WithMetadata("id", "1")))))
		if err := call(t.Context(), client, grpc.Header(&header)); err == nil {
			t.Fatal("the call succeeded")
		}
		if len(header) > 0 {
			t.Errorf("headers %v were sent for an error", header)
		}
	})
}

// After a header gRPC does not retry. The code is received nevertheless.
func TestErrorAfterTheFirstItem(t *testing.T) {
	t.Parallel()
	srv, calls := failingOnce(codetable.NewError(qpsLimit))
	srv.late = true
	client := dialWith(t, serve(t, srv), grpc.WithDefaultServiceConfig(retryPolicy), grpc.WithStreamInterceptor(interceptor.StreamClientInterceptor()))
	if err := kinds["bidi stream"](t.Context(), client); !codetable.Is(err, qpsLimit) || calls.Load() != 1 {
		t.Errorf("%d calls ended in %v, want one and %v", calls.Load(), err, qpsLimit)
	}
}
