package alerts_test

import (
	"testing"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue/cataloguetest"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/signals/signalstest"
)

// ratios has 100 calls a minute. Of job a, two fail because of the upstream, and
// ten because of the caller. Job b never had a fault. The instance of job c is
// restarted after half an hour, and only its failures before it were of the
// operator.
const ratios = `rule_files: [recording.yaml]
evaluation_interval: 1m
tests:
- interval: 1m
  input_series:
  - {series: 'codetable_calls_total{job="a",grpc_service="library.v1.LibraryService",grpc_method="GetBook"}', values: '0+60x60'}
  - {series: 'codetable_calls_total{job="a",grpc_service="library.v1.LibraryService",grpc_method="LendBook"}', values: '0+40x60'}
  - {series: 'codetable_calls_total{job="a",grpc_service="grpc.health.v1.Health",grpc_method="Check"}', values: '0+900x60'}
  - {series: 'codetable_failures_total{job="a",grpc_service="library.v1.LibraryService",reason="ANSWER_LOST",fault="UPSTREAM"}', values: '0+2x60'}
  - {series: 'codetable_failures_total{job="a",grpc_service="library.v1.LibraryService",reason="BOOK_NOT_FOUND",fault="CALLER"}', values: '0+10x60'}
  - {series: 'codetable_calls_total{job="b",grpc_service="library.v1.LibraryService"}', values: '0+100x60'}
  - {series: 'codetable_calls_total{job="c",grpc_service="library.v1.LibraryService"}', values: '0+100x29 0+100x30'}
  - {series: 'codetable_failures_total{job="c",grpc_service="library.v1.LibraryService",reason="NO_MONEY",fault="OPERATOR"}', values: '0+10x29 0x30'}
  promql_expr_test:
  - expr: round(cluster_namespace_job_grpc_service:codetable_service_faults_per_calls:ratio_rate5m, 0.001)
    eval_time: 60m
    exp_samples:
    - {labels: '{job="a",grpc_service="library.v1.LibraryService"}', value: 0.02}
    - {labels: '{job="b",grpc_service="library.v1.LibraryService"}', value: 0}
    - {labels: '{job="c",grpc_service="library.v1.LibraryService"}', value: 0}
  - expr: round(cluster_namespace_job_grpc_service:codetable_service_faults_per_calls:ratio_rate1h, 0.01)
    eval_time: 60m
    exp_samples:
    - {labels: '{job="a",grpc_service="library.v1.LibraryService"}', value: 0.02}
    - {labels: '{job="b",grpc_service="library.v1.LibraryService"}', value: 0}
    - {labels: '{job="c",grpc_service="library.v1.LibraryService"}', value: 0.05}
`

// TestRecordings computes the share of failed calls in a short and a long window.
func TestRecordings(t *testing.T) {
	t.Parallel()
	files, _ := generate(t, cataloguetest.Library(t))
	files["ratios.yaml"] = ratios
	signalstest.Promtool(t, files, "test", "rules", "ratios.yaml")
}
