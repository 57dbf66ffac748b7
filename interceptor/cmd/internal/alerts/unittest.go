package alerts

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/signals"
)

// step is the time between two samples, and between two evaluations. A window
// has several, and so have the 5 minutes of the recording rules.
func (c Config) step() time.Duration { return min(c.Window/5, time.Minute).Truncate(time.Second) }

// first is when the first failure is scraped.
func (c Config) first() time.Duration { return 2 * c.step() }

// testSuite is a file of promtool test rules.
type testSuite struct {
	RuleFiles          []string   `yaml:"rule_files"`
	EvaluationInterval string     `yaml:"evaluation_interval"`
	Tests              []unitTest `yaml:"tests"`
}

type unitTest struct {
	Name     string   `yaml:"name"`
	Interval string   `yaml:"interval"`
	Series   []series `yaml:"input_series"`
	Checks   []check  `yaml:"alert_rule_test"`
}

type series struct {
	Series string `yaml:"series"`
	Values string `yaml:"values"`
}

// check names the alerts that fire at a time.
type check struct {
	Time   string   `yaml:"eval_time"`
	Alert  string   `yaml:"alertname"`
	Firing []firing `yaml:"exp_alerts"`
}

type firing struct {
	Labels      map[string]string `yaml:"exp_labels"`
	Annotations map[string]string `yaml:"exp_annotations"`
}

// newTest returns a test without samples. One test holds all alerts about the same
// thing, because promtool evaluates all rules for each test.
func (c Config) newTest(name string) unitTest {
	return unitTest{Name: name, Interval: duration(c.step())}
}

func (u *unitTest) input(metric string, labels map[string]string, values string) {
	pairs := make([]string, 0, len(labels))
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		pairs = append(pairs, fmt.Sprintf("%s=%q", key, labels[key]))
	}
	u.Series = append(u.Series, series{metric + "{" + strings.Join(pairs, ", ") + "}", values})
}

// silent expects that the rule does not fire at a time.
func (u *unitTest) silent(r rule, at time.Duration) {
	u.Checks = append(u.Checks, check{duration(at), r.Alert, nil})
}

// fires expects one alert with these labels beside those of the rule.
func (u *unitTest) fires(r rule, at time.Duration, labels map[string]string) {
	all := maps.Clone(labels)
	maps.Copy(all, r.Labels)
	annotations := map[string]string{}
	for key, text := range r.Annotations {
		annotations[key] = render(text, labels)
	}
	u.Checks = append(u.Checks, check{duration(at), r.Alert, []firing{{all, annotations}}})
}

// render does what Prometheus does with the templates of the rules. In the tests
// all calls fail.
func render(text string, labels map[string]string) string {
	for key, value := range labels {
		text = strings.ReplaceAll(text, "{{ $labels."+key+" }}", value)
	}
	return strings.NewReplacer(`{{ "{{" }}`, "{{", "{{ $value | humanizePercentage }}", "100%").Replace(text)
}

// with returns labels and those of a target.
func with(job string, labels ...map[string]string) map[string]string {
	all := map[string]string{"job": job}
	for _, l := range labels {
		maps.Copy(all, l)
	}
	return all
}

// repeat returns a value for a time, rounded up to steps.
func (c Config) repeat(value int, length time.Duration) string {
	return fmt.Sprintf("%dx%d", value, (length+c.step()-1)/c.step()-1)
}

// testOperator lets a code fail once. The gauge stands for longer than the alert
// waits and the window lasts, and then a call succeeds. If the alert waits, a call
// of another job succeeds at once.
func (c Config) testOperator(u *unitTest, r rule, code catalogue.Code) {
	step, first := c.step(), c.first()
	wait := time.Duration(0)
	if r.For != "" {
		wait = c.patience()
	}
	id, method := map[string]string{"domain": code.Domain, "reason": code.Reason}, methodLabels(code)
	failure := map[string]string{"fault": "OPERATOR", "grpc_code": code.Spec.GRPCCode().String(), "masked": "false"}
	stands := (max(wait, c.Window) + step - 1).Truncate(step) + 2*step
	rest := stands + c.Window
	u.input(signals.Failures, with("test", id, method, failure), c.repeat(0, first)+" "+c.repeat(1, rest))
	u.input(signals.Standing, with("test", id, method), c.repeat(0, first)+" "+c.repeat(1, stands)+" "+c.repeat(0, c.Window+step))
	u.input(signals.Failures, with("quiet", id, method, failure), c.repeat(0, first+rest))
	u.input(signals.Standing, with("quiet", id, method), c.repeat(0, first+rest))
	if wait > 0 {
		u.input(signals.Failures, with("brief", id, method, failure), c.repeat(0, first)+" "+c.repeat(1, rest))
		u.input(signals.Standing, with("brief", id, method), c.repeat(0, first)+" "+c.repeat(1, step)+" "+c.repeat(0, rest))
	}
	u.silent(r, first-step)
	if wait > 0 {
		u.silent(r, first)
	}
	u.fires(r, first+wait, with("test", id))
	u.fires(r, first+stands-step, with("test", id))
	u.silent(r, first+stands)
}

// testUpstream lets all calls of one job fail, and none of another.
func (c Config) testUpstream(u *unitTest, r rule, code catalogue.Code) {
	step, first := c.step(), c.first()
	id, method := map[string]string{"domain": code.Domain, "reason": code.Reason}, methodLabels(code)
	failure := map[string]string{"fault": "UPSTREAM", "grpc_code": code.Spec.GRPCCode().String(), "masked": "false"}
	at := (3*c.Window + step).Truncate(step)
	growing := fmt.Sprintf("0+1x%d", at/step)
	u.input(signals.Failures, with("test", id, method, failure), growing)
	u.input(signals.Failures, with("quiet", id, method, failure), c.repeat(0, at+step))
	u.input(signals.Calls, with("test", method), growing)
	u.input(signals.Calls, with("quiet", method), growing)
	u.silent(r, first)
	u.fires(r, at, with("test", id, map[string]string{"grpc_service": method["grpc_service"]}))
}

// testAppeared creates a series with the first failure. labels are those that the
// rule keeps, and more are the others. A series that does not grow is silent.
func (c Config) testAppeared(u *unitTest, r rule, metric string, labels, more map[string]string) {
	step, first := c.step(), c.first()
	clears := (first + c.Window + 2*step).Truncate(step)
	u.input(metric, with("test", labels, more), "_ _ "+c.repeat(1, clears))
	u.input(metric, with("quiet", labels, more), c.repeat(0, first+clears))
	u.silent(r, first-step)
	u.fires(r, first, with("test", labels))
	u.silent(r, clears)
}

func (c Config) testNotExported(u *unitTest, r rule, domain string) {
	step, first := c.step(), c.first()
	labels := map[string]string{"domain": domain}
	gone := 2 * first
	u.input(signals.CodeInfo, with("test", labels), c.repeat(1, gone)+" stale")
	u.silent(r, gone-step)
	u.silent(r, gone)
	u.fires(r, (gone + c.patience() + step).Truncate(step), labels)
}

// testBudget lets all calls of one job fail. In another, the callers fail. The
// slow alert counts failures by whole hours.
func (c Config) testBudget(u *unitTest, fast, slow rule, service string) {
	labels := map[string]string{"grpc_service": service}
	soon, late := 10*time.Minute, time.Hour+c.step()
	growing := fmt.Sprintf("0+%dx%d", c.MinFailures+1, late/c.step())
	u.input(signals.Failures, with("quiet", labels, map[string]string{"fault": "CALLER"}), growing)
	u.input(signals.Failures, with("test", labels, map[string]string{"fault": "UPSTREAM"}), growing)
	u.input(signals.Calls, with("quiet", labels), growing)
	u.input(signals.Calls, with("test", labels), growing)
	u.silent(fast, 0)
	u.fires(fast, soon, with("test", labels))
	u.silent(slow, soon)
	u.fires(slow, late, with("test", labels))
}
