package telemetry_test

import (
	"context"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"

	grpcprom "github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/telemetry"
)

// nowhere is io.Discard for lines that are written: slog.DiscardHandler makes none.
type nowhere struct{}

func (nowhere) Write(line []byte) (int, error) { return len(line), nil }

// places are the signals that a call may be told to, from none to all.
func places() []struct {
	name string
	opts []telemetry.Option
} {
	meter := telemetry.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(metric.NewManualReader())))
	warn := telemetry.WithLogger(slog.New(slog.NewTextHandler(nowhere{}, &slog.HandlerOptions{Level: slog.LevelWarn})))
	info := telemetry.WithLogger(slog.New(slog.NewTextHandler(nowhere{}, nil)))
	registerer := telemetry.WithRegisterer(prometheus.NewRegistry())
	spans := telemetry.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.TraceIDRatioBased(0.01))))
	return []struct {
		name string
		opts []telemetry.Option
	}{
		{"nothing", nil},
		{"OpenTelemetry metrics", []telemetry.Option{meter}},
		{"log of warnings", []telemetry.Option{warn}},
		{"log of each call", []telemetry.Option{info}},
		{"Prometheus", []telemetry.Option{registerer}},
		{"Prometheus, log of warnings, one span of 100", []telemetry.Option{telemetry.WithRegisterer(prometheus.NewRegistry()), warn, spans}},
	}
}

// BenchmarkCall makes whole calls over a connection in memory.
func BenchmarkCall(b *testing.B) {
	for _, outcome := range []struct {
		name string
		err  error
	}{{"success", nil}, {"failure", codetable.NewError(noMoney)}} {
		for _, place := range places() {
			b.Run(outcome.name+"/"+place.name, func(b *testing.B) {
				client := serveInMemory(b, telemetry.New(place.opts...), outcome.err)
				b.ReportAllocs()
				for b.Loop() {
					_, err := client.VerifyNumber(b.Context(), &jverificationv1.VerifyNumberRequest{})
					if (err == nil) != (outcome.err == nil) {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func serveInMemory(b *testing.B, t *telemetry.Telemetry, err error) jverificationv1.VerificationServiceClient {
	b.Helper()
	observed := t.Server()
	server := grpc.NewServer(observed.Options()...)
	jverificationv1.RegisterVerificationServiceServer(server, &verification{unary: failing(err)})
	observed.Declare(server)
	listener := bufconn.Listen(1 << 20)
	go func() { _ = server.Serve(listener) }()
	b.Cleanup(server.Stop)
	conn, dialErr := grpc.NewClient("passthrough:///memory", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if dialErr != nil {
		b.Fatal(dialErr)
	}
	b.Cleanup(func() { _ = conn.Close() })
	return jverificationv1.NewVerificationServiceClient(conn)
}

// inProcess returns a call of a method that passes the chain of a server without a
// connection.
func inProcess(chain telemetry.Chain, err error) func(context.Context) error {
	info := &grpc.UnaryServerInfo{FullMethod: verifyName}
	handler := func(context.Context, any) (any, error) { return "reply", err }
	for _, interceptor := range slices.Backward(chain.Unary) {
		next := handler
		handler = func(ctx context.Context, req any) (any, error) { return interceptor(ctx, req, info, next) }
	}
	return func(ctx context.Context) error {
		_, err := handler(ctx, nil)
		return err
	}
}

// BenchmarkChain measures the interceptors alone.
func BenchmarkChain(b *testing.B) {
	for _, place := range places() {
		b.Run("success/"+place.name, func(b *testing.B) {
			call, ctx := inProcess(telemetry.New(place.opts...).Server().Chain(), nil), b.Context()
			b.ReportAllocs()
			for b.Loop() {
				if err := call(ctx); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestSuccessAllocatesNothing wants no allocation beside those of the metrics of
// go-grpc-middleware and of lines that are written.
func TestSuccessAllocatesNothing(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts those of all goroutines
	measure := func(chain telemetry.Chain) float64 {
		call, ctx := inProcess(chain, nil), t.Context()
		return testing.AllocsPerRun(1000, func() {
			if err := call(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	provider := measure(telemetry.Chain{Unary: []grpc.UnaryServerInterceptor{grpcprom.NewServerMetrics(grpcprom.WithServerHandlingTimeHistogram()).UnaryServerInterceptor()}})
	for _, place := range places() {
		if place.name == "log of each call" {
			continue
		}
		want := 0.0
		if strings.HasPrefix(place.name, "Prometheus") {
			want = provider
		}
		if got := measure(telemetry.New(place.opts...).Server().Chain()); got > want {
			t.Errorf("%s: %v allocations, want %v", place.name, got, want)
		}
	}
}
