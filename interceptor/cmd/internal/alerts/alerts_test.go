package alerts_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/alerts"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue/cataloguetest"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/docgen"
)

var config = alerts.Config{
	Metrics:    alerts.Metrics{Failures: alerts.Failures, Undeclared: alerts.Undeclared},
	RunbookURL: "https://example.com/runbook.md", Window: 5 * time.Minute, UpstreamRate: 0.1,
}

type rule struct {
	Alert, Expr, For    string
	Labels, Annotations map[string]string
}

func generate(t *testing.T, c *catalogue.Catalogue) (text []byte, rules []rule) {
	t.Helper()
	files, err := alerts.Files(c, config)
	if err != nil {
		t.Fatal(err)
	}
	var parsed struct{ Groups []struct{ Rules []rule } }
	if err := yaml.Unmarshal(files[0].Content, &parsed); err != nil {
		t.Fatal(err)
	}
	for _, group := range parsed.Groups {
		rules = append(rules, group.Rules...)
	}
	return files[0].Content, rules
}

// promtool runs Prometheus' own program in a folder.
func promtool(t *testing.T, files map[string]string, args ...string) {
	t.Helper()
	path, err := exec.LookPath("promtool")
	if err != nil {
		complain := t.Skipf
		if os.Getenv("CI") == "true" {
			complain = t.Fatalf
		}
		complain("SKIPPED: no promtool on this machine: run sh examples/install.sh promtool=prometheus")
	}
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// TestRulesAreValid lets promtool parse the rules, their queries and their
// templates, of hostile texts too.
func TestRulesAreValid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]*catalogue.Catalogue{
		"JVerification": cataloguetest.Linked(t), "library": cataloguetest.Library(t), "hostile": cataloguetest.HostileTable(t),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, _ := generate(t, c)
			promtool(t, map[string]string{"alerts.yaml": string(text)}, "check", "rules", "--lint-fatal", "alerts.yaml")
		})
	}
}

const unitTest = `rule_files: [alerts.yaml]
evaluation_interval: 30s
tests:
`

// fires is a test: the series get these values every 30 s, and at a time these
// alerts fire, by severity.
type fires struct {
	series map[string]string
	at     string
	alert  string
	labels string // empty: it does not fire
}

// TestAlerts runs the rules of the small table.
func TestAlerts(t *testing.T) {
	t.Parallel()
	const (
		money = `codetable_failures_total{domain="library.example.com",reason="NO_MONEY",fault="OPERATOR",grpc_method="LendBook"}`
		quota = `codetable_failures_total{domain="library.example.com",reason="DAILY_QUOTA",fault="OPERATOR",grpc_method="LendBook"}`
		fast  = `codetable_failures_total{domain="library.example.com",reason="TOO_FAST",fault="OPERATOR",grpc_method="GetBook"}`
		lost  = `codetable_failures_total{domain="library.example.com",reason="ANSWER_LOST",fault="UPSTREAM",grpc_method="LendBook"}`
		other = `codetable_failures_total{domain="library.example.com",reason="UNRECOGNIZED_CODE",fault="",grpc_method="LendBook"}`
		undec = `codetable_undeclared_total{grpc_service="library.v1.LibraryService",grpc_method="GetBook",reason="NO_MONEY"}`
	)
	const page = `domain: library.example.com, reason: NO_MONEY, severity: page, fault: OPERATOR`
	tests := map[string]fires{
		"no failure":                        {map[string]string{money: "0x40"}, "10m", "LibraryCodeNoMoney", ""},
		"the first failure":                 {map[string]string{money: "0 0 1x40"}, "1m", "LibraryCodeNoMoney", page},
		"a failure before the first scrape": {map[string]string{money: "_ _ 1x40"}, "1m", "LibraryCodeNoMoney", page},
		"it clears":                         {map[string]string{money: "0 0 1x40"}, "7m", "LibraryCodeNoMoney", ""},
		"an old failure":                    {map[string]string{money: "7x40"}, "10m", "LibraryCodeNoMoney", ""},
		"a window warns at once": {
			map[string]string{quota: "0 0 1x40"}, "1m", "LibraryCodeDailyQuota", `domain: library.example.com, reason: DAILY_QUOTA, severity: warning, fault: OPERATOR`,
		},
		"one call too many":       {map[string]string{fast: "0 0 1x60"}, "6m", "LibraryCodeTooFast", ""},
		"too many calls for long": {map[string]string{fast: "0+1x60"}, "20m", "LibraryCodeTooFast", `domain: library.example.com, reason: TOO_FAST, severity: warning, fault: OPERATOR`},
		"few faults upstream":     {map[string]string{lost: "0+1x60"}, "20m", "LibraryCodeUpstreamFaults", ""},
		"many faults upstream":    {map[string]string{lost: "0+30x60"}, "20m", "LibraryCodeUpstreamFaults", `domain: library.example.com, reason: ANSWER_LOST, severity: warning, fault: UPSTREAM`},
		"an unlisted number":      {map[string]string{other: "0 0 1x40"}, "1m", "LibraryCodeUnlisted", `domain: library.example.com, severity: warning`},
		"a code without a declaration": {
			map[string]string{undec: "_ 1x40"}, "1m", "UndeclaredCode", `grpc_service: library.v1.LibraryService, grpc_method: GetBook, reason: NO_MONEY, severity: warning`,
		},
	}
	text, rules := generate(t, cataloguetest.Library(t))
	var b strings.Builder
	b.WriteString(unitTest)
	for name, tt := range tests {
		fmt.Fprintf(&b, "- name: %s\n  interval: 30s\n  input_series:\n", name)
		for series, values := range tt.series {
			fmt.Fprintf(&b, "  - {series: '%s', values: '%s'}\n", series, values)
		}
		fmt.Fprintf(&b, "  alert_rule_test:\n  - {eval_time: %s, alertname: %s, exp_alerts: [%s]}\n", tt.at, tt.alert, expected(rules, tt))
	}
	promtool(t, map[string]string{"alerts.yaml": string(text), "test.yaml": b.String()}, "test", "rules", "test.yaml")
}

// expected returns an alert with the annotations of its rule.
func expected(rules []rule, tt fires) string {
	if tt.labels == "" {
		return ""
	}
	var annotations []string
	for _, rule := range rules {
		if rule.Alert != tt.alert {
			continue
		}
		for key, value := range rule.Annotations {
			for name, label := range map[string]string{"reason": "ANSWER_LOST", "grpc_method": "GetBook"} {
				if tt.alert == "UndeclaredCode" && name == "reason" {
					label = "NO_MONEY"
				}
				value = strings.ReplaceAll(value, "{{ $labels."+name+" }}", label)
			}
			annotations = append(annotations, fmt.Sprintf("%s: %q", key, strings.ReplaceAll(value, "{{ $value | humanize }}", "1")))
		}
	}
	return fmt.Sprintf("{exp_labels: {%s}, exp_annotations: {%s}}", tt.labels, strings.Join(annotations, ", "))
}

// TestEveryOperatorCode has one alert, no other code has one, and the runbook has
// the anchor of each alert.
func TestEveryOperatorCode(t *testing.T) {
	t.Parallel()
	c := cataloguetest.Linked(t)
	_, rules := generate(t, c)
	runbook, err := docgen.Runbook(c, config.Metrics)
	if err != nil {
		t.Fatal(err)
	}
	anchored := map[string]int{}
	for _, rule := range rules {
		_, fragment, ok := strings.Cut(rule.Annotations["runbook_url"], "https://example.com/runbook.md#")
		if !ok {
			t.Errorf("%s has no link to the runbook: %v", rule.Alert, rule.Annotations)
		}
		anchored[fragment]++
		if template := strings.Contains(fragment, "{{"); !template && !strings.Contains(string(runbook[0].Content), fmt.Sprintf("<a id=%q></a>", fragment)) {
			t.Errorf("%s: the runbook has no anchor %s", rule.Alert, fragment)
		}
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

// TestHostileTexts prints a template in a text as it is.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	_, rules := generate(t, cataloguetest.HostileTable(t))
	found := false
	for _, rule := range rules {
		if strings.Contains(rule.Annotations["description"], "$value") {
			found = found || rule.Annotations["description"] == `{{ "{{" }} $value }} {{ "{{" }}.}}`
		}
	}
	if !found {
		t.Error("no template is escaped")
	}
}
