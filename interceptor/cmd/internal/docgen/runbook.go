package docgen

import (
	"strconv"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/alerts"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/artefact"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
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
func Runbook(c *catalogue.Catalogue, metrics alerts.Metrics) ([]artefact.File, error) {
	if err := metrics.Check(); err != nil {
		return nil, err
	}
	var w writer
	w.line(RunbookMark, "\n")
	w.line("# Runbook\n")
	w.line("What to do about each failing code, by the party that must act. An alert links to the section of its code.")
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
			w.instruct(code, metrics.Failures)
		}
	}
	w.exceptions(c, metrics)
	return []artefact.File{{Name: "runbook.md", Content: w.Bytes()}}, nil
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
func (w *writer) instruct(c catalogue.Code, metric string) {
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
	w.query("grpc_service, grpc_method", metric+alerts.Selector(c.Domain, c.Reason))
}

// exceptions writes what to do about codes that are not in the contract.
func (w *writer) exceptions(c *catalogue.Catalogue, metrics alerts.Metrics) {
	w.line("\n## Codes outside the contract")
	for _, t := range c.Tables {
		w.heading(t.Document.Domain+"/"+table.Unrecognized, "Unlisted numbers of "+inline(t.Document.Domain))
		w.line("The upstream sent a number that the table does not list. It is sent on as ", code(t.Document.UnrecognizedGRPCCode), ", and nobody is told to act.\n")
		w.line("- Who acts: the owner of the table ", code(string(t.Enum.FullName())))
		w.line("- What they do: find the number in the log or in ErrorInfo.metadata, look it up with the upstream, and add it to the table")
		w.line("- What clears it: a release with the new code")
		w.query("grpc_service, grpc_method", metrics.Failures+alerts.Selector(t.Document.Domain, table.Unrecognized))
	}
	w.heading(alerts.UndeclaredAnchor, "Undeclared codes")
	w.line("A method answered with a code that its option (codetable.v1.method) does not name.\n")
	w.line("- Who acts: the owner of the service")
	w.line("- What they do: name the code in the option, or find out why the method answers with it")
	w.line("- What clears it: a release of the service or of its .proto file")
	w.query("grpc_service, grpc_method, reason", metrics.Undeclared)
}

// heading writes an anchor and a title in Markdown.
func (w *writer) heading(id, title string) {
	w.line("\n", `<a id="`, attribute(catalogue.Anchor(id)), `"></a>`, "\n")
	w.line("### ", title, "\n")
}

// query writes how to confirm that calls fail.
func (w *writer) query(by, series string) {
	w.line("\nThis query confirms it. It counts the failures of the last hour:\n")
	w.line("```promql")
	w.line("sum by (", by, ") (increase(", series, "[1h])) > 0")
	w.line("```")
}
