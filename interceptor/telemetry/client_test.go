package telemetry_test

import (
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/retry"
	otelcodes "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/telemetry"
)

// TestSpansOfClientsFollowTheFault has the client of every failure, as a call and
// as a stream: an account without money is an error on both sides, and a mistyped
// number on none.
func TestSpansOfClientsFollowTheFault(t *testing.T) {
	t.Parallel()
	for name, f := range failures() {
		for method, call := range map[string]func(*served, *testing.T) error{"VerifyNumber": (*served).verify, "VerifyNumbers": (*served).verifyMany} {
			t.Run(name+" of "+method, func(t *testing.T) {
				t.Parallel()
				s, c := newSignals(), newSignals()
				server := serve(t, &verification{unary: failing(f.err), stream: failing(f.err)}, s.Server(f.options()...).Options(), c.Client().Options()...)
				err := call(server, t)
				server.stop()
				span, attributes := c.span(t)
				seen, _ := s.span(t)
				if span.Status.Code != f.spanStatus || span.Status.Code != seen.Status.Code || span.Parent.IsValid() ||
					seen.Parent.SpanID() != span.SpanContext.SpanID() {
					t.Errorf("client %v, server %v, want %v", span.Status, seen.Status, f.spanStatus)
				}
				wantType, wantReason := f.errorType, f.reason
				if f.public {
					wantType, wantReason = "INTERNAL", "" // all that a client can know
				}
				if attributes["error.type"] != wantType || attributes["codetable.reason"] != wantReason || attributes["rpc.response.status_code"] != f.rpcStatusCode ||
					attributes["codetable.request_id"] != codetable.RequestID(err) || attributes["server.address"] != "127.0.0.1" || attributes["server.port"] == "" {
					t.Errorf("attributes %v", attributes)
				}
			})
		}
	}
}

// TestClient counts and logs the calls of a client.
func TestClient(t *testing.T) {
	t.Parallel()
	c := newSignals()
	var answer error
	server := serve(t, &verification{unary: func(context.Context) error { return answer }}, newSignals().Server().Options(), c.Client().Options()...)
	if err := server.verify(t); err != nil {
		t.Fatal(err)
	}
	if lines := c.lines(t, "finished call"); len(lines) > 0 {
		t.Errorf("a success is logged: %v", lines)
	}
	answer = codetable.NewError(noMoney)
	if err := server.verify(t); !codetable.Is(err, noMoney) {
		t.Fatal(err)
	}
	server.stop()
	f := failures()["operator"]
	c.want(t, "codetable_client_failures_total", f.labels("VerifyNumber", "false"))
	c.want(t, "codetable_client_standing_faults", stands("VerifyNumber", "APPKEY_NO_MONEY"))
	c.want(t, "codetable_client_calls_in_flight")
	if line := c.line(t); line["level"] != "ERROR" || line["grpc.component"] != "client" || line["codetable.reason"] != f.reason || line["codetable.cause"] != nil {
		t.Errorf("logged %v", line)
	}
	if len(c.series(t, "grpc_client_handled_total")) != 2 || len(c.series(t, "codetable_failures_total")) > 0 {
		t.Error("the metrics are not those of a client")
	}
}

// TestClientWithInBandCodes wants a failure that the caller gets as a reply to be
// told as a failure.
func TestClientWithInBandCodes(t *testing.T) {
	t.Parallel()
	c := newSignals()
	server := serve(t, &verification{unary: failing(codetable.NewError(noMoney))}, newSignals().Server().Options(), c.Client(interceptor.WithInBandCodes()).Options()...)
	reply, err := server.client.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{})
	if err != nil || reply.GetCode() != noMoney {
		t.Fatalf("reply %v, %v", reply, err)
	}
	server.stop()
	c.want(t, "codetable_client_failures_total", failures()["operator"].labels("VerifyNumber", "false"))
	c.want(t, "codetable_client_standing_faults", stands("VerifyNumber", "APPKEY_NO_MONEY"))
	if line := c.line(t); line["codetable.reason"] != "APPKEY_NO_MONEY" {
		t.Errorf("logged %v", line)
	}
	if handled := c.series(t, "grpc_client_handled_total"); len(handled) != 1 || !strings.Contains(handled[0], `grpc_code="FailedPrecondition"`) {
		t.Errorf("handled %q", handled)
	}
}

// TestRequestsOfOthers has a server without codes that names its requests: a book
// that nobody has is no error of the client.
func TestRequestsOfOthers(t *testing.T) {
	t.Parallel()
	c := newSignals()
	notFound, err := status.New(codes.NotFound, "no such book").WithDetails(
		&errdetails.ErrorInfo{Reason: "NO_BOOK", Domain: "library.example.com"}, &errdetails.RequestInfo{RequestId: "42"})
	if err != nil {
		t.Fatal(err)
	}
	server := serve(t, &verification{unary: failing(notFound.Err())}, nil, c.Client().Options()...)
	if err := server.verify(t); status.Code(err) != codes.NotFound {
		t.Fatal(err)
	}
	server.stop()
	if span, attributes := c.span(t); span.Status.Code != otelcodes.Unset || attributes["codetable.request_id"] != "42" {
		t.Errorf("status %v, attributes %v", span.Status, attributes)
	}
	if lines := c.lines(t, "finished call"); len(lines) > 0 {
		t.Errorf("logged %v, which go-grpc-middleware has at level debug", lines)
	}
}

// TestUndeclaredCodes wants both sides to count a code that the method does not
// declare.
func TestUndeclaredCodes(t *testing.T) {
	t.Parallel()
	s, c := newSignals(), newSignals()
	server := serve(t, &verification{unary: failing(codetable.NewError(upstream))}, s.Server().Options(), c.Client().Options()...)
	if err := server.verify(t); !codetable.Is(err, upstream) {
		t.Fatal(err)
	}
	server.stop()
	labels := `{domain="` + domain + `",grpc_method="VerifyNumber",grpc_service="` + service + `",reason="INTERNAL_ERROR"} 1`
	s.want(t, "codetable_undeclared_total", labels)
	c.want(t, "codetable_client_undeclared_total", labels)
}

// TestStreamsOfClientsEnd wants each stream to be counted once, also one that its
// caller leaves, and one that an interceptor refuses.
func TestStreamsOfClientsEnd(t *testing.T) {
	t.Parallel()
	c := newSignals()
	refuse := errors.New("refused here")
	var refusing bool
	refuses := grpc.WithChainStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		if refusing {
			return nil, refuse
		}
		return streamer(ctx, desc, cc, method, opts...)
	})
	left := make(chan struct{})
	server := serve(t, &verification{stream: func(ctx context.Context) error {
		<-ctx.Done()
		close(left)
		return nil
	}}, newSignals().Server().Options(), append(c.Client().Options(), refuses)...)
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := server.client.VerifyNumbers(ctx); err != nil {
		t.Fatal(err)
	}
	c.want(t, "codetable_client_calls_in_flight", `{grpc_method="VerifyNumbers",grpc_service="`+service+`"} 1`)
	cancel() // without a Recv
	<-left
	for c.nonZero(t, "codetable_client_calls_in_flight") > 0 { // the client hears of it beside the server
		runtime.Gosched()
	}
	server.stop()
	refusing = true
	if _, err := server.client.VerifyNumbers(t.Context()); !errors.Is(err, refuse) {
		t.Errorf("got %v", err)
	}
	refusing = false
	if _, err := server.client.VerifyNumbers(t.Context()); status.Code(err) != codes.Canceled { // the connection is closed
		t.Errorf("got %v", err)
	}
	c.want(t, "codetable_client_calls_in_flight")
	c.want(t, "codetable_client_calls_total", `{grpc_method="VerifyNumbers",grpc_service="`+service+`"} 3`)
}

// TestRepeatedStreams has an interceptor that repeats a call. It is one call, and its
// caller sees a success.
func TestRepeatedStreams(t *testing.T) {
	t.Parallel()
	c := newSignals()
	var attempts atomic.Int64
	v := &verification{stream: func(context.Context) error {
		if attempts.Add(1) < 3 {
			return status.Error(codes.Unavailable, "not yet")
		}
		return nil
	}}
	repeats := grpc.WithChainStreamInterceptor(retry.StreamClientInterceptor(retry.WithMax(3), retry.WithCodes(codes.Unavailable),
		retry.WithBackoff(func(context.Context, uint) time.Duration { return 0 })))
	server := serve(t, v, newSignals().Server().Options(), append(c.Client().Options(), repeats)...)
	desc := &grpc.StreamDesc{ServerStreams: true} // what the interceptor can repeat
	stream, err := server.conn.NewStream(t.Context(), desc, jverificationv1.VerificationService_VerifyNumbers_FullMethodName)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(stream.SendMsg(&jverificationv1.VerifyNumbersRequest{}), stream.CloseSend()); err != nil {
		t.Fatal(err)
	}
	if err := stream.RecvMsg(&jverificationv1.VerifyNumbersResponse{}); !errors.Is(err, io.EOF) || attempts.Load() != 3 {
		t.Fatalf("%v after %d attempts", err, attempts.Load())
	}
	server.stop()
	c.want(t, "codetable_client_calls_total", `{grpc_method="VerifyNumbers",grpc_service="`+service+`"} 1`)
	c.want(t, "codetable_client_failures_total")
	c.want(t, "codetable_client_calls_in_flight")
}

// TestClientDeclares has the gRPC codes of the tables.
func TestClientDeclares(t *testing.T) {
	t.Parallel()
	c := newSignals()
	client := c.Client()
	client.Declare(&jverificationv1.VerificationService_ServiceDesc)
	line := `codetable_client_failures_total{domain="` + domain + `",fault="OPERATOR",grpc_code="FailedPrecondition",grpc_method="VerifyNumber",grpc_service="` + service +
		`",masked="false",reason="APPKEY_NO_MONEY"} 0`
	if failures := c.series(t, "codetable_client_failures_total"); !slices.Contains(failures, line) {
		t.Errorf("no %s among %q", line, failures)
	}
	if len(c.series(t, "codetable_client_standing_faults")) == 0 || len(c.series(t, "codetable_client_code_info")) == 0 {
		t.Error("no standing faults, or no info")
	}
	if failures := c.series(t, "codetable_client_failures_total"); len(failures) < 49 {
		t.Errorf("%d series", len(failures))
	}
}

// TestQuietCallsLeaveTheSpanOfTheirCaller has a health check that fails inside a
// span of its caller.
func TestQuietCallsLeaveTheSpanOfTheirCaller(t *testing.T) {
	t.Parallel()
	c := newSignals()
	server := serve(t, &verification{}, newSignals().Server().Options(), c.Client().Options()...)
	ctx, parent := sdktrace.NewTracerProvider(sdktrace.WithSyncer(c.spans)).Tracer("").Start(t.Context(), "parent")
	if _, err := healthpb.NewHealthClient(server.conn).Check(ctx, &healthpb.HealthCheckRequest{Service: "none"}); status.Code(err) != codes.NotFound {
		t.Fatal(err)
	}
	parent.End()
	if span, attributes := c.span(t); span.Name != "parent" || len(attributes) > 0 {
		t.Errorf("span %s %v", span.Name, attributes)
	}
}

// TestPropagator wants no trace of the client to reach the server.
func TestPropagator(t *testing.T) {
	t.Parallel()
	s, c := newSignals(), newSignals(telemetry.WithPropagator(propagation.NewCompositeTextMapPropagator()))
	server := serve(t, &verification{unary: failing(nil)}, s.Server().Options(), c.Client().Options()...)
	if err := server.verify(t); err != nil {
		t.Fatal(err)
	}
	server.stop()
	if span, _ := s.span(t); span.Parent.IsValid() {
		t.Errorf("the span has the parent %v", span.Parent)
	}
}
