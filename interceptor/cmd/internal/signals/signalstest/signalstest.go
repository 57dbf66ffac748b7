// Package signalstest checks queries of generated files.
package signalstest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/signals"
)

// contract has the labels of each metric, which docs of package
// interceptor/telemetry list. Prometheus adds those of the target.
var contract = map[string][]string{
	signals.Calls:      {"grpc_service", "grpc_method"},
	signals.Failures:   {"grpc_service", "grpc_method", "domain", "reason", "fault", "grpc_code", "masked"},
	signals.CodeInfo:   {"domain", "reason", "number", "fault", "retry", "grpc_code"},
	signals.Standing:   {"grpc_service", "grpc_method", "domain", "reason"},
	signals.Undeclared: {"grpc_service", "grpc_method", "domain", "reason"},
	signals.Shed:       {"part"},
	signals.InFlight:   {"grpc_service", "grpc_method"},
}

// words are those of PromQL that the queries use.
var words = strings.Fields(`sum count by on group_left rate increase absent vector last_over_time sum_over_time sort_desc and or unless offset`)

var (
	quoted     = regexp.MustCompile(`"(?:\\.|[^"\\])*"`)
	variable   = regexp.MustCompile(`\$\w+`)
	selector   = regexp.MustCompile(`([a-z_][\w:]*)\{([^}]*)\}`)
	matcher    = regexp.MustCompile(`\s*(?:=~|!~|!=|=)\s*""\s*,?\s*`)
	grouping   = regexp.MustCompile(`\b(?:by|on|group_left) \(([^)]*)\)`)
	identifier = regexp.MustCompile(`\b[a-zA-Z_][\w:]*`)
)

// Queries reports queries, given by where they are, that promtool can't parse, or
// that read something outside the contract of the metrics.
func Queries(tb testing.TB, queries map[string]string) {
	tb.Helper()
	type rule struct{ Record, Expr string }
	rules := make([]rule, 0, len(queries))
	for where, query := range queries {
		for _, fault := range Faults(query) {
			tb.Errorf("%s: %s in %s", where, fault, query)
		}
		rules = append(rules, rule{fmt.Sprintf("query_%d", len(rules)), variable.ReplaceAllString(query, "5m")})
	}
	text, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "queries", "rules": rules}}})
	if err != nil {
		tb.Fatal(err)
	}
	Promtool(tb, map[string]string{"rules.yaml": string(text)}, "check", "rules", "rules.yaml")
}

// Faults returns the metrics and labels of a query that are not in the contract.
func Faults(query string) (list []string) {
	query = variable.ReplaceAllString(quoted.ReplaceAllString(query, `""`), "")
	target := strings.Split(signals.Target, ", ")
	labels := slices.Clone(target)
	for _, name := range identifier.FindAllString(query, -1) {
		if recorded(name) {
			labels = append(labels, "grpc_service")
		}
		labels = append(labels, contract[name]...)
	}
	for _, match := range selector.FindAllStringSubmatch(query, -1) {
		for label := range strings.FieldsSeq(matcher.ReplaceAllString(match[2], " ")) {
			known := contract[match[1]]
			if recorded(match[1]) {
				known = []string{"grpc_service"}
			}
			if !slices.Contains(known, label) && !slices.Contains(target, label) {
				list = append(list, match[1]+" has no label "+label)
			}
		}
	}
	for _, match := range grouping.FindAllStringSubmatch(query, -1) {
		for label := range strings.FieldsFuncSeq(match[1], func(r rune) bool { return r == ',' || r == ' ' }) {
			if !slices.Contains(labels, label) {
				list = append(list, "no metric has the label "+label)
			}
		}
	}
	rest := grouping.ReplaceAllString(selector.ReplaceAllString(query, "$1"), "")
	for _, name := range identifier.FindAllString(rest, -1) {
		if _, ok := contract[name]; !ok && !recorded(name) && !slices.Contains(words, name) {
			list = append(list, "unknown name "+name)
		}
	}
	return list
}

func recorded(name string) bool {
	if slices.Contains([]string{signals.CallRate, signals.FaultRate, signals.HourlyFaults}, name) {
		return true
	}
	return slices.ContainsFunc([]string{"5m", "30m", "1h", "2h", "6h", "1d", "3d"}, func(window string) bool { return name == signals.FaultRatio(window) })
}

// Promtool runs Prometheus' own program in a folder with these files. It skips
// the test without the program, and fails it where CI=true.
func Promtool(tb testing.TB, files map[string]string, args ...string) {
	tb.Helper()
	path, err := exec.LookPath("promtool")
	if err != nil {
		complain := tb.Skipf
		if os.Getenv("CI") == "true" {
			complain = tb.Fatalf
		}
		complain("SKIPPED: no promtool on this machine: run sh examples/install.sh promtool=prometheus")
	}
	dir := tb.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	cmd := exec.CommandContext(tb.Context(), path, args...) //nolint:gosec // tests give the arguments
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}
