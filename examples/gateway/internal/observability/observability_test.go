package observability_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/observability"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

type verification struct {
	jverificationv1.UnimplementedVerificationServiceServer
	err  error
	part func(context.Context) // what is done during a call
}

func (v *verification) VerifyNumber(ctx context.Context, _ *jverificationv1.VerifyNumberRequest) (*jverificationv1.VerifyNumberResponse, error) {
	if v.part != nil {
		v.part(ctx)
	}
	return &jverificationv1.VerifyNumberResponse{}, v.err
}

func (v *verification) VerifyNumbers(grpc.BidiStreamingServer[jverificationv1.VerifyNumbersRequest, jverificationv1.VerifyNumbersResponse]) error {
	return v.err
}

// signals is what one server wrote to its log, metrics and traces.
type signals struct {
	mu    sync.Mutex
	log   bytes.Buffer
	prom  *prometheus.Registry
	spans *tracetest.InMemoryExporter
	stop  func()

	checks healthpb.HealthClient
}

func (s *signals) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(b)
}

// finished returns the log entry of the one call that ended.
func (s *signals) finished(t *testing.T) map[string]any {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for line := range strings.Lines(s.log.String()) {
		entry := map[string]any{}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		if entry["msg"] == "finished call" {
			return entry
		}
	}
	t.Fatalf("no call ended in the log:\n%s", s.log.String())
	return nil
}

func serve(t *testing.T, err error, opts ...interceptor.ServerOption) (*signals, jverificationv1.VerificationServiceClient) {
	t.Helper()
	s := &signals{prom: prometheus.NewRegistry(), spans: tracetest.NewInMemoryExporter()}
	return s, serveWith(t, s, &verification{err: err}, opts...)
}

func newSignals(s *signals) *observability.Signals {
	return observability.New(observability.Config{
		Logger:     slog.New(slog.NewJSONHandler(s, nil)),
		Registerer: s.prom,
		Tracer:     sdktrace.NewTracerProvider(sdktrace.WithSyncer(s.spans)),
	})
}

// serveWith also serves health checks.
func serveWith(t *testing.T, s *signals, v *verification, opts ...interceptor.ServerOption) jverificationv1.VerificationServiceClient {
	t.Helper()
	return serveOn(t, s, v, newSignals(s), opts...)
}

func serveOn(t *testing.T, s *signals, v *verification, told *observability.Signals, opts ...interceptor.ServerOption) jverificationv1.VerificationServiceClient {
	t.Helper()
	server := grpc.NewServer(told.Chain(opts...).ServerOptions()...)
	jverificationv1.RegisterVerificationServiceServer(server, v)
	healthpb.RegisterHealthServer(server, health.NewServer())
	listener, listenErr := net.Listen("tcp", "127.0.0.1:0")
	if listenErr != nil {
		t.Fatal(listenErr)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	conn, dialErr := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if dialErr != nil {
		t.Fatal(dialErr)
	}
	// GracefulStop returns when the handlers have, and so have all signals.
	s.stop = sync.OnceFunc(func() {
		_ = conn.Close()
		server.GracefulStop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(s.stop)
	s.checks = healthpb.NewHealthClient(conn)
	return jverificationv1.NewVerificationServiceClient(conn)
}

const (
	balance = jverificationv1.ResponseCode_RESPONSE_CODE_INSUFFICIENT_BALANCE
	expired = jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST
)

func TestSignalsAgree(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err                 error
		opts                []interceptor.ServerOption
		grpcCode, reason    string
		errorType           string
		masked              string
		code                float64
		correlated, uncoded bool
	}{
		"code":     {err: codetable.NewError(expired), grpcCode: "FailedPrecondition", reason: "TOKEN_EXPIRED_OR_NOT_EXIST", errorType: "TOKEN_EXPIRED_OR_NOT_EXIST", masked: "false", code: 9003},
		"masked":   {err: codetable.NewError(balance), opts: []interceptor.ServerOption{interceptor.WithPublicBoundary()}, grpcCode: "Internal", reason: "INSUFFICIENT_BALANCE", errorType: "INSUFFICIENT_BALANCE", masked: "true", code: 1805, correlated: true},
		"unlisted": {err: codetable.NewError[jverificationv1.ResponseCode](424242), grpcCode: "Unknown", reason: "UNRECOGNIZED_CODE", errorType: "UNRECOGNIZED_CODE", masked: "false", code: 424242},
		"bare":     {err: errors.New("pq: secret"), grpcCode: "Internal", errorType: "Internal", masked: "false", correlated: true, uncoded: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, client := serve(t, test.err, test.opts...)
			_, err := client.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{})
			s.stop()
			id := requestID(err)
			if (id != "") != test.correlated || status.Code(err).String() != test.grpcCode {
				t.Fatalf("got %v with id %q", err, id)
			}

			entry := s.finished(t)
			want := map[string]any{"grpc.code": test.grpcCode}
			if !test.uncoded {
				want["codetable.reason"], want["codetable.code"] = test.reason, test.code
			}
			if test.correlated {
				want["codetable.request_id"] = id
			}
			for key, value := range want {
				if entry[key] != value {
					t.Errorf("logged %s = %v, want %v", key, entry[key], value)
				}
			}

			metric := `
# HELP codetable_failures_total Failed calls and failed parts of calls, by reason of the code, gRPC code as sent, and whether the error was masked.
# TYPE codetable_failures_total counter
codetable_failures_total{grpc_code="` + test.grpcCode + `",grpc_method="VerifyNumber",grpc_service="jiguang.jverification.v1.VerificationService",masked="` + test.masked + `",reason="` + test.reason + `"} 1
`
			if err := testutil.GatherAndCompare(s.prom, strings.NewReader(metric), "codetable_failures_total"); err != nil {
				t.Error(err)
			}
			handled := `
# HELP grpc_server_handled_total Total number of RPCs completed on the server, regardless of success or failure.
# TYPE grpc_server_handled_total counter
grpc_server_handled_total{grpc_code="` + test.grpcCode + `",grpc_method="VerifyNumber",grpc_service="jiguang.jverification.v1.VerificationService",grpc_type="unary"} 1
`
			if err := testutil.GatherAndCompare(s.prom, strings.NewReader(handled), "grpc_server_handled_total"); err != nil {
				t.Error(err)
			}

			spans := s.spans.GetSpans()
			if len(spans) != 1 {
				t.Fatalf("%d spans", len(spans))
			}
			attributes := attribute.NewSet(spans[0].Attributes...)
			if got, _ := attributes.Value("error.type"); got.AsString() != test.errorType {
				t.Errorf("span has error.type %q, want %q", got.AsString(), test.errorType)
			}
			if got, _ := attributes.Value("codetable.request_id"); got.AsString() != id {
				t.Errorf("span has correlation id %q, want %q", got.AsString(), id)
			}
		})
	}
}

func requestID(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.RequestInfo); ok {
			return info.GetRequestId()
		}
	}
	return ""
}

func TestStreamsAreObservedAlike(t *testing.T) {
	t.Parallel()
	s, client := serve(t, codetable.NewError(expired))
	stream, err := client.VerifyNumbers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); !codetable.Is(err, expired) {
		t.Fatalf("got %v", err)
	}
	s.stop()
	if got := s.finished(t)["codetable.reason"]; got != "TOKEN_EXPIRED_OR_NOT_EXIST" {
		t.Errorf("logged %v", got)
	}
	if n, err := testutil.GatherAndCount(s.prom, "codetable_failures_total"); n != 1 || err != nil {
		t.Errorf("%d series, %v", n, err)
	}
	if spans := s.spans.GetSpans(); len(spans) != 1 {
		t.Errorf("%d spans", len(spans))
	}
}

func TestSuccessIsNoFailure(t *testing.T) {
	t.Parallel()
	s, client := serve(t, nil)
	if _, err := client.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{}); err != nil {
		t.Fatal(err)
	}
	s.stop()
	if n, err := testutil.GatherAndCount(s.prom, "codetable_failures_total"); n != 0 || err != nil {
		t.Errorf("%d series, %v", n, err)
	}
	if spans := s.spans.GetSpans(); len(spans) != 1 || attributesOf(spans[0].Attributes).HasValue("error.type") {
		t.Errorf("spans %v", spans)
	}
}

func attributesOf(list []attribute.KeyValue) *attribute.Set {
	set := attribute.NewSet(list...)
	return &set
}

func TestHealthChecksAreQuiet(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, nil)
	if _, err := s.checks.Check(t.Context(), &healthpb.HealthCheckRequest{}); err != nil {
		t.Fatal(err)
	}
	s.stop()
	if s.log.Len() > 0 || len(s.spans.GetSpans()) > 0 {
		t.Errorf("log %s, spans %v", &s.log, s.spans.GetSpans())
	}
}

// TestNothingConfigured needs no place for any signal.
func TestNothingConfigured(t *testing.T) {
	t.Parallel()
	if got := len(observability.New(observability.Config{}).Chain().ServerOptions()); got != 2 {
		t.Errorf("%d options, want the interceptors of codetable alone", got)
	}
}
