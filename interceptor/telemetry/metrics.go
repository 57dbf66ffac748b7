package telemetry

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
)

// metrics are the metrics of one side.
type metrics struct {
	calls, failures, standing, info, undeclared, shed, inFlight *family
}

func newMetrics(client bool, registerer prometheus.Registerer, meter metric.Meter) *metrics {
	m := maker{promauto.With(registerer), meter, "codetable_", "codetable."}
	if client {
		m.prom, m.otel = "codetable_client_", "codetable.client."
	}
	return &metrics{
		calls: m.counter("calls", "Calls and parts of calls that ended.",
			"grpc_service", "grpc_method"),
		failures: m.counter("failures", "Calls and parts of calls that failed, by code, party that must act, gRPC code as sent, and whether the code was masked.",
			"grpc_service", "grpc_method", "domain", "reason", "fault", "grpc_code", "masked"),
		standing: m.gauge("standing_faults", "1 from a failure that the operator must act on to the next success of the method, else 0.",
			"grpc_service", "grpc_method", "domain", "reason"),
		info: m.gauge("code_info", "1 for each failing code of the tables that the services name.",
			"domain", "reason", "number", "fault", "retry", "grpc_code"),
		undeclared: m.counter("undeclared", "Failures with a code that the method does not declare.",
			"grpc_service", "grpc_method", "domain", "reason"),
		shed: m.counter("shed", "Parts of errors that the detail budget removed.", "part"),
		inFlight: m.gauge("calls_in_flight", "Calls that have begun and not ended.",
			"grpc_service", "grpc_method"),
	}
}

// maker makes the metrics of one side.
type maker struct {
	factory    promauto.Factory
	meter      metric.Meter // nil without OpenTelemetry
	prom, otel string       // the prefixes of the names
}

func (m maker) counter(name, help string, labels ...string) *family {
	vec := m.factory.NewCounterVec(prometheus.CounterOpts{Name: m.prom + name + "_total", Help: help}, labels)
	f := &family{labels: labels, prom: func(values []string) adder { return vec.WithLabelValues(values...) }}
	if m.meter != nil {
		counter, err := m.meter.Int64Counter(m.otel+name, metric.WithDescription(help))
		handle(err)
		f.otel = counter
	}
	return f
}

func (m maker) gauge(name, help string, labels ...string) *family {
	vec := m.factory.NewGaugeVec(prometheus.GaugeOpts{Name: m.prom + name, Help: help}, labels)
	f := &family{labels: labels, prom: func(values []string) adder { return vec.WithLabelValues(values...) }}
	if m.meter != nil {
		gauge, err := m.meter.Int64UpDownCounter(m.otel+name, metric.WithDescription(help))
		handle(err)
		f.otel = gauge
	}
	return f
}

// handle reports an error to the handler of OpenTelemetry, as its instrumentation
// does: a meter still returns an instrument.
func handle(err error) {
	if err != nil {
		otel.Handle(err)
	}
}

// adder is a counter or a gauge of Prometheus.
type adder interface{ Add(n float64) }

// instrument is a counter of OpenTelemetry, which for a gauge also goes down.
type instrument interface {
	Add(ctx context.Context, n int64, opts ...metric.AddOption)
}

// family is one metric, in Prometheus and in OpenTelemetry.
type family struct {
	labels []string
	prom   func(values []string) adder
	otel   instrument // nil without OpenTelemetry
}

// with returns the series of the values of the labels, in their order, and
// creates it.
func (f *family) with(values ...string) series {
	s := series{prom: f.prom(values), otel: f.otel}
	s.exemplars, _ = s.prom.(prometheus.ExemplarAdder)
	if s.otel != nil {
		attributes := make([]attribute.KeyValue, len(values))
		for i, value := range values {
			attributes[i] = attribute.String(f.labels[i], value)
		}
		s.attributes = []metric.AddOption{metric.WithAttributeSet(attribute.NewSet(attributes...))}
		s.otel.Add(context.Background(), 0, s.attributes...)
	}
	return s
}

// series is one time series of a family.
type series struct {
	prom       adder
	exemplars  prometheus.ExemplarAdder // nil for a gauge
	otel       instrument
	attributes []metric.AddOption
}

func (s series) add(ctx context.Context, n int) {
	if exemplar := exemplarOf(ctx, s.exemplars); exemplar != nil {
		s.exemplars.AddWithExemplar(float64(n), exemplar)
	} else {
		s.prom.Add(float64(n))
	}
	if s.otel != nil {
		s.otel.Add(ctx, int64(n), s.attributes...)
	}
}

func exemplarOf(ctx context.Context, exemplars prometheus.ExemplarAdder) prometheus.Labels {
	if exemplars == nil {
		return nil
	}
	return exemplar(ctx)
}

// exemplar names the sampled span of a context. It is nil if there is none.
func exemplar(ctx context.Context) prometheus.Labels {
	span := trace.SpanContextFromContext(ctx)
	if !span.IsSampled() {
		return nil
	}
	return prometheus.Labels{"trace_id": span.TraceID().String(), "span_id": span.SpanID().String()}
}
