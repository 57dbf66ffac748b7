package alerts

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
)

// Names of the metrics of package telemetry.
const (
	Calls      = "codetable_calls_total"
	Failures   = "codetable_failures_total"
	CodeInfo   = "codetable_code_info"
	Standing   = "codetable_standing_faults"
	Undeclared = "codetable_undeclared_total"
	Shed       = "codetable_shed_total"
	InFlight   = "codetable_calls_in_flight"
)

// NoCode selects failures without a code that tell of a defect. Other statuses
// without a code, such as those of authentication, are answers.
const NoCode = `reason="", grpc_code=~"Unknown|Internal|DataLoss"`

// ServiceFaults selects the failures that count against the SLO.
const ServiceFaults = `fault=~"OPERATOR|UPSTREAM"`

// Anchors of the sections of the runbook that are about no code.
const (
	StandingAnchor    = "standing-faults"
	UndeclaredAnchor  = "undeclared"
	NoCodeAnchor      = "without-a-code"
	BudgetAnchor      = "error-budget"
	NotExportedAnchor = "not-exported"
)

// target are the labels that tell environments and services apart. Series that
// lack one of them are aggregated as if there were none.
const target = "cluster, namespace, job"

// by returns the labels of an aggregation.
func by(labels ...string) string {
	return "by (" + strings.Join(append([]string{target}, labels...), ", ") + ")"
}

// Selector returns the labels of a code, as in a query.
func Selector(domain, reason string) string {
	return fmt.Sprintf("{domain=%q, reason=%q}", domain, reason)
}

// Services selects the services that declare codes of the tables. Without any,
// it selects all.
func Services(c *catalogue.Catalogue) string {
	names := make([]string, 0, len(c.Services))
	for _, service := range c.Services {
		names = append(names, string(service.FullName()))
	}
	switch len(names) {
	case 0:
		return `grpc_service!=""`
	case 1:
		return fmt.Sprintf("grpc_service=%q", names[0])
	default:
		return fmt.Sprintf("grpc_service=~%q", regexp.MustCompile(`\.`).ReplaceAllString(strings.Join(names, "|"), `\.`))
	}
}
