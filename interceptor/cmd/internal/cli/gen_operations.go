package cli

import (
	"time"

	"github.com/spf13/pflag"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/alerts"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/artefact"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/docgen"
)

func metricFlags(flags *pflag.FlagSet, metrics *alerts.Metrics) {
	flags.StringVar(&metrics.Failures, "metric", alerts.Failures, "the `NAME` of the counter of failures")
	flags.StringVar(&metrics.Undeclared, "undeclared-metric", alerts.Undeclared, "the `NAME` of the counter of undeclared codes")
}

func genPrometheus() generator {
	var config alerts.Config
	return generator{
		name: "prometheus", short: "Write Prometheus alert rules by the party that must act",
		long: `Writes alerts.yaml with these alerts:

- one for each code that the operator must fix. It pages at the first failure if
  time does not heal it. A calendar window warns at the first failure. A code that
  the same request may heal warns if it persists for three windows.
- the faults of each upstream, if more calls per second fail than --upstream-rate
- numbers that a table does not list, and codes that a method does not declare

Each alert links to the section of its code in the runbook: --runbook-url is the
address of the page that 'codetable gen runbook' writes.

The rules read two counters. A server has to export them with these labels:

codetable_failures_total     grpc_service, grpc_method, domain, reason, fault,
                             grpc_code, masked
codetable_undeclared_total   grpc_service, grpc_method, reason

fault is OPERATOR, UPSTREAM, CALLER or END_USER. The reason of a number that the
table does not list is UNRECOGNIZED_CODE. Create the counters of operator codes at
zero, or else a failure that came before the first scrape fires one scrape later.`,
		example:  `codetable gen prometheus --proto proto --out deploy --runbook-url https://example.com/runbook.md`,
		pattern:  "alerts.yaml",
		mark:     alerts.Mark,
		required: []string{"runbook-url"},
		flags: func(flags *pflag.FlagSet) {
			flags.StringVar(&config.RunbookURL, "runbook-url", "", "the `URL` of the runbook, without a fragment")
			metricFlags(flags, &config.Metrics)
			flags.DurationVar(&config.Window, "window", 5*time.Minute, "an alert clears if there was no failure for `TIME`")
			flags.Float64Var(&config.UpstreamRate, "upstream-rate", 0.1, "warn if a code of the upstream fails more calls per second than this `RATE`")
		},
		files: func(c *catalogue.Catalogue, _ string) ([]artefact.File, error) { return alerts.Files(c, config) },
	}
}

func genRunbook() generator {
	var metrics alerts.Metrics
	return generator{
		name: "runbook", short: "Write a runbook with a section for each failing code",
		long: `Writes runbook.md. For each failing code it says what the code means, who acts,
what they do, what clears it, and the query that confirms it. The codes of the
operator come first, then those of the upstream. The anchor of a code is
domain/REASON. The alerts of 'codetable gen prometheus' link to it.`,
		example: `codetable gen runbook --proto proto --out docs`,
		pattern: "runbook.md", mark: docgen.RunbookMark,
		flags: func(flags *pflag.FlagSet) { metricFlags(flags, &metrics) },
		files: func(c *catalogue.Catalogue, _ string) ([]artefact.File, error) { return docgen.Runbook(c, metrics) },
	}
}
