package alerts

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/signals"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// table returns an alert for each operator code, and those for the faults of the
// upstream, unlisted codes and missing metrics, with the test of them all.
func (c Config) table(t *catalogue.Table) ([]rule, unitTest) {
	u := c.newTest("the codes of " + t.Document.Domain)
	var list []rule
	var upstream []catalogue.Code
	declared := false
	for _, code := range t.Codes {
		declared = declared || len(code.Methods) > 0
		if !code.Failed() {
			continue
		}
		switch code.Spec.Fault() {
		case codetablev1.Fault_FAULT_OPERATOR:
			list = append(list, c.operator(t, code))
			c.testOperator(&u, list[len(list)-1], code)
		case codetablev1.Fault_FAULT_UPSTREAM:
			upstream = append(upstream, code)
		default:
		}
	}
	if len(upstream) > 0 {
		list = append(list, c.upstream(t))
		c.testUpstream(&u, list[len(list)-1], upstream[len(upstream)-1])
	}
	list = append(list, c.unlisted(t))
	c.testAppeared(&u, list[len(list)-1], signals.Failures,
		map[string]string{"domain": t.Document.Domain, "reason": table.Unrecognized}, map[string]string{"fault": "UNSPECIFIED"})
	if declared {
		list = append(list, c.notExported(t))
		c.testNotExported(&u, list[len(list)-1], t.Document.Domain)
	}
	return list, u
}

// operator fires at the first failure if time does not heal the fault. The gauge
// holds it until a call succeeds. The counter holds it for the window, also if a
// call succeeded before the next scrape. Telemetry creates both at zero, so that
// the first failure is an increase. last_over_time bridges scrapes that fail, or
// else each of them would end the alert and raise it again.
func (c Config) operator(t *catalogue.Table, code catalogue.Code) rule {
	series, labels := signals.Selector(code.Domain, code.Reason), signals.By("domain", "reason")
	r := rule{
		Alert: alertName(t, catalogue.Pascal(code.Reason)),
		Expr: fmt.Sprintf("sum %[1]s (last_over_time(%[2]s[%[4]s])) > 0\n  or\nsum %[1]s (increase(%[3]s[%[4]s])) > 0",
			labels, signals.Standing+series, signals.Failures+series, duration(c.Window)),
		Labels:      map[string]string{"severity": page, "fault": "OPERATOR"},
		Annotations: c.annotations(fmt.Sprintf("%d %s: %s", code.Number, code.Reason, code.Meaning()), cmp.Or(code.Resolution, code.ClearsText()), code.ID()),
	}
	if code.TimeHeals() {
		r.Labels["severity"] = warning
		if code.Spec.Retry().Window == codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED {
			r.For = duration(c.patience())
		}
	}
	return r
}

func (c Config) upstream(t *catalogue.Table) rule {
	domain, window := t.Document.Domain, duration(c.Window)
	failures := fmt.Sprintf("sum %s (rate(%s{domain=%q, fault=\"UPSTREAM\"}[%s]))", signals.By("grpc_service", "domain", "reason"), signals.Failures, domain, window)
	calls := fmt.Sprintf("sum %s (rate(%s[%s]))", signals.By("grpc_service"), signals.Calls, window)
	r := rule{
		Alert:       alertName(t, "UpstreamFaults"),
		Expr:        fmt.Sprintf("%s\n  / on (%s, grpc_service) group_left ()\n%s\n  > %s", failures, signals.Target, calls, number(c.UpstreamRatio)),
		For:         window,
		Labels:      map[string]string{"severity": warning, "fault": "UPSTREAM"},
		Annotations: c.annotations(domain, "", domain),
	}
	r.Annotations["summary"] += " fails with {{ $labels.reason }}"
	r.Annotations["description"] = "{{ $value | humanizePercentage }} of the calls of {{ $labels.grpc_service }} fail with this code, because of the upstream."
	r.Annotations["runbook_url"] += "/{{ $labels.reason }}"
	return r
}

func (c Config) unlisted(t *catalogue.Table) rule {
	domain := t.Document.Domain
	return rule{
		Alert:  alertName(t, "Unlisted"),
		Expr:   c.appeared(signals.Failures+signals.Selector(domain, table.Unrecognized), "domain", "reason"),
		Labels: map[string]string{"severity": warning, "fault": "UNSPECIFIED"},
		Annotations: c.annotations(domain+" sends a number that the table does not list",
			"Add the number to the table. Until then it has the default status, and no fault says who must act.", domain+"/"+table.Unrecognized),
	}
}

// notExported tells that the alerts of a table have nothing to read.
func (c Config) notExported(t *catalogue.Table) rule {
	domain := t.Document.Domain
	return rule{
		Alert:  alertName(t, "NotExported"),
		Expr:   fmt.Sprintf("absent(%s{domain=%q})", signals.CodeInfo, domain),
		For:    duration(c.patience()),
		Labels: map[string]string{"severity": warning, "fault": "OPERATOR"},
		Annotations: c.annotations("No target exports the codes of "+domain,
			"No alert about these codes can fire. Find out why Prometheus does not scrape the service.", signals.NotExportedAnchor),
	}
}

// services returns the alerts about what no table lists, with their test.
func (c Config) services(t *catalogue.Catalogue) ([]rule, unitTest) {
	undeclared := rule{
		Alert:  "CodetableUndeclared",
		Expr:   c.appeared(signals.Undeclared+"{"+signals.Services(t)+"}", "grpc_service", "grpc_method", "domain", "reason"),
		Labels: map[string]string{"severity": warning, "fault": "UNSPECIFIED"},
		Annotations: c.annotations("", "Name the code in the option (codetable.v1.method) of the method, or find out why the method answers with it.",
			signals.UndeclaredAnchor),
	}
	undeclared.Annotations["summary"] = "{{ $labels.grpc_method }} answers {{ $labels.reason }}, which it does not declare"
	noCode := rule{
		Alert:  "CodetableFailureWithoutCode",
		Expr:   c.appeared(signals.Failures+"{"+signals.Services(t)+", "+signals.NoCode+"}", "grpc_service", "grpc_method", "grpc_code"),
		Labels: map[string]string{"severity": warning, "fault": "UNSPECIFIED"},
		Annotations: c.annotations("", "The error is in the log, with the correlation id that the caller got. Give it a code of a table, or remove its cause.",
			signals.NoCodeAnchor),
	}
	noCode.Annotations["summary"] = "{{ $labels.grpc_method }} fails with {{ $labels.grpc_code }} and without a code"
	u := c.newTest("what no table lists")
	service := exampleService(t)
	c.testAppeared(&u, undeclared, signals.Undeclared,
		map[string]string{"grpc_service": service, "grpc_method": "Call", "domain": "example.com", "reason": "EXAMPLE"}, nil)
	c.testAppeared(&u, noCode, signals.Failures, map[string]string{"grpc_service": service, "grpc_method": "Call", "grpc_code": "Internal"},
		map[string]string{"domain": "", "reason": "", "fault": "UNSPECIFIED"})
	return []rule{undeclared, noCode}, u
}

// appeared is true from the first failure on. increase alone misses the failure
// that creates a series: telemetry creates none at zero for what no method
// declares, and no scrape sees the zero if a new instance fails before the first
// one. A series that Prometheus could not scrape for longer than the window looks
// new too, and warns needlessly.
func (c Config) appeared(series string, labels ...string) string {
	return fmt.Sprintf("sum %[2]s (increase(%[1]s[%[3]s])) > 0\n  or\nsum %[2]s (%[1]s unless %[1]s offset %[3]s) > 0",
		series, signals.By(labels...), duration(c.Window))
}

// annotations escapes its texts. id is that of a section of the runbook.
func (c Config) annotations(summary, description, id string) map[string]string {
	return map[string]string{
		"summary": literal(summary), "description": literal(description), "runbook_url": literal(c.RunbookURL + catalogue.Fragment(id)),
	}
}

func alertName(t *catalogue.Table, suffix string) string { return string(t.Enum.Name()) + suffix }

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// methodLabels returns the labels of a method that answers with the code.
func methodLabels(code catalogue.Code) map[string]string {
	name := "example.v1.ExampleService.Call"
	if len(code.Methods) > 0 {
		name = code.Methods[0]
	}
	i := strings.LastIndexByte(name, '.')
	return map[string]string{"grpc_service": name[:i], "grpc_method": name[i+1:]}
}

func exampleService(c *catalogue.Catalogue) string {
	if len(c.Services) > 0 {
		return string(c.Services[0].FullName())
	}
	return "example.v1.ExampleService"
}
