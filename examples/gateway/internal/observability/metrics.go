package observability

import (
	"context"
	"strconv"

	grpcprom "github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"

	"github.com/codetable/grpc-codetable/interceptor"
)

// metrics is what is counted of the calls to a server.
type metrics struct {
	calls      *grpcprom.ServerMetrics
	failures   *prometheus.CounterVec
	undeclared *prometheus.CounterVec
	shed       *prometheus.CounterVec
	inFlight   *prometheus.GaugeVec
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	m := &metrics{
		calls: grpcprom.NewServerMetrics(grpcprom.WithServerHandlingTimeHistogram()),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "codetable_failures_total",
			Help: "Failed calls and failed parts of calls, by reason of the code, gRPC code as sent, and whether the error was masked.",
		}, []string{"grpc_service", "grpc_method", "reason", "grpc_code", "masked"}),
		undeclared: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "codetable_undeclared_total",
			Help: "Failures with a code that the method does not declare, by reason of the code.",
		}, []string{"grpc_service", "grpc_method", "reason"}),
		shed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "codetable_shed_total",
			Help: "Parts of errors that the detail budget left out, by the name of the part.",
		}, []string{"part"}),
		inFlight: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "codetable_calls_in_flight",
			Help: "Calls that have begun and not ended.",
		}, []string{"grpc_method"}),
	}
	registerer.MustRegister(m.calls, m.failures, m.undeclared, m.shed, m.inFlight)
	return m
}

// observe counts a failure. The labels are bounded, whatever a peer sends:
// reasons come from the table, and all numbers that it does not list share
// UNRECOGNIZED_CODE; a failure without a code has the empty reason; all numbers
// that gRPC does not know share Unknown; and a part that is left out is one of
// the linked message types or a field.
func (m *metrics) observe(_ context.Context, e interceptor.Event) {
	m.failures.WithLabelValues(e.Meta.Service, e.Meta.Method, reason(e),
		grpcCode(e).String(), strconv.FormatBool(e.Masked)).Inc()
	if e.Undeclared {
		m.undeclared.WithLabelValues(e.Meta.Service, e.Meta.Method, reason(e)).Inc()
	}
	for _, part := range e.Shed {
		m.shed.WithLabelValues(part).Inc()
	}
}

func (m *metrics) inFlightUnary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	gauge := m.inFlight.WithLabelValues(info.FullMethod)
	gauge.Inc()
	defer gauge.Dec()
	return handler(ctx, req)
}

func (m *metrics) inFlightStream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	gauge := m.inFlight.WithLabelValues(info.FullMethod)
	gauge.Inc()
	defer gauge.Dec()
	return handler(srv, stream)
}
