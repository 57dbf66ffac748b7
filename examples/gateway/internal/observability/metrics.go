package observability

import (
	"context"
	"strconv"

	grpcprom "github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

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
	auto := promauto.With(registerer)
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return auto.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	m := &metrics{
		calls: grpcprom.NewServerMetrics(grpcprom.WithServerHandlingTimeHistogram()),
		failures: counter("codetable_failures_total",
			"Failed calls and failed parts of calls, by reason of the code, gRPC code as sent, and whether the error was masked.",
			"grpc_service", "grpc_method", "reason", "grpc_code", "masked"),
		undeclared: counter("codetable_undeclared_total",
			"Failures with a code that the method does not declare, by reason of the code.",
			"grpc_service", "grpc_method", "reason"),
		shed: counter("codetable_shed_total",
			"Parts of errors that the detail budget left out, by the name of the part.",
			"part"),
		inFlight: auto.NewGaugeVec(prometheus.GaugeOpts{
			Name: "codetable_calls_in_flight",
			Help: "Calls that have begun and not ended.",
		}, []string{"grpc_method"}),
	}
	registerer.MustRegister(m.calls)
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
