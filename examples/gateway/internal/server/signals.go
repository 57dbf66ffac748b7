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
	"github.com/codetable/grpc-codetable/examples/gateway/internal/tlsfiles"
	"github.com/codetable/grpc-codetable/interceptor/telemetry"
)

const (
	serviceName = "jverification-gateway"
	// exportTimeout bounds how long a collector that hangs holds the end up.
	exportTimeout = 5 * time.Second
)

// signals is where the gateway says what it does.
type signals struct {
	log      *slog.Logger // of the gateway as a whole
	calls    *slog.Logger // of what callers make happen, at a limited rate
	level    slog.LevelVar
	limit    *telemetry.LimitHandler
	registry *prometheus.Registry
	tracer   *sdktrace.TracerProvider // nil where tracing is not configured
}

func newSignals(ctx context.Context, set *settings, env environment, stderr io.Writer) (*signals, error) {
	s := &signals{registry: prometheus.NewRegistry()}
	opts := &slog.HandlerOptions{Level: &s.level}
	var handler slog.Handler = slog.NewTextHandler(stderr, opts)
	if set.LogFormat == "json" {
		handler = slog.NewJSONHandler(stderr, opts)
	}
	s.limit = telemetry.NewLimitHandler(handler, set.LogRate)
	s.log, s.calls = slog.New(handler), slog.New(s.limit)
	s.adjust(set)
	s.registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "gateway_log_lines_suppressed_total",
			Help: "Log lines that were left out, since there were too many.",
		}, func() float64 { return float64(s.limit.Suppressed()) }))
	endpoint := env.traceEndpoint()
	if endpoint == "" {
		return s, nil
	}
	// It has one handler for the whole process, and by default that is stderr.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		s.calls.Warn("OpenTelemetry has a problem", "problem", err)
	}))
	var err error
	s.tracer, err = newTracer(ctx, endpoint, cmp.Or(env["OTEL_SERVICE_NAME"], serviceName))
	return s, err
}

// adjust follows the settings that change while calls are served.
func (s *signals) adjust(set *settings) {
	_ = s.level.UnmarshalText([]byte(set.LogLevel)) // one of the choices
	s.limit.SetRate(set.LogRate)
}

func (s *signals) configure(config gateway.Config) gateway.Config {
	config.Logger, config.CallLogger, config.Registerer = s.log, s.calls, s.registry
	if s.tracer != nil { // a nil *TracerProvider is not a nil interface
		config.Tracer = s.tracer
	}
	return config
}

// watchCertificate shows when the certificate of the listeners ends. The gateway
// itself notices nothing then: its clients fail before they make a call.
func (s *signals) watchCertificate(files *tlsfiles.Files) {
	s.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "gateway_certificate_expiration_timestamp_seconds",
		Help: "The end of the validity of the certificate of the gRPC and web listeners, in Unix time.",
	}, func() float64 { return float64(files.Expires().Unix()) }))
}

// The standard variables: no endpoint, no traces.
const (
	allEndpoint   = "OTEL_EXPORTER_OTLP_ENDPOINT"
	traceEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
)

func (env environment) traceEndpoint() string {
	if env["OTEL_SDK_DISABLED"] == "true" {
		return ""
	}
	return cmp.Or(env[traceEndpoint], env[allEndpoint])
}

// checkTracing wants a collector that speaks gRPC, if any.
func checkTracing(env environment) error {
	if env.traceEndpoint() == "" {
		return nil
	}
	u, err := url.Parse(env.traceEndpoint())
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%s or %s is not a URL: set it to one such as http://localhost:4317", allEndpoint, traceEndpoint)
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
		if protocol := env[name]; protocol != "" && protocol != "grpc" {
			return fmt.Errorf("%s is another protocol than the one spoken here: set it to grpc, and %s to the collector's port for that", name, allEndpoint)
		}
	}
	return nil
}

// handler serves the metrics and nothing else.
func (s *signals) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{Registry: s.registry, EnableOpenMetrics: true}))
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
