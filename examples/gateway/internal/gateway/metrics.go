package gateway

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics is what is counted of the calls upstream. The calls that callers make
// are counted by package observability.
type metrics struct {
	duration *prometheus.HistogramVec
	calls    *prometheus.CounterVec
	inFlight prometheus.Gauge
	refused  *prometheus.CounterVec
}

func newMetrics(registerer prometheus.Registerer, health *reachability) *metrics {
	m := &metrics{
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "gateway_upstream_duration_seconds",
			Help: "Time that calls upstream took, by path.",
		}, []string{"path"}),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gateway_upstream_calls_total",
			Help: "Calls upstream by path and result: OK, the reason of the code, or the gRPC code of a failure without one.",
		}, []string{"path", "result"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "gateway_upstream_in_flight",
			Help: "Calls upstream that are under way.",
		}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gateway_upstream_not_called_total",
			Help: "Calls that were answered without the upstream: by the cool-down, or since too many were under way.",
		}, []string{"path", "cause"}),
	}
	if registerer == nil {
		return m
	}
	registerer.MustRegister(m.duration, m.calls, m.inFlight, m.refused,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "gateway_upstream_reachable",
			Help: "1 while the upstream can be reached, else 0.",
		}, func() float64 {
			if health.reachable() {
				return 1
			}
			return 0
		}))
	return m
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
