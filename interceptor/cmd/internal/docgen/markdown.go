package docgen

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/artefact"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/internal/tablediff"
)

// Markdown returns a document for each table. The anchor of a code is its
// reason, so that the help link of a table can end in #{reason}.
func Markdown(c *catalogue.Catalogue) ([]artefact.File, error) {
	var files []artefact.File
	for _, t := range c.Tables {
		var w writer
		w.table(t)
		w.overview(t)
		for _, code := range t.Codes {
			w.code(code, t.Document.HelpURL)
		}
		files = append(files, artefact.File{Name: t.Name + ".md", Content: w.Bytes()})
	}
	return files, nil
}

// table writes what all codes of a table share.
func (w *writer) table(t *catalogue.Table) {
	d := t.Document
	w.line(MarkdownMark, "\n")
	w.line("# ", inline(string(t.Enum.Name())))
	for _, part := range comment(t.Enum) {
		w.line("\n", paragraph(part))
	}
	w.line()
	w.line("- Domain: ", code(d.Domain))
	w.line("- Enum: ", code(string(t.Enum.FullName())))
	w.line("- Codes: ", strconv.Itoa(len(t.Codes)))
	w.line("- gRPC status of numbers that the table does not list: ", code(d.UnrecognizedGRPCCode))
	if d.TimeZone != "" {
		w.line("- Time zone of the calendar windows: ", code(d.TimeZone))
	}
	if d.HelpURL != "" {
		w.line("- Documentation: ", link(d.HelpURL))
	}
	for _, alias := range slices.Sorted(maps.Keys(d.Aliases)) {
		w.line("- ", code(alias), " is another name of ", strconv.Itoa(int(d.Aliases[alias])))
	}
	if len(d.DefaultUserMessages) > 0 {
		w.line("- Neutral sentences, for unlisted numbers and for codes that a public boundary hides:")
		for _, locale := range slices.Sorted(maps.Keys(d.DefaultUserMessages)) {
			w.sentence("  ", locale, d.DefaultUserMessages[locale])
		}
	}
}

// overview writes a row for each code.
func (w *writer) overview(t *catalogue.Table) {
	w.line("\n## Codes\n")
	w.line("| code | reason | meaning | who acts | retry | gRPC | HTTP |")
	w.line("|---:|---|---|---|---|---|---:|")
	for _, c := range t.Codes {
		w.line("| ", strconv.Itoa(int(c.Number)), " | [", inline(c.Reason), "](", catalogue.Fragment(c.Reason), ") | ", inline(c.Meaning()), " | ",
			c.WhoActs(), " | ", inline(c.RetryText()), " | ", code(c.GRPCCode), " | ", strconv.Itoa(c.HTTPStatus()), " |")
	}
}

// code writes the section of a code. Its help link is left out if the whole table
// has the same one.
func (w *writer) code(c catalogue.Code, tableURL string) {
	w.line("\n", `<a id="`, attribute(catalogue.Anchor(c.Reason)), `"></a>`, "\n")
	w.line("### ", strconv.Itoa(int(c.Number)), " ", inline(c.Reason))
	if c.Meaning() != "" {
		w.line("\n", paragraph(c.Meaning()))
	}
	w.line()
	if c.Description != "" && c.Description != c.Meaning() {
		w.line("- Description: ", inline(c.Description))
	}
	w.line("- Who acts: ", c.WhoActs())
	if c.Resolution != "" {
		w.line("- What they do: ", inline(c.Resolution))
	}
	w.line("- Retry: ", inline(c.RetryText()))
	w.line("- gRPC status: ", code(c.GRPCCode), "; HTTP status: ", strconv.Itoa(c.HTTPStatus()))
	if c.Detail != (tablediff.Detail{}) {
		w.line("- Detail: ", code("google.rpc."+catalogue.Pascal(c.Detail.Type)), " with the subject ", code(c.Detail.Subject))
	}
	if c.HelpURL != tableURL {
		w.line("- Documentation: ", link(c.HelpURL))
	}
	if len(c.UserMessages) > 0 {
		w.line("- Sentences for end users:")
		for _, locale := range slices.Sorted(maps.Keys(c.UserMessages)) {
			w.sentence("  ", locale, c.UserMessages[locale])
		}
	}
	if len(c.Methods) > 0 {
		w.line("- Methods: ", methods(c.Methods))
	}
}

func (w *writer) sentence(indent, locale, text string) {
	w.line(indent, "- ", code(locale), " ", inline(text))
}

func methods(names []string) string {
	var list []string
	for _, name := range names {
		list = append(list, code(shortMethod(name)))
	}
	return strings.Join(list, ", ")
}
