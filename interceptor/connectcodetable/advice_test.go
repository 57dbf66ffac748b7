package connectcodetable_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// TestRetryAdvice shows where each protocol sends the advice.
func TestRetryAdvice(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err        error
		opts       []interceptor.ServerOption
		pushback   string
		retryAfter string
	}{
		"same request":      {err: codetable.NewError(qpsLimit), pushback: "1000", retryAfter: "1"},
		"rounded up":        {err: codetable.NewError(qpsLimit, codetable.WithRetryAfter(1200*time.Millisecond)), pushback: "1200", retryAfter: "2"},
		"at once":           {err: codetable.NewError(qpsLimit, codetable.WithRetryAfter(0)), pushback: "0", retryAfter: "0"},
		"new input":         {err: codetable.NewError(tokenExpired), pushback: "-1"},
		"never":             {err: codetable.NewError(invalidParameters), pushback: "-1"},
		"without pushback":  {err: codetable.NewError(qpsLimit), opts: []interceptor.ServerOption{interceptor.WithoutRetryPushback()}, retryAfter: "1"},
		"masked":            {err: codetable.NewError(qpsLimit), opts: []interceptor.ServerOption{interceptor.WithPublicBoundary()}, pushback: "1000", retryAfter: "1"},
		"of the handler":    {err: withRetryInfo(30 * time.Second), pushback: "-1", retryAfter: "30"},
		"a negative delay":  {err: withRetryInfo(-30 * time.Second), pushback: "-1", retryAfter: "0"},
		"malformed details": {err: malformedRetryInfo(), pushback: "-1"},
	}
	each(t, func(t *testing.T, protocol string, call func(context.Context, string, ...connect.ClientOption) error) {
		for name, test := range tests {
			checkAdvice(t, name, protocol, call(t.Context(), serve(t, intercept(answering(test.err), test.opts...))), test.pushback, test.retryAfter)
		}
	})
}

func withRetryInfo(delay time.Duration) error {
	e := connect.NewError(connect.CodeUnavailable, errors.New("busy"))
	detail, _ := connect.NewErrorDetail(&errdetails.RetryInfo{RetryDelay: durationpb.New(delay)})
	e.AddDetail(detail)
	return e
}

func malformedRetryInfo() error {
	message := status.New(codes.Unavailable, "busy").Proto()
	message.Details = append(message.Details, malformed("type.googleapis.com/google.rpc.RetryInfo"))
	return status.FromProto(message).Err()
}

// retryPolicy makes the statuses of these tests retryable.
const retryPolicy = `{"methodConfig": [{"name": [{}], "retryPolicy": {
	"maxAttempts": 4, "initialBackoff": "0.001s", "maxBackoff": "0.001s", "backoffMultiplier": 1,
	"retryableStatusCodes": ["RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "UNAVAILABLE", "INTERNAL", "UNKNOWN"]}}]}`

// TestGRPCDoesNotRetry shows the limit that the package comment states:
// net/http sends headers before an error, and gRPC repeats no call after
// headers. The caller gets the code and the pushback nevertheless. With a
// server of grpc-go the first of these calls is made four times, as
// TestServeHTTPDisablesPushback of package interceptor shows.
func TestGRPCDoesNotRetry(t *testing.T) {
	t.Parallel()
	errs := map[string]error{
		"1":  codetable.NewError(qpsLimit, codetable.WithRetryAfter(time.Millisecond)),
		"-1": codetable.NewError(insufficientBalance),
	}
	for want, failure := range errs {
		var calls atomic.Int32
		url := serve(t, intercept(&service{answer: func(context.Context) error {
			calls.Add(1)
			return failure
		}}))
		client := pb.NewTestServiceClient(dial(t, url, grpc.WithDefaultServiceConfig(retryPolicy),
			grpc.WithUnaryInterceptor(interceptor.UnaryClientInterceptor())))
		var header, trailer metadata.MD
		_, err := client.UnaryCall(t.Context(), &pb.SimpleRequest{}, grpc.Header(&header), grpc.Trailer(&trailer))
		if e, ok := codetable.FromError(err); !ok || !errors.Is(failure, e) || calls.Load() != 1 {
			t.Errorf("%d calls ended in %v", calls.Load(), err)
		}
		if got := trailer["grpc-retry-pushback-ms"]; len(got) != 1 || got[0] != want || len(header) == 0 {
			t.Errorf("pushback %q after the headers %v, want %s", got, header, want)
		}
	}
}

// dial connects to a server with grpc-go.
func dial(t *testing.T, url string, opts ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(strings.TrimPrefix(url, "http://"), append(opts, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}
