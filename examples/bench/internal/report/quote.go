package report

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
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

// outcomes are what Outcomes counts. A client without the number has no code. A
// library that has no notion of a scenario, n/a, is in none of them.
var outcomes = map[string]*regexp.Regexp{
	"kept":      regexp.MustCompile(`^kept( \([^)]*\))?$`),
	"lost-code": regexp.MustCompile(`^lost (all|([a-z]+, )*number)\b`),
	"leaked":    regexp.MustCompile(`^(kept; |lost .*; )?leaked `),
}

// Outcomes returns the figures of the table of what arrives, CAPABILITY.md: the number of its
// scenarios, and in how many of them a library keeps all, loses the code and leaks something.
func Outcomes(document string) map[string]string {
	_, document, _ = strings.Cut(document, "\n| scenario")
	header, rows, _ := strings.Cut(document, "\n")
	rows, _, _ = strings.Cut(rows, "\n\n")
	counts := map[string]int{"capability/scenarios": strings.Count(rows, "\n")}
	for i, name := range cellsOf(header) {
		for outcome, pattern := range outcomes {
			key := "capability/" + Slug(name) + "/" + outcome
			counts[key] = 0
			for line := range strings.Lines(rows) {
				if pattern.MatchString(cellsOf(line)[i]) {
					counts[key]++
				}
			}
		}
	}
	figures := make(map[string]string, len(counts))
	for key, count := range counts {
		figures[key] = strconv.Itoa(count)
	}
	return figures
}

// cellsOf returns the cells of a line of a table, without the first one.
func cellsOf(line string) []string {
	_, line, _ = strings.Cut(strings.TrimRight(line, " |\n"), " | ")
	return strings.Split(line, " | ")
}
