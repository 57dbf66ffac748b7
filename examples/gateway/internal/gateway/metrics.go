package gateway

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// metrics is what is counted of the calls upstream. The calls that callers make
// are counted by package telemetry.
type metrics struct {
	duration  *prometheus.HistogramVec
	calls     *prometheus.CounterVec
	inFlight  prometheus.Gauge
	refused   *prometheus.CounterVec
	reachable prometheus.Gauge
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	register := promauto.With(registerer) // nil registers nothing
	return &metrics{
		duration: register.NewHistogramVec(prometheus.HistogramOpts{
			Name: "gateway_upstream_duration_seconds",
			Help: "Time that calls upstream took, by path.",
		}, []string{"path"}),
		calls: register.NewCounterVec(prometheus.CounterOpts{
			Name: "gateway_upstream_calls_total",
			Help: "Calls upstream by path and result: OK, the reason of the code, or the gRPC code of a failure without one.",
		}, []string{"path", "result"}),
		inFlight: register.NewGauge(prometheus.GaugeOpts{
			Name: "gateway_upstream_in_flight",
			Help: "Calls upstream that are under way.",
		}),
		refused: register.NewCounterVec(prometheus.CounterOpts{
			Name: "gateway_upstream_not_called_total",
			Help: "Calls that were answered without the upstream: by the cool-down, or since too many were under way.",
		}, []string{"path", "cause"}),
		reachable: register.NewGauge(prometheus.GaugeOpts{
			Name: "gateway_upstream_reachable",
			Help: "1 while the upstream can be reached, else 0.",
		}),
	}
}

// start counts a call upstream until the function that it returns is called.
func (m *metrics) start(path string) (end func(result string)) {
	m.inFlight.Inc()
	began := time.Now()
	return func(result string) {
		m.inFlight.Dec()
		m.duration.WithLabelValues(path).Observe(time.Since(began).Seconds())
		m.calls.WithLabelValues(path, result).Inc()
	}
}
