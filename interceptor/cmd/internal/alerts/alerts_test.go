package alerts_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/alerts"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue/cataloguetest"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/docgen"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/signals/signalstest"
)

const runbookURL = "https://example.com/runbook.md"

type rule struct {
	Alert, Expr, For    string
	Labels, Annotations map[string]string
}

// generate returns the files by name, and the alerts.
func generate(t *testing.T, c *catalogue.Catalogue) (files map[string]string, rules []rule) {
	t.Helper()
	config := alerts.Defaults()
	config.RunbookURL = runbookURL
	list, err := alerts.Files(c, config)
	if err != nil {
		t.Fatal(err)
	}
	files = map[string]string{}
	for _, file := range list {
		files[file.Name] = string(file.Content)
	}
	var parsed struct{ Groups []struct{ Rules []rule } }
	if err := yaml.Unmarshal([]byte(files["alerts.yaml"]), &parsed); err != nil {
		t.Fatal(err)
	}
	for _, group := range parsed.Groups {
		rules = append(rules, group.Rules...)
	}
	return files, rules
}

// TestGenerated lets promtool parse the rules, their queries and their templates,
// of hostile texts too, and run the generated tests.
func TestGenerated(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]*catalogue.Catalogue{
		"JVerification": cataloguetest.Linked(t), "library": cataloguetest.Library(t), "hostile": cataloguetest.HostileTable(t),
		"no service": cataloguetest.Services(t), "two services": cataloguetest.Services(t, "A", "B"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files, rules := generate(t, c)
			signalstest.Promtool(t, files, "check", "rules", "--lint-fatal", "alerts.yaml", "recording.yaml")
			signalstest.Promtool(t, files, "test", "rules", "alerts_test.yaml")
			signalstest.Queries(t, queries(t, files))
			fires, silent := checks(t, files["alerts_test.yaml"])
			for _, rule := range rules {
				if !fires[rule.Alert] || !silent[rule.Alert] {
					t.Errorf("%s: tested that it fires: %v, and that it does not: %v", rule.Alert, fires[rule.Alert], silent[rule.Alert])
				}
			}
		})
	}
}

// queries returns those of the rules.
func queries(t *testing.T, files map[string]string) map[string]string {
	t.Helper()
	list := map[string]string{}
	for _, name := range []string{"alerts.yaml", "recording.yaml"} {
		var parsed struct {
			Groups []struct {
				Rules []struct{ Record, Alert, Expr string }
			}
		}
		if err := yaml.Unmarshal([]byte(files[name]), &parsed); err != nil {
			t.Fatal(err)
		}
		for _, group := range parsed.Groups {
			for _, rule := range group.Rules {
				list[rule.Record+rule.Alert] = rule.Expr
			}
		}
	}
	return list
}

// checks returns which alerts a file of tests expects to fire, and not to fire.
func checks(t *testing.T, text string) (fires, silent map[string]bool) {
	t.Helper()
	var parsed struct {
		Tests []struct {
			Checks []struct {
				Alert  string `yaml:"alertname"`
				Firing []any  `yaml:"exp_alerts"`
			} `yaml:"alert_rule_test"`
		}
	}
	if err := yaml.Unmarshal([]byte(text), &parsed); err != nil {
		t.Fatal(err)
	}
	fires, silent = map[string]bool{}, map[string]bool{}
	for _, test := range parsed.Tests {
		for _, check := range test.Checks {
			fires[check.Alert] = fires[check.Alert] || len(check.Firing) > 0
			silent[check.Alert] = silent[check.Alert] || len(check.Firing) == 0
		}
	}
	return fires, silent
}

const suite = `rule_files: [alerts.yaml, recording.yaml]
evaluation_interval: 30s
tests:
`

// fires is a test: the series get these values every 30 s, and at a time this
// alert fires with these labels, or not.
type fires struct {
	series map[string]string
	at     string
	alert  string
	labels string // empty: it does not fire
}

// TestAlerts runs the rules of the small table on what the generated tests leave
// out.
func TestAlerts(t *testing.T) {
	t.Parallel()
	const (
		method   = `grpc_service="library.v1.LibraryService",grpc_method="LendBook"`
		money    = `codetable_failures_total{domain="library.example.com",reason="NO_MONEY",fault="OPERATOR",` + method + `}`
		standing = `codetable_standing_faults{domain="library.example.com",reason="NO_MONEY",` + method
		quota    = `codetable_failures_total{domain="library.example.com",reason="DAILY_QUOTA",fault="OPERATOR",` + method + `}`
		fast     = `codetable_failures_total{domain="library.example.com",reason="TOO_FAST",fault="OPERATOR",` + method + `}`
		lost     = `codetable_failures_total{domain="library.example.com",reason="ANSWER_LOST",fault="UPSTREAM",` + method + `}`
		login    = `codetable_failures_total{domain="",reason="",fault="UNSPECIFIED",grpc_code="Unauthenticated",` + method + `}`
		foreign  = `codetable_failures_total{domain="",reason="",fault="UNSPECIFIED",grpc_code="Internal",grpc_service="other.Service",grpc_method="Call"}`
		calls    = `codetable_calls_total{` + method + `}`
	)
	const (
		page = `domain: library.example.com, reason: NO_MONEY, severity: page, fault: OPERATOR`
		warn = `severity: warning, fault: OPERATOR`
		burn = `grpc_service: library.v1.LibraryService, severity: page`
	)
	tests := map[string]fires{
		"a success before the next scrape":     {map[string]string{money: "0 0 1x40", standing + "}": "0x42"}, "1m", "LibraryCodeNoMoney", page},
		"and after the window":                 {map[string]string{money: "0 0 1x40", standing + "}": "0x42"}, "7m", "LibraryCodeNoMoney", ""},
		"an old failure":                       {map[string]string{money: "7x40", standing + "}": "0x40"}, "10m", "LibraryCodeNoMoney", ""},
		"a failure before the first scrape":    {map[string]string{money: "_ _ 1x40", standing + "}": "_ _ 1x40"}, "1m", "LibraryCodeNoMoney", page},
		"a failure before a restart":           {map[string]string{money: "0 0 1 0x40", standing + "}": "0 0 1 0x40"}, "2m", "LibraryCodeNoMoney", page},
		"the counter was higher before":        {map[string]string{money: "9x9 0 1x40", standing + "}": "1x9 0 1x40"}, "11m", "LibraryCodeNoMoney", page},
		"a restart is no failure":              {map[string]string{money: "9x12 0x40", standing + "}": "0x52"}, "7m", "LibraryCodeNoMoney", ""},
		"two replicas, of which one succeeded": {map[string]string{standing + `,instance="a"}`: "0 1x40", standing + `,instance="b"}`: "0 1 0x40"}, "15m", "LibraryCodeNoMoney", page},
		"a scrape that failed":                 {map[string]string{standing + "}": "0 1x20 stale _ 1x20"}, "11m", "LibraryCodeNoMoney", page},
		"a replica that is gone":               {map[string]string{standing + "}": "0 1x20 stale"}, "16m", "LibraryCodeNoMoney", ""},
		"environments are told apart": {
			map[string]string{standing + `,namespace="test"}`: "0 1x40", standing + `,namespace="live"}`: "0x40"}, "1m", "LibraryCodeNoMoney", page + ", namespace: test",
		},
		"a window warns at once": {map[string]string{quota: "0 0 1x40"}, "1m", "LibraryCodeDailyQuota", "domain: library.example.com, reason: DAILY_QUOTA, " + warn},
		"one call too many":      {map[string]string{fast: "0 0 1x60"}, "17m", "LibraryCodeTooFast", ""},
		"too many calls for long": {
			map[string]string{fast: "0+1x60"}, "17m", "LibraryCodeTooFast", "domain: library.example.com, reason: TOO_FAST, " + warn,
		},
		"few faults upstream":      {map[string]string{lost: "0+1x60", calls: "0+30x60"}, "20m", "LibraryCodeUpstreamFaults", ""},
		"one call, and it fails":   {map[string]string{lost: "0 0 1x60", calls: "0 0 1x60"}, "6m", "LibraryCodeUpstreamFaults", ""},
		"a service without calls":  {map[string]string{lost: "0x60", calls: "0x60"}, "20m", "LibraryCodeUpstreamFaults", ""},
		"a status without a code":  {map[string]string{login: "0 0 1x60"}, "1m", "CodetableFailureWithoutCode", ""},
		"a service without tables": {map[string]string{foreign: "0 0 1x60"}, "1m", "CodetableFailureWithoutCode", ""},
		"some failures of many":    {map[string]string{lost: "0+1x60", calls: "0+100x60"}, "20m", "CodetableErrorBudgetBurnsFast", ""},
		"more failures of many":    {map[string]string{lost: "0+2x60", calls: "0+100x60"}, "20m", "CodetableErrorBudgetBurnsFast", burn},
		"it is over":               {map[string]string{lost: "0+2x20 40x60", calls: "0+100x80"}, "30m", "CodetableErrorBudgetBurnsFast", ""},
		"too few to judge":         {map[string]string{lost: "0 0 1x60", calls: "0 0 1x60"}, "5m", "CodetableErrorBudgetBurnsFast", ""},
		"no fault was ever seen":   {map[string]string{calls: "0+1x60"}, "20m", "CodetableErrorBudgetBurnsFast", ""},
	}
	files, rules := generate(t, cataloguetest.Library(t))
	var b strings.Builder
	b.WriteString(suite)
	for name, tt := range tests {
		fmt.Fprintf(&b, "- name: %s\n  interval: 30s\n  input_series:\n", name)
		for series, values := range tt.series {
			fmt.Fprintf(&b, "  - {series: '%s', values: '%s'}\n", series, values)
		}
		fmt.Fprintf(&b, "  alert_rule_test:\n  - {eval_time: %s, alertname: %s, exp_alerts: [%s]}\n", tt.at, tt.alert, expected(rules, tt))
	}
	files["more_test.yaml"] = b.String()
	signalstest.Promtool(t, files, "test", "rules", "more_test.yaml")
}

// expected returns an alert with the annotations of its rule.
func expected(rules []rule, tt fires) string {
	if tt.labels == "" {
		return ""
	}
	var annotations []string
	for _, rule := range rules {
		if rule.Alert == tt.alert {
			for key, value := range rule.Annotations {
				value = strings.NewReplacer("{{ $labels.grpc_service }}", "library.v1.LibraryService", "{{ $value | humanizePercentage }}", "2%").Replace(value)
				annotations = append(annotations, fmt.Sprintf("%s: %q", key, value))
			}
		}
	}
	return fmt.Sprintf("{exp_labels: {%s}, exp_annotations: {%s}}", tt.labels, strings.Join(annotations, ", "))
}

// TestEveryOperatorCode has one alert, and no other code has one.
func TestEveryOperatorCode(t *testing.T) {
	t.Parallel()
	c := cataloguetest.Linked(t)
	_, rules := generate(t, c)
	anchored := map[string]int{}
	for _, rule := range rules {
		_, fragment, _ := strings.Cut(rule.Annotations["runbook_url"], runbookURL+"#")
		anchored[fragment]++
	}
	for _, table := range c.Tables {
		for _, code := range table.Codes {
			want := 0
			if code.Spec.Fault() == codetablev1.Fault_FAULT_OPERATOR {
				want = 1
			}
			if got := anchored[code.ID()]; got != want {
				t.Errorf("%s has %d alerts, want %d", code.ID(), got, want)
			}
		}
	}
}

// TestRunbookLinks follows the link of each alert. That of the upstream's faults
// has the reason as a label.
func TestRunbookLinks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]*catalogue.Catalogue{"JVerification": cataloguetest.Linked(t), "library": cataloguetest.Library(t)} {
		runbook, err := docgen.Runbook(c)
		if err != nil {
			t.Fatal(err)
		}
		_, rules := generate(t, c)
		for _, rule := range rules {
			fragments := []string{strings.TrimPrefix(rule.Annotations["runbook_url"], runbookURL+"#")}
			if domain, ok := strings.CutSuffix(fragments[0], "/{{ $labels.reason }}"); ok {
				fragments = upstreamCodes(c, domain)
			}
			for _, fragment := range fragments {
				if n := strings.Count(string(runbook[0].Content), fmt.Sprintf("<a id=%q></a>", fragment)); n != 1 {
					t.Errorf("%s: %s links to %q, which the runbook has %d times", name, rule.Alert, fragment, n)
				}
			}
			if len(fragments) == 0 {
				t.Errorf("%s: %s links to no code", name, rule.Alert)
			}
		}
	}
}

func upstreamCodes(c *catalogue.Catalogue, domain string) (ids []string) {
	for _, table := range c.Tables {
		for _, code := range table.Codes {
			if code.Domain == domain && code.Spec.Fault() == codetablev1.Fault_FAULT_UPSTREAM {
				ids = append(ids, code.ID())
			}
		}
	}
	return ids
}

// TestSettings refuses what no rule works with.
func TestSettings(t *testing.T) {
	t.Parallel()
	c := cataloguetest.Library(t)
	for name, change := range map[string]func(*alerts.Config){
		"no runbook":    func(c *alerts.Config) { c.RunbookURL = "runbook.md" },
		"a fragment":    func(c *alerts.Config) { c.RunbookURL = "https://example.com/runbook.md#" },
		"window":        func(c *alerts.Config) { c.Window = 4 * time.Second },
		"part second":   func(c *alerts.Config) { c.Window = 90500 * time.Millisecond },
		"ratio":         func(c *alerts.Config) { c.UpstreamRatio = 1 },
		"no number":     func(c *alerts.Config) { c.UpstreamRatio = math.NaN() },
		"never met":     func(c *alerts.Config) { c.Objective = 100 },
		"never missed":  func(c *alerts.Config) { c.Objective = 90 },
		"less than one": func(c *alerts.Config) { c.MinFailures = -1 },
	} {
		config := alerts.Defaults()
		config.RunbookURL = runbookURL
		change(&config)
		if _, err := alerts.Files(c, config); !errors.As(err, new(catalogue.ArgumentError)) {
			t.Errorf("%s: got the error %v", name, err)
		}
	}
}
