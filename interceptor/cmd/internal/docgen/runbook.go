package docgen

import (
	"strconv"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/artefact"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/signals"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// sections are the parts of the runbook. Those with alerts come first.
var sections = []struct {
	title string
	fault codetablev1.Fault
}{
	{"The operator acts", codetablev1.Fault_FAULT_OPERATOR},
	{"The upstream acts", codetablev1.Fault_FAULT_UPSTREAM},
	{"The caller acts", codetablev1.Fault_FAULT_CALLER},
	{"The end user acts", codetablev1.Fault_FAULT_END_USER},
	{"Nobody is named", codetablev1.Fault_FAULT_UNSPECIFIED},
}

// Runbook returns one document with the failing codes of all tables. The anchor
// of a code is its domain and reason, as in domain/REASON.
func Runbook(c *catalogue.Catalogue) ([]artefact.File, error) {
	var w writer
	w.line(RunbookMark, "\n")
	w.line("# Runbook\n")
	w.line("What to do about each failing code, by the party that must act. An alert links to the section of its code.")
	w.standing()
	for _, section := range sections {
		codes := failing(c, section.fault)
		if len(codes) == 0 {
			continue
		}
		w.line("\n## ", section.title, "\n")
		for _, code := range codes {
			w.line("- [", strconv.Itoa(int(code.Number)), " ", inline(code.Reason), "](", catalogue.Fragment(code.ID()), ") ", inline(code.Meaning()))
		}
		for _, code := range codes {
			w.instruct(code)
		}
	}
	w.exceptions(c)
	w.service(c)
	return []artefact.File{{Name: "runbook.md", Content: w.Bytes()}}, nil
}

// standing explains the gauge that most alerts read.
func (w *writer) standing() {
	w.line("\n", `<a id="`, signals.StandingAnchor, `"></a>`, "\n\n## Standing faults\n")
	w.line("`", signals.Standing, "` is 1 from the moment when a method fails with a code of the operator until the next success of the",
		" method. So it shows what is broken now, and since when:\n")
	w.promql("sum by (domain, reason, grpc_service, grpc_method) (" + signals.Standing + ") > 0")
	w.line("\nThe value is the number of instances that failed and have had no success since. Read it with this in mind:\n")
	w.line("- It stays 1 until a call succeeds. A failure that the caller or the end user must act on does not clear it,",
		" though it may show that the cause is gone. Send a call that can succeed.")
	w.line("- Each instance has its own. The alert clears when each of them has had a success or has ended.")
	w.line("- A restart sets it to 0. The next failure sets it again. After a restart, an alert that is gone tells nothing until a call succeeds.")
	w.line("- An alert also fires while `", signals.Failures, "` has grown within the window of the alert, which is 5 minutes by default. So it",
		" stays that long after the last failure, even if a call succeeded at once.")
}

func failing(c *catalogue.Catalogue, fault codetablev1.Fault) (list []catalogue.Code) {
	for _, t := range c.Tables {
		for _, code := range t.Codes {
			if code.Failed() && code.Spec.Fault() == fault {
				list = append(list, code)
			}
		}
	}
	return list
}

// instruct writes the section of a code.
func (w *writer) instruct(c catalogue.Code) {
	w.heading(c.ID(), strconv.Itoa(int(c.Number))+" "+inline(c.Reason))
	if c.Meaning() != "" {
		w.line(paragraph(c.Meaning()), "\n")
	}
	w.line("- Table: ", code(c.Domain))
	w.line("- Who acts: ", c.WhoActs())
	if c.Resolution != "" {
		w.line("- What they do: ", inline(c.Resolution))
	}
	if c.HelpURL != "" {
		w.line("- Documentation: ", link(c.HelpURL))
	}
	w.line("- Retry: ", inline(c.RetryText()))
	w.line("- What clears it: ", inline(c.ClearsText()))
	if len(c.Methods) > 0 {
		w.line("- Methods: ", methods(c.Methods))
	}
	series := signals.Selector(c.Domain, c.Reason)
	if c.Spec.Fault() == codetablev1.Fault_FAULT_OPERATOR {
		w.line("\nThis query shows whether it [stands](#", signals.StandingAnchor, "):\n")
		w.promql("sum by (grpc_service, grpc_method) (" + signals.Standing + series + ") > 0")
	}
	if len(c.Methods) > 0 {
		w.confirm("grpc_service, grpc_method", signals.Failures+series)
	} else {
		w.confirmNew("grpc_service, grpc_method", signals.Failures+series)
	}
}

// exceptions writes what to do about codes that are not in the contract.
func (w *writer) exceptions(c *catalogue.Catalogue) {
	w.line("\n## Failures outside the contract")
	for _, t := range c.Tables {
		w.heading(t.Document.Domain+"/"+table.Unrecognized, "Unlisted numbers of "+inline(t.Document.Domain))
		w.line("The upstream sent a number that the table does not list. Its status is ", code(t.Document.UnrecognizedGRPCCode), ",",
			" unless a public boundary masks it, and no fault says who must act.\n")
		w.line("- Who acts: the owner of the table ", code(string(t.Enum.FullName())))
		w.line("- What they do: find the number in the log or in ErrorInfo.metadata, look it up with the upstream, and add it to the table")
		w.line("- What clears it: a release with the new code. Until then the alert fires again with each failure")
		w.confirmNew("grpc_service, grpc_method", signals.Failures+signals.Selector(t.Document.Domain, table.Unrecognized))
	}
	w.heading(signals.UndeclaredAnchor, "Undeclared codes")
	w.line("A method answered with a code that its option (codetable.v1.method) does not name.\n")
	w.line("- Who acts: the owner of the service")
	w.line("- What they do: name the code in the option, or find out why the method answers with it. An unlisted number (`", table.Unrecognized,
		"`) is undeclared too: follow its own section")
	w.line("- What clears it: a release of the service or of its .proto file")
	w.confirmNew("grpc_service, grpc_method, domain, reason", signals.Undeclared+"{"+signals.Services(c)+"}")
	w.heading(signals.NoCodeAnchor, "Failures without a code")
	w.line("A method failed with Unknown, Internal or DataLoss, and its error has no code. Often the handler returned an error of another",
		" package, or it panicked.\n")
	w.line("- Who acts: the owner of the service")
	w.line("- What they do: find the error in the log by method and level, or by the correlation id that a caller reports. Give it a code of a table, or remove its cause")
	w.line("- What clears it: a release of the service. Until then the alert fires again with each failure")
	w.confirmNew("grpc_service, grpc_method, grpc_code", signals.Failures+"{"+signals.Services(c)+", "+signals.NoCode+"}")
}

// service writes what to do about a service as a whole.
func (w *writer) service(c *catalogue.Catalogue) {
	w.line("\n## The service as a whole")
	w.heading(signals.BudgetAnchor, "The error budget")
	w.line("More calls fail because of the operator or the upstream than the objective allows. Faults of callers and end users do not count.",
		" The alert that pages reads windows of 1 hour and of 6 hours, and the other one of 1 day and of 3 days.\n")
	w.line("- Who acts: the operator, or the operator with the upstream")
	w.line("- What they do: find the codes with the query, and follow their sections. If one upstream is the cause, tell its support")
	w.line("- What clears it: fewer failures. The alert clears when the shorter window, of 5 minutes for the fastest pair, is within the objective again")
	w.confirm("grpc_service, fault, domain, reason", signals.Failures+"{"+signals.Services(c)+", "+signals.ServiceFaults+"}")
	w.heading(signals.NotExportedAnchor, "Codes that no target exports")
	w.line("Prometheus has no series of a table, so no alert about its codes can fire.\n")
	w.line("- Who acts: the operator")
	w.line("- What they do: see whether the service runs, whether Prometheus scrapes it (`up`), and whether the server uses the telemetry of codetable")
	w.line("- What clears it: the next scrape with the series")
	w.line("\nThis query confirms it if it has no result for a table:\n")
	w.promql("count by (domain, job) (" + signals.CodeInfo + ")")
}

// heading writes an anchor and a title in Markdown.
func (w *writer) heading(id, title string) {
	w.line("\n", `<a id="`, attribute(catalogue.Anchor(id)), `"></a>`, "\n")
	w.line("### ", title, "\n")
}

// confirm writes how to confirm that calls fail.
func (w *writer) confirm(by, series string) {
	w.line("\nThis query confirms it. It counts the failures of the last hour:\n")
	w.promql("sum by (" + by + ") (increase(" + series + "[1h])) > 0")
}

// confirmNew is confirm for series that no server creates before the first failure.
// increase would not count that one.
func (w *writer) confirmNew(by, series string) {
	w.line("\nThis query confirms it. It counts the failures since each instance was started:\n")
	w.promql("sum by (" + by + ") (" + series + ") > 0")
}

func (w *writer) promql(query string) { w.line("```promql\n", query, "\n```") }
