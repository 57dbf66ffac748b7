package telemetry_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/telemetry"
)

// TestOpenTelemetryMetrics wants the series of Prometheus, with their labels and
// values, under names with dots.
func TestOpenTelemetryMetrics(t *testing.T) {
	t.Parallel()
	reader := sdkmetric.NewManualReader()
	s := newSignals(telemetry.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))))
	observed := s.Server()
	var answer error
	server := serve(t, &verification{unary: func(context.Context) error { return answer }}, observed.Options())
	observed.Declare(server.server)
	for _, answer = range []error{codetable.NewError(noMoney), nil, codetable.NewError(balance), codetable.NewError(mismatch), invented(t, 0, domain)} {
		_ = server.verify(t)
	}
	server.stop()
	var data metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &data); err != nil {
		t.Fatal(err)
	}
	got, durations := map[string][]string{}, 0
	for _, scope := range data.ScopeMetrics {
		for _, m := range scope.Metrics {
			sum, ok := m.Data.(metricdata.Sum[int64])
			if !ok {
				durations++
				if m.Name != "rpc.server.call.duration" {
					t.Errorf("metric %s", m.Name)
				}
				continue
			}
			name := strings.ReplaceAll(m.Name, ".", "_")
			if sum.IsMonotonic {
				name += "_total"
			}
			for _, point := range sum.DataPoints {
				var labels []string
				for _, a := range point.Attributes.ToSlice() {
					labels = append(labels, string(a.Key)+`="`+a.Value.AsString()+`"`)
				}
				got[name] = append(got[name], name+"{"+strings.Join(labels, ",")+"} "+strconv.FormatInt(point.Value, 10))
			}
		}
	}
	if durations != 1 || len(got) != 7 {
		t.Errorf("%d histograms, want 1; %d other metrics, want 7", durations, len(got))
	}
	for name, series := range got {
		slices.Sort(series)
		want := s.series(t, name)
		slices.Sort(want)
		if diff := cmp.Diff(want, series); diff != "" {
			t.Errorf("%s (-Prometheus +OpenTelemetry):\n%s", name, diff)
		}
	}
}

// TestExemplars wants the trace of a failure in what Prometheus scrapes.
func TestExemplars(t *testing.T) {
	t.Parallel()
	s := newSignals()
	server := serve(t, &verification{unary: failing(codetable.NewError(noMoney))}, s.Server().Options())
	_ = server.verify(t)
	server.stop()
	span, _ := s.span(t)
	scrape := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
	scrape.Header.Set("Accept", "application/openmetrics-text; version=1.0.0")
	reply := httptest.NewRecorder()
	promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{EnableOpenMetrics: true}).ServeHTTP(reply, scrape)
	for _, name := range []string{"codetable_failures_total{", "codetable_calls_total{", "grpc_server_handled_total{"} {
		found := slices.ContainsFunc(strings.Split(reply.Body.String(), "\n"), func(line string) bool {
			return strings.HasPrefix(line, name) && strings.Contains(line, `trace_id="`+span.SpanContext.TraceID().String()+`"`) &&
				strings.Contains(line, `span_id="`+span.SpanContext.SpanID().String()+`"`)
		})
		if !found {
			t.Errorf("no exemplar of %s", name)
		}
	}
}
