package grafana

import (
	"fmt"
	"strconv"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/signals"
	unrecognized "github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// faultColors are those of the parties that must act.
var faultColors = map[string]string{"OPERATOR": "red", "UPSTREAM": "orange", "CALLER": "blue", "END_USER": "green", "UNSPECIFIED": "purple"}

func (c Config) rows() []row {
	return []row{
		{"Who must act now", c.standing()},
		{"Service level: faults of the operator and the upstream", c.objective()},
		{"Failures by fault", c.faults()},
		{"Failures by code", c.codes()},
		{"Calls by method", c.methods()},
		{"The upstream", c.upstream()},
		{"Outside the contract", c.outside()},
		{"Public boundary", c.masked()},
	}
}

func (c Config) standing() []panel {
	standing := selected(signals.Standing, ofDomain)
	return []panel{
		stat(6, "Standing operator faults", "Codes of the operator whose last call failed, and which no success has cleared. It is 0 after a restart, until the next failure.",
			count, fmt.Sprintf("count(sum by (domain, reason) (%[1]s) > 0) or 0 * count(%[1]s)", standing), 1, "green", "red").linked(c.runbook(signals.StandingAnchor)),
		table(18, "What the operator must fix", "The runbook says what to do about each code.", "instances",
			fmt.Sprintf("sum by (domain, reason, grpc_service, grpc_method) (%s) > 0", standing), "domain", "reason", "grpc_service", "grpc_method").linkedCodes(c.RunbookURL),
	}
}

func (c Config) objective() []panel {
	faults := selected(signals.Failures, signals.ServiceFaults)
	bad := fmt.Sprintf("((sum(increase(%s[$__range])) or vector(0)) / sum(increase(%s[$__range])))", faults, selected(signals.Calls))
	objective := strconv.FormatFloat(float64(c.Objective), 'f', -1, 64)
	budget := strconv.FormatFloat(c.Objective.Budget(), 'f', -1, 64)
	burn := func(window string) query {
		return query{selected(signals.FaultRatio(window)) + " / " + budget, "{{grpc_service}} " + window}
	}
	return []panel{
		stat(5, "Calls without a service fault", "In the chosen time range. Faults of callers and end users do not count. The objective is "+objective+" %.",
			share, "1 - "+bad, 1-c.Objective.Budget(), "red", "green").linked(c.runbook(signals.BudgetAnchor)),
		stat(5, "Error budget left", "Of the chosen time range. Choose 30 days to see that of the objective.", share,
			"1 - "+bad+" / "+budget, 0, "red", "green").linked(c.runbook(signals.BudgetAnchor)),
		graph(14, "Burn rate", "1 uses up the budget of 30 days in 30 days. Alerts page at 14.4 in one hour and at 6 in six hours. The recording rules of 'codetable gen prometheus' have to be loaded.",
			count, burn("1h"), burn("6h")).limits(6, 14.4).linked(c.runbook(signals.BudgetAnchor)),
	}
}

func (c Config) faults() []panel {
	names := []string{"OPERATOR", "UPSTREAM", "CALLER", "END_USER", "UNSPECIFIED"}
	byFault := rate("fault", selected(signals.Failures, ofDomain))
	return []panel{
		graph(12, "Failures by who must act", "Failures per second.", perSecond, query{byFault, "{{fault}}"}).stacked().exemplars().colored(faultColors, names...),
		graph(12, "Share of the calls that fail", "Of all calls of the chosen services.", share,
			query{byFault + " / on () group_left () sum(rate(" + selected(signals.Calls) + "[$__rate_interval]))", "{{fault}}"}).colored(faultColors, names...),
	}
}

func (c Config) codes() []panel {
	failures := selected(signals.Failures, ofDomain, `reason!=""`)
	return []panel{
		table(12, "Failures in the time range", "By code. The runbook says what to do about each.", "failures",
			fmt.Sprintf("sort_desc(sum by (domain, reason, fault, grpc_code) (increase(%s[$__range])) > 0)", failures), "domain", "reason", "fault", "grpc_code").linkedCodes(c.RunbookURL),
		graph(12, "Failures per second by code", "Click a series to reach its runbook.", perSecond,
			query{rate("domain, reason", failures) + " > 0", "{{reason}}"}).exemplars().linkedCodes(c.RunbookURL),
	}
}

func (c Config) methods() []panel {
	calls := rate("grpc_service, grpc_method", selected(signals.Calls))
	return []panel{
		graph(8, "Calls per second by method", "Calls, and parts of calls such as the items of a stream, that ended per second.", perSecond, query{calls, "{{grpc_method}}"}),
		graph(8, "Share of failed calls by method", "All faults.", share,
			query{rate("grpc_service, grpc_method", selected(signals.Failures)) + " / " + calls, "{{grpc_method}}"}),
		graph(8, "Calls in flight by method", "Calls that began and did not end.", count,
			query{"sum by (grpc_service, grpc_method) (" + selected(signals.InFlight) + ")", "{{grpc_method}}"}),
	}
}

func (c Config) upstream() []panel {
	upstream := selected(signals.Failures, ofDomain, `fault="UPSTREAM"`)
	return []panel{
		graph(12, "Share of calls that the upstream fails", "By code, of all calls of the chosen services.", share,
			query{rate("domain, reason", upstream) + " / on () group_left () sum(rate(" + selected(signals.Calls) + "[$__rate_interval]))", "{{reason}}"}).linkedCodes(c.RunbookURL),
		table(12, "Failures of the upstream in the time range", "The runbook says what to do about each.", "failures",
			fmt.Sprintf("sort_desc(sum by (domain, reason, grpc_service, grpc_method) (increase(%s[$__range])) > 0)", upstream), "domain", "reason", "grpc_service", "grpc_method").linkedCodes(c.RunbookURL),
	}
}

// outside shows failures without a code whatever domain is chosen, because they
// have none.
func (c Config) outside() []panel {
	return []panel{
		graph(6, "Unlisted numbers", "The table lacks these numbers.", perSecond,
			query{rate("domain, reason", selected(signals.Failures, ofDomain, fmt.Sprintf("reason=%q", unrecognized.Unrecognized))), "{{domain}}"}).linkedCodes(c.RunbookURL),
		graph(6, "Undeclared codes", "Methods answer with codes that they do not declare.", perSecond,
			query{rate("grpc_method, domain, reason", selected(signals.Undeclared, ofDomain)) + " > 0", "{{grpc_method}} {{reason}}"}).linked(c.runbook(signals.UndeclaredAnchor)),
		graph(6, "Failures without a code", "By status, whatever domain is chosen.", perSecond,
			query{rate("grpc_code", selected(signals.Failures, `reason=""`)) + " > 0", "{{grpc_code}}"}).linked(c.runbook(signals.NoCodeAnchor)),
		graph(6, "Details that were shed", "Parts of errors over the detail budget, of all services of the job.", perSecond,
			query{fmt.Sprintf(`sum by (part) (rate(%s{job=~"$job"}[$__rate_interval])) > 0`, signals.Shed), "{{part}}"}),
	}
}

func (c Config) masked() []panel {
	return []panel{
		graph(24, "Share of failures that are masked", "A public boundary hides these from callers, who get a request id. The log has the code.", share,
			query{
				rate("grpc_service", selected(signals.Failures, ofDomain, `masked="true"`)) + " / " + rate("grpc_service", selected(signals.Failures, ofDomain)),
				"{{grpc_service}}",
			}),
	}
}

// runbook returns the address of a section that is about no code.
func (c Config) runbook(anchor string) string { return c.RunbookURL + catalogue.Fragment(anchor) }
