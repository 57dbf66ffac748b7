package server

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/observability"
)

const (
	serviceName = "jverification-gateway"
	// exportTimeout bounds how long a collector that hangs holds the end up.
	exportTimeout = 5 * time.Second
)

// signals is where the gateway says what it does.
type signals struct {
	log      *slog.Logger
	limit    *observability.LimitHandler
	registry *prometheus.Registry
	tracer   *sdktrace.TracerProvider // nil where tracing is not configured
}

func newSignals(ctx context.Context, set *settings, getenv func(string) string, stderr io.Writer) (*signals, error) {
	opts := &slog.HandlerOptions{Level: set.logLevel}
	var handler slog.Handler = slog.NewTextHandler(stderr, opts)
	if set.logFormat == "json" {
		handler = slog.NewJSONHandler(stderr, opts)
	}
	s := &signals{limit: observability.NewLimitHandler(handler, set.logRate), registry: prometheus.NewRegistry()}
	s.log = slog.New(s.limit)
	s.registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "gateway_log_lines_suppressed_total",
			Help: "Log lines that were left out, since there were too many.",
		}, func() float64 { return float64(s.limit.Suppressed()) }))
	var err error
	if s.tracer, err = newTracer(ctx, getenv); s.tracer != nil {
		// It has one handler for the whole process, and by default that is stderr.
		otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
			s.log.Warn("OpenTelemetry has a problem", "problem", err)
		}))
	}
	return s, err
}

func (s *signals) configure(config *gateway.Config) {
	config.Logger, config.Registerer = s.log, s.registry
	if s.tracer != nil { // a nil *TracerProvider is not a nil interface
		config.Tracer = s.tracer
	}
}

// newTracer follows the standard variables: no endpoint, no traces.
func newTracer(ctx context.Context, getenv func(string) string) (*sdktrace.TracerProvider, error) {
	const all, traces = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	endpoint := cmp.Or(getenv(traces), getenv(all))
	if endpoint == "" || getenv("OTEL_SDK_DISABLED") == "true" {
		return nil, nil
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, usageError{fmt.Errorf("%s or %s is not a URL: set it to one such as http://localhost:4317", all, traces)}
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
		if protocol := getenv(name); protocol != "" && protocol != "grpc" {
			return nil, usageError{fmt.Errorf("%s is %q, which is not spoken here: set it to grpc, and %s to the collector's port for that", name, protocol, all)}
		}
	}
	return observability.NewTracer(ctx, endpoint, cmp.Or(getenv("OTEL_SERVICE_NAME"), serviceName))
}

// handler serves the metrics and nothing else.
func (s *signals) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{Registry: s.registry}))
	return mux
}

// close sends what is held back.
func (s *signals) close() {
	ctx, cancel := context.WithTimeout(context.Background(), exportTimeout)
	defer cancel()
	if s.tracer != nil {
		if err := s.tracer.Shutdown(ctx); err != nil {
			s.log.Warn("the last traces were not sent", "error", err)
		}
	}
	_ = s.limit.Flush(ctx) // there is no place left to tell it
}
