// Package telemetry reports the calls of a gRPC service by the codes of its
// tables: logs (log/slog), metrics (Prometheus, and OpenTelemetry by option) and
// spans (OpenTelemetry). The fault of a code decides the level of a line, the
// status of a span and the label that alerts select, and not its gRPC code: the
// operator must act on an account without money, but not on a mistyped number.
//
// A server needs four lines, and a client two:
//
//	signals := telemetry.New(telemetry.WithLogger(slog.Default()), telemetry.WithRegisterer(prometheus.DefaultRegisterer))
//	observed := signals.Server()
//	server := grpc.NewServer(observed.Options()...)
//	... register the services
//	observed.Declare(server)
//
//	conn, err := grpc.NewClient(target, append(signals.Client().Options(),
//		grpc.WithTransportCredentials(creds))...)
//
// The interceptors of a server have the order that package interceptor documents:
// metrics, logging, codetable. On a client codetable comes first. They contain
// those of package interceptor, so do not chain them again. All signals see the
// original code, also where a public boundary masks it, and share its request id.
//
// # Metrics
//
// The names are those of Prometheus. Those of a client begin with
// codetable_client_ instead.
//
//   - codetable_calls_total{grpc_service,grpc_method}: calls and parts of calls
//     that ended.
//   - codetable_failures_total{grpc_service,grpc_method,domain,reason,fault,grpc_code,masked}:
//     those that failed. domain and reason are empty for a failure without a
//     code. fault is OPERATOR, UPSTREAM, CALLER, END_USER or UNSPECIFIED.
//     grpc_code is the code that was sent.
//   - codetable_standing_faults{grpc_service,grpc_method,domain,reason}: 1 from a
//     failure that the operator must act on to the next success of the method,
//     else 0. A success that began before the failure proves nothing and leaves
//     the gauge as it is, so a stream does not clear what its items set.
//   - codetable_code_info{domain,reason,number,fault,retry,grpc_code}: 1 for each
//     failing code of each table whose codes a declared service names.
//   - codetable_undeclared_total{grpc_service,grpc_method,domain,reason}: failures
//     with a code that the option (codetable.v1.method) of the method does not name.
//   - codetable_shed_total{part}: parts of errors that the detail budget removed.
//   - codetable_calls_in_flight{grpc_service,grpc_method}: calls that have begun
//     and not ended.
//
// With Prometheus, grpc_server_* or grpc_client_* of go-grpc-middleware are
// registered too. Counters carry exemplars with trace_id and span_id while a
// sampled span is active.
//
// Labels are bounded, whatever a peer sends. Methods that the program neither
// links nor declared share unknown. Numbers and reasons that a table does not list
// share UNRECOGNIZED_CODE, and so do tables that the program does not link, with
// the domain unknown. Names of details that are not linked share unknown.
//
// # Spans
//
// The spans are those of otelgrpc, with the stable attributes rpc.* and server.*
// of the OpenTelemetry semantic conventions 1.43.0. The status is Error for the
// faults OPERATOR, UPSTREAM and UNSPECIFIED and for errors without a code and a
// status, on servers and clients alike. For a status without a code it follows
// the rule for servers: Error for UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED,
// INTERNAL, UNAVAILABLE and DATA_LOSS. error.type is the reason of the code, or
// else the value of rpc.response.status_code. The name of a span of an unknown
// method is _OTHER. [Annotate] follows the same rules for the span of another call,
// such as one to a REST upstream.
package telemetry

import (
	"log/slog"
	"sync"

	grpcprom "github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus"
	"go.opentelemetry.io/otel/metric"
	"google.golang.org/grpc/stats"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
)

// scope names this package in OpenTelemetry.
const scope = "github.com/codetable/grpc-codetable/interceptor/telemetry"

// Telemetry holds where the signals go. Make one with [New]. It is safe for
// concurrent use.
type Telemetry struct {
	server, client func() *side
}

// New returns a Telemetry with the given places. A signal without a place is
// left out. Without options nothing is told.
func New(opts ...Option) *Telemetry {
	c := newConfig(opts)
	return &Telemetry{
		server: sync.OnceValue(func() *side { return newSide(c, false) }),
		client: sync.OnceValue(func() *side { return newSide(c, true) }),
	}
}

// side tells the calls of the servers, or of the clients, of a Telemetry.
type side struct {
	*config

	client    bool
	metrics   *metrics
	methods   *methods
	described sync.Map // the domains of the tables in codetable_code_info

	// The metrics of go-grpc-middleware: one of both with a registerer, else none.
	grpcServer *grpcprom.ServerMetrics
	grpcClient *grpcprom.ClientMetrics
}

func newSide(c *config, client bool) *side {
	s := &side{config: c, client: client}
	s.metrics = newMetrics(client, c.registerer, c.meter())
	s.methods = newMethods(s.metrics)
	switch {
	case c.registerer == nil:
	case client:
		s.grpcClient = grpcprom.NewClientMetrics(grpcprom.WithClientHandlingTimeHistogram())
		c.registerer.MustRegister(s.grpcClient)
	default:
		s.grpcServer = grpcprom.NewServerMetrics(grpcprom.WithServerHandlingTimeHistogram())
		c.registerer.MustRegister(s.grpcServer)
	}
	return s
}

// tells reports whether calls are counted or logged.
func (s *side) tells() bool {
	return s.logger != nil || s.registerer != nil || s.meterProvider != nil
}

// stats returns the stats handler, or none if there are neither spans nor
// OpenTelemetry metrics.
func (s *side) stats() []stats.Handler {
	if s.tracerProvider == nil && s.meterProvider == nil {
		return nil
	}
	return []stats.Handler{newSpans(s)}
}

func (c *config) meter() metric.Meter {
	if c.meterProvider == nil {
		return nil
	}
	return c.meterProvider.Meter(scope)
}

// defaultLevels are the levels by fault. UNSPECIFIED is that of numbers that a
// table does not list, and of errors with neither a code nor a status.
func defaultLevels() map[codetablev1.Fault]slog.Level {
	return map[codetablev1.Fault]slog.Level{
		codetablev1.Fault_FAULT_UNSPECIFIED: slog.LevelError,
		codetablev1.Fault_FAULT_OPERATOR:    slog.LevelError,
		codetablev1.Fault_FAULT_UPSTREAM:    slog.LevelWarn,
		codetablev1.Fault_FAULT_CALLER:      slog.LevelInfo,
		codetablev1.Fault_FAULT_END_USER:    slog.LevelInfo,
	}
}
