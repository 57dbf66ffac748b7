package signalstest_test

import (
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/signals/signalstest"
)

// TestFaults finds what no server exports.
func TestFaults(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		`sum by (job, grpc_service) (rate(codetable_calls_total{job=~"$job", grpc_method="A{b}"}[$__range])) > 0`: "",
		`sum by (reason) (codetable_calls_total)`:                               "no metric has the label reason",
		`codetable_calls_total{reason="A"}`:                                     "codetable_calls_total has no label reason",
		`rate(codetable_call_total[5m])`:                                        "unknown name codetable_call_total",
		`cluster_namespace_job_grpc_service:codetable:rate5m`:                   "unknown name cluster_namespace_job_grpc_service:codetable:rate5m",
		`codetable_calls_total unless on (part) codetable_shed_total offset 5m`: "",
	} {
		if got := strings.Join(signalstest.Faults(query), ", "); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
}
