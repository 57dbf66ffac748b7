// Package observability shows how codes reach logs (log/slog through
// go-grpc-middleware), metrics (its Prometheus provider) and traces
// (OpenTelemetry). All three see the original code, also where a public
// boundary masks it for the caller, and share its correlation id.
package observability

import (
	"context"
	"log/slog"

	grpcprom "github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/logging"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"

	"github.com/codetable/grpc-codetable/interceptor"
)

// Config says where the signals go. Every field is required.
type Config struct {
	Logger     *slog.Logger
	Registerer prometheus.Registerer
	Tracer     trace.TracerProvider
}

// ServerOptions returns a server's interceptors in the documented order:
// metrics, logging, codetable. What else the server chains comes behind them.
func ServerOptions(cfg Config, opts ...interceptor.ServerOption) []grpc.ServerOption {
	calls := grpcprom.NewServerMetrics()
	failures := newFailures()
	cfg.Registerer.MustRegister(calls, failures)
	opts = append(opts, interceptor.WithObserver(func(ctx context.Context, e interceptor.Event) {
		count(failures, e)
		annotate(trace.SpanFromContext(ctx), e)
	}))
	logger := logAdapter(cfg.Logger)
	fields := logging.WithErrorFields(interceptor.LoggingFields)
	return []grpc.ServerOption{
		grpc.StatsHandler(otelgrpc.NewServerHandler(otelgrpc.WithTracerProvider(cfg.Tracer))),
		grpc.ChainUnaryInterceptor(
			calls.UnaryServerInterceptor(),
			logging.UnaryServerInterceptor(logger, fields),
			interceptor.UnaryServerInterceptor(opts...)),
		grpc.ChainStreamInterceptor(
			calls.StreamServerInterceptor(),
			logging.StreamServerInterceptor(logger, fields),
			interceptor.StreamServerInterceptor(opts...)),
	}
}

func logAdapter(l *slog.Logger) logging.Logger {
	return logging.LoggerFunc(func(ctx context.Context, level logging.Level, msg string, fields ...any) {
		l.Log(ctx, slog.Level(level), msg, fields...)
	})
}

func newFailures() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "codetable_failures_total",
		Help: "Failed calls by reason of the code, gRPC code as sent, and whether the code was masked.",
	}, []string{"grpc_service", "grpc_method", "reason", "grpc_code", "masked"})
}

// count adds a failure. The labels are bounded: reasons come from the table,
// all numbers that it does not list share UNRECOGNIZED_CODE, and a failure
// without a code has the empty reason.
func count(failures *prometheus.CounterVec, e interceptor.Event) {
	masked := "false"
	if e.Masked {
		masked = "true"
	}
	failures.WithLabelValues(e.Meta.Service, e.Meta.Method, reason(e), e.Status.Code().String(), masked).Inc()
}

// annotate puts the code on the span of the call. error.type is the attribute
// that OpenTelemetry defines for a class of errors of low cardinality.
func annotate(span trace.Span, e interceptor.Event) {
	attributes := []attribute.KeyValue{attribute.String("error.type", errorType(e))}
	if e.Err != nil {
		attributes = append(attributes, attribute.Int("codetable.code", int(e.Err.Number())))
	}
	if e.CorrelationID != "" {
		attributes = append(attributes, attribute.String("codetable.correlation_id", e.CorrelationID))
	}
	span.SetAttributes(attributes...)
}

func reason(e interceptor.Event) string {
	if e.Err == nil {
		return ""
	}
	return e.Err.Reason()
}

func errorType(e interceptor.Event) string {
	if r := reason(e); r != "" {
		return r
	}
	return e.Status.Code().String()
}
