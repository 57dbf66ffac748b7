package cli

import (
	"github.com/spf13/pflag"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/alerts"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/artefact"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/docgen"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/grafana"
)

func genPrometheus() generator {
	config := alerts.Defaults()
	return generator{
		name: "prometheus", short: "Write Prometheus rules by the party that must act",
		long: `Writes alerts.yaml with these alerts:

- one for each code that the operator must fix. It pages at the first failure if
  time does not heal it. A calendar window warns at the first failure. A code that
  the same request may heal warns if it persists for three windows. Each clears
  after a success, when the window is over.
- each code of the upstream that fails more than --upstream-ratio of the calls
- numbers that a table does not list, codes that a method does not declare, and
  failures with Unknown, Internal or DataLoss and no code
- an error budget that is used up too fast: faults of the operator and the
  upstream count, in the windows of the SRE workbook, against --objective
- a table whose codes no target exports

Writes recording.yaml with the recording rules of this objective, and
alerts_test.yaml for 'promtool test rules', which tests each alert.

Each alert has the labels severity (page or warning), fault, domain and reason,
where there are any, and the labels cluster, namespace and job of its target. It
links to its section in the runbook: --runbook-url is the address of the page
that 'codetable gen runbook' writes.

The rules read the metrics that the Go package interceptor/telemetry exports.`,
		example:  `codetable gen prometheus --proto proto --out deploy --runbook-url https://example.com/runbook.md`,
		pattern:  "*.yaml",
		mark:     alerts.Mark,
		required: []string{"runbook-url"},
		flags: func(flags *pflag.FlagSet) {
			flags.StringVar(&config.RunbookURL, "runbook-url", "", "the `URL` of the runbook, without a fragment")
			flags.DurationVar(&config.Window, "window", config.Window, "a failure is new for this `TIME`")
			flags.Float64Var(&config.UpstreamRatio, "upstream-ratio", config.UpstreamRatio, "warn if a code of the upstream fails more than this `RATIO` of the calls of a service")
			flags.Float64Var((*float64)(&config.Objective), "objective", float64(config.Objective), "`PERCENT` of the calls in 30 days that do not fail because of the operator or the upstream")
			flags.IntVar(&config.MinFailures, "min-failures", config.MinFailures, "with less than `COUNT` failures in the longer window, no alert about the objective")
		},
		files: func(c *catalogue.Catalogue, _ string) ([]artefact.File, error) { return alerts.Files(c, config) },
	}
}

func genRunbook() generator {
	return generator{
		name: "runbook", short: "Write a runbook with a section for each failing code",
		long: `Writes runbook.md. For each failing code it says what the code means, who acts,
what they do, what clears it, and the query that confirms it. The codes of the
operator come first, then those of the upstream. The anchor of a code is
domain/REASON. The alerts of 'codetable gen prometheus' link to it.`,
		example: `codetable gen runbook --proto proto --out docs`,
		pattern: "runbook.md", mark: docgen.RunbookMark, files: anyLanguage(docgen.Runbook),
	}
}

func genGrafana() generator {
	config := grafana.Config{Objective: alerts.Defaults().Objective}
	return generator{
		name: "grafana", short: "Write a Grafana dashboard by the party that must act",
		long: `Writes dashboard.json for Grafana 10.4 or later, to import or to provision. Its rows
are: who must act now, the service level, failures by fault and by code, calls by
method, the upstream, what is outside the contract, and the public boundary. The
reader chooses the data source, the job, the service and the domain.

Codes link to their sections in the runbook: --runbook-url is the address of the
page that 'codetable gen runbook' writes. The burn rate needs the recording rules
of 'codetable gen prometheus'.

The queries read the metrics that the Go package interceptor/telemetry exports.`,
		example:  `codetable gen grafana --proto proto --out deploy --runbook-url https://example.com/runbook.md`,
		pattern:  "dashboard.json",
		mark:     grafana.Mark,
		required: []string{"runbook-url"},
		flags: func(flags *pflag.FlagSet) {
			flags.StringVar(&config.RunbookURL, "runbook-url", "", "the `URL` of the runbook, without a fragment")
			flags.StringVar(&config.Title, "title", "", "the `TITLE` of the dashboard (default: the domains of the tables)")
			flags.Float64Var((*float64)(&config.Objective), "objective", float64(config.Objective), "`PERCENT` of the calls in 30 days that do not fail because of the operator or the upstream")
		},
		files: func(c *catalogue.Catalogue, _ string) ([]artefact.File, error) { return grafana.Files(c, config) },
	}
}
