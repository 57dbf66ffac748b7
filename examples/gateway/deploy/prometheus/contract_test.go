package prometheus_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/grpc/codes"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// contract are the labels of each metric of codetable, in the order of Prometheus.
var contract = map[string]string{
	"codetable_calls_total":      "grpc_method grpc_service",
	"codetable_calls_in_flight":  "grpc_method grpc_service",
	"codetable_code_info":        "domain fault grpc_code number reason retry",
	"codetable_failures_total":   "domain fault grpc_code grpc_method grpc_service masked reason",
	"codetable_shed_total":       "part",
	"codetable_standing_faults":  "domain grpc_method grpc_service reason",
	"codetable_undeclared_total": "domain grpc_method grpc_service reason",
}

func labelNames(metric *dto.Metric) string {
	names := make([]string, 0, len(metric.GetLabel()))
	for _, label := range metric.GetLabel() {
		names = append(names, label.GetName())
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func checkContract(t *testing.T, families map[string]*dto.MetricFamily) {
	t.Helper()
	missing := maps.Clone(contract)
	for name, family := range families {
		if !strings.HasPrefix(name, "codetable_") {
			continue
		}
		delete(missing, name)
		for _, metric := range family.GetMetric() {
			if got := labelNames(metric); got != contract[name] {
				t.Errorf("%s has the labels %q, want %q", name, got, contract[name])
				break
			}
		}
	}
	delete(missing, "codetable_shed_total") // nothing was shed
	for name := range missing {
		t.Errorf("%s is missing", name)
	}
	reasons := map[string]bool{}
	for _, metric := range families["codetable_failures_total"].GetMetric() {
		if metric.GetCounter().GetValue() == 0 {
			continue
		}
		for _, label := range metric.GetLabel() {
			if label.GetName() == "reason" {
				reasons[label.GetValue()] = true
			}
		}
	}
	for code, spec := range codetable.All[jverificationv1.ResponseCode]() {
		if spec.GRPCCode() != codes.OK && !reasons[spec.Reason()] {
			t.Errorf("%v was not counted", code)
		}
	}
}
