// Package prometheustest runs Prometheus for tests.
package prometheustest

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/api"
	prometheusv1 "github.com/prometheus/client_golang/api/prometheus/v1"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/programtest"
)

const (
	// Interval is the time between two scrapes, and between two evaluations of the
	// rules. It is the shortest that Prometheus takes in whole seconds.
	Interval = time.Second

	patience = time.Minute
	pause    = 50 * time.Millisecond
)

var program = programtest.Program{
	Name: "prometheus", Ready: "Server is ready to receive web requests",
}

// Server is a Prometheus for one test. It stores its data in a temporary folder.
type Server struct {
	prometheusv1.API

	// URL is that of its web listener.
	URL string
}

// Start runs a Prometheus until the test ends, which scrapes the address of a target
// and evaluates files of rules. If prometheus is not installed, the test is skipped. It
// fails if CI=true.
func Start(t *testing.T, target string, rules ...string) *Server {
	t.Helper()
	program.Find(t)
	for i, path := range rules {
		absolute, err := filepath.Abs(path)
		if err != nil {
			t.Fatal(err)
		}
		rules[i] = absolute
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	text, err := json.Marshal(map[string]any{ // JSON is YAML
		"global":         map[string]any{"scrape_interval": Interval.String(), "evaluation_interval": Interval.String()},
		"rule_files":     rules,
		"scrape_configs": []any{map[string]any{"job_name": "gateway", "static_configs": []any{map[string]any{"targets": []string{target}}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, text, 0o600); err != nil {
		t.Fatal(err)
	}
	process := program.Start(t, func(address string) []string {
		return []string{
			"--config.file=" + config, "--storage.tsdb.path=" + filepath.Join(dir, "data"),
			"--web.listen-address=" + address, "--enable-feature=exemplar-storage",
			"--scrape.discovery-reload-interval=1ms", // or else the first scrape is up to 5 s later
		}
	})
	s := &Server{URL: "http://" + process.Address}
	client, err := api.NewClient(api.Config{Address: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	s.API = prometheusv1.NewAPI(client)
	return s
}

// Await asks until an answer is true, and fails the test after a minute.
func Await(t *testing.T, what string, answer func() bool) {
	t.Helper()
	end := time.Now().Add(patience)
	for !answer() {
		if time.Now().After(end) {
			t.Fatalf("%v have passed without %s", patience, what)
		}
		time.Sleep(pause)
	}
}

// Query returns the values of an expression now.
func (s *Server) Query(t *testing.T, expr string) model.Vector {
	t.Helper()
	value, _, _, err := s.API.Query(t.Context(), expr, time.Now())
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	vector, ok := value.(model.Vector)
	if !ok {
		t.Fatalf("%s is a %v, want a vector", expr, value.Type())
	}
	return vector
}

// AwaitQuery waits until an expression has a value, and returns all of them.
func (s *Server) AwaitQuery(t *testing.T, expr string) (values model.Vector) {
	t.Helper()
	Await(t, "a value of "+expr, func() bool {
		values = s.Query(t, expr)
		return len(values) > 0
	})
	return values
}

// Scraped returns the time of the first scrape that saw a value of a series.
func (s *Server) Scraped(t *testing.T, selector string, value float64) time.Time {
	t.Helper()
	found, _, _, err := s.API.Query(t.Context(), selector+"[1h]", time.Now())
	if err != nil {
		t.Fatalf("%s: %v", selector, err)
	}
	series, ok := found.(model.Matrix)
	if !ok || len(series) != 1 {
		t.Fatalf("%s is %v, want one series", selector, found)
	}
	for _, sample := range series[0].Values {
		if float64(sample.Value) == value {
			return sample.Timestamp.Time()
		}
	}
	t.Fatalf("%s was never %v: %v", selector, value, series[0].Values)
	return time.Time{}
}

// Alerts returns the alerts that fire or are pending, by their names.
func (s *Server) Alerts(t *testing.T) map[string]prometheusv1.Alert {
	t.Helper()
	result, err := s.API.Alerts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	alerts := map[string]prometheusv1.Alert{}
	for _, alert := range result.Alerts {
		alerts[string(alert.Labels[model.AlertNameLabel])] = alert
	}
	return alerts
}

// Missed returns how many evaluations of a group of rules did not happen, because the
// machine was busy.
func (s *Server) Missed(t *testing.T) (missed int) {
	t.Helper()
	const metric = "prometheus_rule_group_iterations_missed_total"
	for _, sample := range Scrape(t, s.URL+"/metrics")[metric].GetMetric() {
		missed += int(sample.GetCounter().GetValue())
	}
	return missed
}

// Scrape returns what a URL exposes.
func Scrape(t *testing.T, url string) map[string]*dto.MetricFamily {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return families
}
