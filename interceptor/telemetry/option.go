package telemetry

import (
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
)

// Option configures a [Telemetry]. Only this package can implement it.
type Option interface{ apply(c *config) }

type option func(*config)

func (o option) apply(c *config) { o(c) }

type config struct {
	logger         *slog.Logger
	levels         map[codetablev1.Fault]slog.Level
	metadata       []string
	registerer     prometheus.Registerer
	meterProvider  metric.MeterProvider
	tracerProvider trace.TracerProvider
	propagator     propagation.TextMapPropagator
}

func newConfig(opts []Option) *config {
	c := &config{levels: defaultLevels(), propagator: propagation.TraceContext{}}
	for _, opt := range opts {
		opt.apply(c)
	}
	return c
}

// WithLogger sets the logger that gets one line for each finished call and for
// each failed part of a call. The lines have no payload, which may contain
// personal data. Calls of health checks and reflection (services grpc.*) are not
// logged. Default: no lines.
//
// A flood of calls is a flood of lines: see [LimitHandler], and give it the lines
// of calls only.
func WithLogger(logger *slog.Logger) Option {
	return option(func(c *config) { c.logger = logger })
}

// WithLevel sets the level of the lines of failures with a fault.
// FAULT_UNSPECIFIED stands for numbers that a table does not list, and for
// errors with neither a code nor a status. Default: error for FAULT_OPERATOR and
// FAULT_UNSPECIFIED, warn for FAULT_UPSTREAM, info for FAULT_CALLER and
// FAULT_END_USER. A success and a status without a code have the level that
// go-grpc-middleware gives their gRPC code by default: a success is info on a
// server, and debug on a client.
func WithLevel(fault codetablev1.Fault, level slog.Level) Option {
	return option(func(c *config) { c.levels[fault] = level })
}

// WithLoggedMetadata names the metadata of codes that lines contain, such as the
// upstream's own number of a call, as fields codetable.metadata.KEY. Metadata
// that an upstream made up may contain personal data. Default: none.
func WithLoggedMetadata(keys ...string) Option {
	return option(func(c *config) { c.metadata = append(c.metadata, keys...) })
}

// WithRegisterer sets where the metrics are registered: those of servers by
// [Telemetry.Server] and those of clients by [Telemetry.Client], which panic if
// the registerer already has them. Default: none are registered.
func WithRegisterer(registerer prometheus.Registerer) Option {
	return option(func(c *config) { c.registerer = registerer })
}

// WithMeterProvider sets where the OpenTelemetry metrics go. They have the names
// of the Prometheus metrics with dots, such as codetable.failures, and the same
// labels, so that an exporter to Prometheus makes the same series of them. The
// metrics rpc.server.call.duration and rpc.client.call.duration of otelgrpc are
// beside them. Default: none.
func WithMeterProvider(provider metric.MeterProvider) Option {
	return option(func(c *config) { c.meterProvider = provider })
}

// WithTracerProvider sets where the spans go. Calls of health checks and
// reflection (services grpc.*) have no spans. Default: none are made.
func WithTracerProvider(provider trace.TracerProvider) Option {
	return option(func(c *config) { c.tracerProvider = provider })
}

// WithPropagator sets how the context of a trace travels in metadata. Default:
// W3C Trace Context, without baggage, which any caller can fill.
func WithPropagator(propagator propagation.TextMapPropagator) Option {
	return option(func(c *config) { c.propagator = propagator })
}
