// Package observability shows how codes reach logs (log/slog through
// go-grpc-middleware), metrics (its Prometheus provider) and traces
// (OpenTelemetry). All three see the original code, also where a public
// boundary masks it for the caller, and share its correlation id.
package observability

import (
	"context"
	"log/slog"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc/filters"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/stats"

	"github.com/codetable/grpc-codetable/interceptor"
)

// Config says where the signals go. A signal without a place is left out.
type Config struct {
	Logger     *slog.Logger
	Registerer prometheus.Registerer
	Tracer     trace.TracerProvider
}

// Signals tells the calls of a server to the places of a [Config]. Make one with
// [New].
type Signals struct {
	config  Config
	metrics *metrics // nil without a registerer
}

// New registers the metrics. A registerer that has them already makes it panic.
func New(cfg Config) *Signals {
	s := &Signals{config: cfg}
	if cfg.Registerer != nil {
		s.metrics = newMetrics(cfg.Registerer)
	}
	return s
}

// Chain is what stands before the methods of a server, the outermost first.
type Chain struct {
	Unary  []grpc.UnaryServerInterceptor
	Stream []grpc.StreamServerInterceptor
	Stats  []stats.Handler
}

// ServerOptions are the options of a server with the chain.
func (c Chain) ServerOptions() []grpc.ServerOption {
	opts := make([]grpc.ServerOption, 0, 2+len(c.Stats))
	opts = append(opts, grpc.ChainUnaryInterceptor(c.Unary...), grpc.ChainStreamInterceptor(c.Stream...))
	for _, handler := range c.Stats {
		opts = append(opts, grpc.StatsHandler(handler))
	}
	return opts
}

// Chain returns a server's interceptors in the documented order: metrics,
// logging, codetable. What else the server chains comes behind them.
//
// The log has one line for each call that ended, without the payloads, which
// may hold personal data, and none for health checks and reflection, which
// would be most of it.
func (s *Signals) Chain(opts ...interceptor.ServerOption) Chain {
	var chain Chain
	if m := s.metrics; m != nil {
		chain.Unary = append(chain.Unary, m.calls.UnaryServerInterceptor())
		chain.Stream = append(chain.Stream, m.calls.StreamServerInterceptor())
	}
	if s.config.Tracer != nil {
		chain.Stats = append(chain.Stats, otelgrpc.NewServerHandler(
			otelgrpc.WithTracerProvider(s.config.Tracer),
			otelgrpc.WithFilter(filters.Not(filters.HealthCheck())),
			otelgrpc.WithPropagators(propagation.TraceContext{})))
	}
	opts = append(opts, s.observers(annotate)...)
	calls := interceptors.CommonReportableFunc(s.begin)
	chain.Unary = append(chain.Unary, interceptors.UnaryServerInterceptor(calls), interceptor.UnaryServerInterceptor(opts...))
	chain.Stream = append(chain.Stream, interceptors.StreamServerInterceptor(calls), interceptor.StreamServerInterceptor(opts...))
	return chain
}

// Translator returns a translator for errors that do not end a call, such as
// those of the items of a stream. They are counted as those of calls are, and
// are events of the call's span.
func (s *Signals) Translator(opts ...interceptor.ServerOption) *interceptor.Translator {
	return interceptor.NewTranslator(append(opts, s.observers(addEvent)...)...)
}

func (s *Signals) observers(trace func(context.Context, interceptor.Event)) (opts []interceptor.ServerOption) {
	if s.metrics != nil {
		opts = append(opts, interceptor.WithObserver(s.metrics.observe))
	}
	if s.config.Tracer != nil {
		opts = append(opts, interceptor.WithObserver(trace))
	}
	return opts
}
