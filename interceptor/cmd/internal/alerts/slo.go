package alerts

import (
	"fmt"
	"math"
	"strings"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/signals"
)

// Objective is the percentage of calls without a fault of the operator or the
// upstream, in 30 days.
type Objective float64

// Check reports objectives that can't be met, or can't be missed: if all calls
// fail, the budget must burn faster than the fastest alert wants.
func (o Objective) Check() error {
	if !(o >= 94 && o.Budget() > 0) {
		return catalogue.Argumentf("the objective is %v percent: want less than 100, and at least 94", float64(o))
	}
	return nil
}

// Budget returns the share of calls that may fail.
func (o Objective) Budget() float64 { return math.Round((100-float64(o))*1e7) / 1e9 }

// burn is a pair of windows. Both have to use up the budget at the rate: the long
// one shows that it matters, and the short one that it still goes on.
type burn struct {
	severity, long, short string
	rate                  float64
}

// burns are the windows of the SRE workbook, chapter 5, for an SLO of 30 days.
var burns = []burn{
	{page, "1h", "5m", 14.4},
	{page, "6h", "30m", 6},
	{warning, "1d", "2h", 3},
	{warning, "3d", "6h", 1},
}

// recordings returns the share of failed calls in each window. The longer windows
// are read from the rates of the short one, because reading all series for days
// at each evaluation costs much.
func recordings(c *catalogue.Catalogue) []rule {
	services, service := signals.Services(c), signals.By("grpc_service")
	faults := signals.Failures + "{" + services + ", " + signals.ServiceFaults + "}"
	windows := []string{"30m", "1h", "2h", "6h", "1d", "3d"}
	list := make([]rule, 0, 4+len(windows))
	list = append(list, []rule{
		{Record: signals.CallRate, Expr: fmt.Sprintf("sum %s (rate(%s{%s}[5m]))", service, signals.Calls, services)},
		{Record: signals.FaultRate, Expr: fmt.Sprintf("sum %s (rate(%s[5m]))\n  or\n0 * %s", service, faults, signals.CallRate)},
		{Record: signals.HourlyFaults, Expr: fmt.Sprintf("sum %s (increase(%s[1h]))", service, faults)},
		{Record: signals.FaultRatio("5m"), Expr: signals.FaultRate + "\n  /\n" + signals.CallRate},
	}...)
	for _, window := range windows {
		list = append(list, rule{
			Record: signals.FaultRatio(window),
			Expr:   fmt.Sprintf("sum_over_time(%[1]s[%[3]s])\n  /\nsum_over_time(%[2]s[%[3]s])", signals.FaultRate, signals.CallRate, window),
		})
	}
	return list
}

// budget returns the alerts of the SLO, with their test.
func (c Config) budget(t *catalogue.Catalogue) ([]rule, unitTest) {
	fast, slow := c.burns("CodetableErrorBudgetBurnsFast", page), c.burns("CodetableErrorBudgetBurnsSlowly", warning)
	u := c.newTest("the error budget")
	c.testBudget(&u, fast, slow, exampleService(t))
	return []rule{fast, slow}, u
}

// burns returns the alert of the pairs of a severity.
func (c Config) burns(name, severity string) rule {
	var pairs []string
	for _, b := range burns {
		if b.severity == severity {
			pairs = append(pairs, c.burn(b))
		}
	}
	r := rule{
		Alert: name, Expr: strings.Join(pairs, "\nor\n"), Labels: map[string]string{"severity": severity},
		Annotations: c.annotations("", "", signals.BudgetAnchor),
	}
	r.Annotations["summary"] = "{{ $labels.grpc_service }} uses up its error budget"
	r.Annotations["description"] = "{{ $value | humanizePercentage }} of its calls fail because of the operator or the upstream. The objective is that " +
		number(float64(c.Objective)) + " % of the calls in 30 days do not."
	return r
}

func (c Config) burn(b burn) string {
	limit := number(b.rate) + " * " + number(c.Objective.Budget())
	count := signals.HourlyFaults
	if b.long != "1h" {
		count = fmt.Sprintf("sum_over_time(%s[%s:1h])", signals.HourlyFaults, b.long)
	}
	return fmt.Sprintf("(\n  %s > %s\n    and\n  %s > %[2]s\n    and\n  %[4]s >= %[5]d\n)", signals.FaultRatio(b.long), limit, signals.FaultRatio(b.short), count, c.MinFailures)
}
