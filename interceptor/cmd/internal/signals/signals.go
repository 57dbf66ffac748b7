// Package signals names the metrics of the Go package interceptor/telemetry, as
// the generated rules, dashboards and runbooks read them.
package signals

import (
	"fmt"
	"net/url"
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

// Target are the labels that tell environments and services apart. Aggregating by
// one that the series lack changes nothing.
const Target = "cluster, namespace, job"

// By returns the labels of an aggregation that keeps those of the target.
func By(labels ...string) string {
	return "by (" + strings.Join(append([]string{Target}, labels...), ", ") + ")"
}

// level is the beginning of the names of recordings: the labels that they have.
var level = strings.ReplaceAll(Target, ", ", "_") + "_grpc_service:"

// Names of the recordings, by Prometheus' convention level:metric:operations.
var (
	CallRate     = level + "codetable_calls:rate5m"
	FaultRate    = level + "codetable_service_faults:rate5m"
	HourlyFaults = level + "codetable_service_faults:increase1h"
)

// FaultRatio returns the name of the recording of the share of calls that failed
// in a window, such as 1h.
func FaultRatio(window string) string {
	return level + "codetable_service_faults_per_calls:ratio_rate" + window
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
		return fmt.Sprintf("grpc_service=~%q", strings.ReplaceAll(strings.Join(names, "|"), ".", `\.`))
	}
}

// CheckRunbook reports an address to which no anchor can be added.
func CheckRunbook(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.Contains(address, "#") {
		return catalogue.Argumentf("the address of the runbook is %q: want an absolute URL without a fragment", address)
	}
	return nil
}
