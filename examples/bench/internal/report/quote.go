package report

import (
	"fmt"
	"regexp"
)

// quoted is a figure in a document: <!--figure NAME-->1.08<!--/-->.
var quoted = regexp.MustCompile(`(?s)(<!--figure ([^\s<>]+)-->)(.*?)(<!--/-->)`)

// begun is the begin of a quotation. A quotation that does not end is a fault.
var begun = regexp.MustCompile(`<!--\s*figure`)

// CheckQuotes returns the faults of the figures that a document quotes: those
// that the report does not have, and those that have another value.
func CheckQuotes(document string, figures map[string]string) (faults []string) {
	quotes := quoted.FindAllStringSubmatch(document, -1)
	if n := len(begun.FindAllString(document, -1)); n != len(quotes) {
		faults = append(faults, fmt.Sprintf("%d figures begin and %d are complete", n, len(quotes)))
	}
	for _, q := range quotes {
		name, text := q[2], q[3]
		switch figure, ok := figures[name]; {
		case !ok:
			faults = append(faults, "the report has no figure "+name)
		case figure != text:
			faults = append(faults, fmt.Sprintf("figure %s is %s in the report and %q here", name, figure, text))
		}
	}
	return faults
}

// UpdateQuotes returns the document with the figures of the report. It leaves
// those alone that the report does not have.
func UpdateQuotes(document string, figures map[string]string) string {
	return quoted.ReplaceAllStringFunc(document, func(quote string) string {
		q := quoted.FindStringSubmatch(quote)
		figure, ok := figures[q[2]]
		if !ok {
			return quote
		}
		return q[1] + figure + q[4]
	})
}
