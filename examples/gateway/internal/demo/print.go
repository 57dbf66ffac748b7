package demo

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// report writes the results of each table and then a summary of each. It reports whether
// every code came out as it has to.
func report(w io.Writer, tables [][]*result, asJSON bool) (ok bool, err error) {
	var lines, summaries bytes.Buffer // writing to them can't fail
	ok = true
	for i, results := range tables {
		s := summarize(results)
		ok = ok && s.ok()
		if asJSON {
			for _, r := range results {
				_ = json.NewEncoder(&lines).Encode(r)
			}
			_ = json.NewEncoder(&summaries).Encode(s)
			continue
		}
		printText(&lines, results)
		summaries.WriteString(s.String())
		if i > 0 { // the first table is that of the upstream
			fmt.Fprintf(&summaries, " (%s)", s.Domain)
		}
		summaries.WriteByte('\n')
	}
	_, err = io.Copy(w, io.MultiReader(&lines, &summaries))
	return ok && err == nil, err
}

// printText writes a line a code, and one for each code that is lost. The user message
// is the last column, since no alignment counts its characters, which are two columns
// wide.
func printText(out *bytes.Buffer, results []*result) {
	columns := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(columns, "CODE\tREASON\tGRPC CODE\tDETAILS RECEIVED\tRECOVERED\tRETRY\tPUSHBACK MS\tUSER MESSAGE")
	for _, r := range results {
		number := r.Verdict
		if r.Recovered != nil {
			number = strconv.Itoa(int(*r.Recovered))
		}
		fmt.Fprintf(columns, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Number, r.Reason, r.GRPCCode,
			cmp.Or(strings.Join(r.Details, ","), "-"), number, cmp.Or(r.Retry, "-"), cmp.Or(r.Pushback, "-"), cmp.Or(r.Message, "-"))
	}
	_ = columns.Flush()
	for _, r := range results {
		if r.Verdict == lost {
			fmt.Fprintf(out, "lost %d: %s\n", r.Number, strings.Join(r.Problems, "; "))
		}
	}
}

// summary counts the verdicts of a table.
type summary struct {
	Domain    string `json:"domain"`
	Codes     int    `json:"codes"`
	Recovered int    `json:"recovered"`
	Masked    int    `json:"masked"`
	Lost      int    `json:"lost"`
}

func summarize(results []*result) summary {
	s := summary{Codes: len(results)}
	verdicts := map[string]int{}
	for _, r := range results {
		s.Domain = r.Domain
		verdicts[r.Verdict]++
	}
	s.Recovered, s.Masked, s.Lost = verdicts[recovered], verdicts[masked], verdicts[lost]
	return s
}

func (s summary) ok() bool { return s.Codes > 0 && s.Lost == 0 }

// String is a line at the end of the output.
func (s summary) String() string {
	text := fmt.Sprintf("%d/%d codes recovered", s.Recovered, s.Codes)
	if s.Masked > 0 {
		text += fmt.Sprintf(", %d masked as the public boundary requires", s.Masked)
	}
	if s.Lost > 0 {
		text += fmt.Sprintf(", %d LOST", s.Lost)
	}
	return text
}
