package server

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/cooldown"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
)

var (
	heldDesc = prometheus.NewDesc("gateway_cooldown_held",
		"1 while calls of a product are answered from memory with a code, else 0.", []string{"product", "reason"}, nil)
	heldLeftDesc = prometheus.NewDesc("gateway_cooldown_left_seconds",
		"Time until calls of a product are sent to the upstream again, or the first of them as a probe; 0 while they are sent.", []string{"product"}, nil)
)

// heldCollector reads the cool-down at each scrape. Each product has a series for
// each code that can hold it, so that an alert sees the first time. A scrape waits
// for a shared store no longer than redis-timeout for each product.
type heldCollector struct{ gateway *gateway.Gateway }

// Describe implements [prometheus.Collector].
func (heldCollector) Describe(descs chan<- *prometheus.Desc) {
	descs <- heldDesc
	descs <- heldLeftDesc
}

// Collect implements [prometheus.Collector].
func (c heldCollector) Collect(metrics chan<- prometheus.Metric) {
	for product, code := range c.gateway.Held(context.Background()) {
		left := 0.0
		if code != nil {
			left = code.Retry().Delay.Seconds()
		}
		metrics <- prometheus.MustNewConstMetric(heldLeftDesc, prometheus.GaugeValue, left, product)
		for _, reason := range cooldown.Reasons() {
			is := 0.0
			if code != nil && code.Reason() == reason {
				is = 1
			}
			metrics <- prometheus.MustNewConstMetric(heldDesc, prometheus.GaugeValue, is, product, reason)
		}
	}
}
