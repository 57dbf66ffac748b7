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

// tables are the results of each table.
type tables [][]result

// print writes the tables and a summary of each, and reports whether every code came
// out as it has to.
func (t tables) print(w io.Writer, asJSON, aligned bool) (ok bool, err error) {
	var out bytes.Buffer // which takes whatever is written
	ok = len(t) > 0
	summaries := make([]summary, 0, len(t))
	for _, results := range t {
		s := summarize(results)
		ok, summaries = ok && s.ok(), append(summaries, s)
		if asJSON {
			printJSON(&out, results)
		} else {
			printText(&out, results, aligned)
		}
	}
	if asJSON {
		printJSON(&out, summaries)
	} else {
		for _, s := range summaries {
			fmt.Fprintln(&out, s)
		}
	}
	_, err = out.WriteTo(w)
	return ok, err
}

func printJSON[T any](out *bytes.Buffer, list []T) {
	encoder := json.NewEncoder(out)
	for _, value := range list {
		_ = encoder.Encode(value)
	}
}

// printText writes a line a code, in columns or between tabs, and a line for each
// code that is lost. The user message is the last column, since no alignment counts
// its characters, which are two columns wide.
func printText(out *bytes.Buffer, results []result, aligned bool) {
	var lines strings.Builder
	fmt.Fprintln(&lines, "CODE\tREASON\tGRPC CODE\tDETAILS RECEIVED\tRECOVERED\tRETRY\tPUSHBACK MS\tUSER MESSAGE")
	for _, r := range results {
		fmt.Fprintln(&lines, strings.Join(r.cells(), "\t"))
	}
	if aligned {
		columns := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		_, _ = io.WriteString(columns, lines.String())
		_ = columns.Flush()
	} else {
		out.WriteString(lines.String())
	}
	for _, r := range results {
		if r.Verdict == lost {
			fmt.Fprintf(out, "lost %d: %s\n", r.Number, strings.Join(r.Problems, "; "))
		}
	}
}

func (r result) cells() []string {
	number := r.Verdict
	if r.Recovered != nil {
		number = strconv.Itoa(int(*r.Recovered))
	}
	cells := []string{
		strconv.Itoa(int(r.Number)), r.Reason, r.GRPCCode,
		strings.Join(r.Details, ","), number, r.Retry, r.Pushback, r.Message,
	}
	for i, cell := range cells {
		cells[i] = cmp.Or(cell, "-")
	}
	return cells
}

// summary counts the verdicts of a table.
type summary struct {
	Domain    string `json:"domain"`
	Codes     int    `json:"codes"`
	Recovered int    `json:"recovered"`
	Masked    int    `json:"masked"`
	Lost      int    `json:"lost"`
}

func summarize(results []result) summary {
	s := summary{Codes: len(results)}
	for _, r := range results {
		s.Domain = r.Domain
		switch r.Verdict {
		case recovered:
			s.Recovered++
		case masked:
			s.Masked++
		default:
			s.Lost++
		}
	}
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
