package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/telemetry"
)

const (
	balance    = jverificationv1.ResponseCode_RESPONSE_CODE_INSUFFICIENT_BALANCE
	noMoney    = jverificationv1.ResponseCode_RESPONSE_CODE_APPKEY_NO_MONEY
	expired    = jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST
	mismatch   = jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_NOT_CONSISTENT
	upstream   = jverificationv1.ResponseCode_RESPONSE_CODE_INTERNAL_ERROR
	unlisted   = jverificationv1.ResponseCode(424242)
	domain     = "jverification.jiguang.cn"
	service    = "jiguang.jverification.v1.VerificationService"
	verifyName = jverificationv1.VerificationService_VerifyNumber_FullMethodName
)

// verification is a service whose methods do as they are told.
type verification struct {
	jverificationv1.UnimplementedVerificationServiceServer

	unary  func(context.Context) error
	stream func(context.Context) error
}

func (v *verification) VerifyNumber(ctx context.Context, _ *jverificationv1.VerifyNumberRequest) (*jverificationv1.VerifyNumberResponse, error) {
	return &jverificationv1.VerifyNumberResponse{}, v.unary(ctx)
}

func (v *verification) VerifyNumbers(stream grpc.BidiStreamingServer[jverificationv1.VerifyNumbersRequest, jverificationv1.VerifyNumbersResponse]) error {
	return v.stream(stream.Context())
}

func failing(err error) func(context.Context) error {
	return func(context.Context) error { return err }
}

// signals are what one server or client wrote to its log, metrics and traces.
type signals struct {
	*telemetry.Telemetry

	mu       sync.Mutex
	log      bytes.Buffer
	registry *prometheus.Registry
	spans    *tracetest.InMemoryExporter
}

func newSignals(opts ...telemetry.Option) *signals {
	s := &signals{registry: prometheus.NewRegistry(), spans: tracetest.NewInMemoryExporter()}
	s.Telemetry = telemetry.New(append([]telemetry.Option{
		telemetry.WithLogger(slog.New(slog.NewJSONHandler(s, nil))),
		telemetry.WithRegisterer(s.registry),
		telemetry.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSyncer(s.spans))),
	}, opts...)...)
	return s
}

func (s *signals) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(b)
}

// lines returns the lines of the log with a message.
func (s *signals) lines(t *testing.T, message string) (lines []map[string]any) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for line := range strings.Lines(s.log.String()) {
		entry := map[string]any{}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		if entry["msg"] == message {
			lines = append(lines, entry)
		}
	}
	return lines
}

// line returns the line of the one call that ended.
func (s *signals) line(t *testing.T) map[string]any {
	t.Helper()
	lines := s.lines(t, "finished call")
	if len(lines) != 1 {
		t.Fatalf("%d calls ended, want 1:\n%s", len(lines), s.log.String())
	}
	return lines[0]
}

// series returns the series of some metrics, as Prometheus reads them.
func (s *signals) series(t *testing.T, names ...string) (list []string) {
	t.Helper()
	families, err := s.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, family := range families {
		if slices.Contains(names, family.GetName()) {
			if _, err := expfmt.MetricFamilyToText(&out, family); err != nil {
				t.Fatal(err)
			}
		}
	}
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, "#") {
			list = append(list, strings.TrimSpace(line))
		}
	}
	return list
}

// want compares the series of a metric that are not 0. Each is what follows the
// name of the metric.
func (s *signals) want(t *testing.T, name string, want ...string) {
	t.Helper()
	var got []string
	for _, line := range s.series(t, name) {
		if !strings.HasSuffix(line, " 0") {
			got = append(got, strings.TrimPrefix(line, name))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// span returns the one span, with its attributes.
func (s *signals) span(t *testing.T) (tracetest.SpanStub, map[string]string) {
	t.Helper()
	spans := s.spans.GetSpans()
	if len(spans) != 1 {
		t.Fatalf("%d spans, want 1: %v", len(spans), spans)
	}
	return spans[0], values(spans[0].Attributes)
}

func values(attributes []attribute.KeyValue) map[string]string {
	all := map[string]string{}
	for _, a := range attributes {
		all[string(a.Key)] = a.Value.String()
	}
	return all
}

// served is a server with a client.
type served struct {
	conn   *grpc.ClientConn
	client jverificationv1.VerificationServiceClient
	server *grpc.Server
	stop   func() // returns when all signals of the server are there
}

// serve also serves health checks.
func serve(t *testing.T, v *verification, opts []grpc.ServerOption, client ...grpc.DialOption) *served {
	t.Helper()
	server := grpc.NewServer(opts...)
	jverificationv1.RegisterVerificationServiceServer(server, v)
	healthpb.RegisterHealthServer(server, health.NewServer())
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	conn, err := grpc.NewClient(listener.Addr().String(), append(client, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		t.Fatal(err)
	}
	stop := sync.OnceFunc(func() {
		_ = conn.Close()
		server.GracefulStop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return &served{conn, jverificationv1.NewVerificationServiceClient(conn), server, stop}
}

func (s *served) verify(t *testing.T) error {
	t.Helper()
	_, err := s.client.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{})
	return err
}

// verifyMany waits for the end of a stream.
func (s *served) verifyMany(t *testing.T) error {
	t.Helper()
	stream, err := s.client.VerifyNumbers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	return err
}
