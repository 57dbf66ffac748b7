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

// Summary counts the rows.
type Summary struct {
	Codes     int `json:"codes"`
	Recovered int `json:"recovered"`
	Masked    int `json:"masked"`
	Lost      int `json:"lost"`
}

// Summarize counts the verdicts.
func Summarize(rows []Row) Summary {
	s := Summary{Codes: len(rows)}
	for _, row := range rows {
		switch row.Verdict {
		case Recovered:
			s.Recovered++
		case Masked:
			s.Masked++
		case Lost:
			s.Lost++
		}
	}
	return s
}

// OK reports whether every code came out as it must. No code at all is no
// success.
func (s Summary) OK() bool { return s.Codes > 0 && s.Lost == 0 && s.Recovered+s.Masked == s.Codes }

// String is the last line of the output.
func (s Summary) String() string {
	text := fmt.Sprintf("%d/%d codes recovered", s.Recovered, s.Codes)
	if s.Masked > 0 {
		text += fmt.Sprintf(", %d masked as the public boundary requires", s.Masked)
	}
	if s.Lost > 0 {
		text += fmt.Sprintf(", %d LOST", s.Lost)
	}
	return text
}

// WriteText writes a line a row, in columns or between tabs, and a line for
// each row that is lost. The user message comes last: its characters are two
// columns wide, which no alignment counts.
func WriteText(w io.Writer, rows []Row, aligned bool) error {
	var text bytes.Buffer
	columns := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	var out io.Writer = &text
	if aligned {
		out = columns
	}
	fmt.Fprintln(out, "CODE\tREASON\tGRPC CODE\tDETAILS RECEIVED\tRECOVERED\tRETRY\tPUSHBACK MS\tUSER MESSAGE")
	for _, row := range rows {
		fmt.Fprintln(out, strings.Join(row.cells(), "\t"))
	}
	if err := columns.Flush(); err != nil {
		return err
	}
	for _, row := range rows {
		if row.Verdict == Lost {
			fmt.Fprintf(&text, "lost %d: %s\n", row.Number, strings.Join(row.Problems, "; "))
		}
	}
	_, err := text.WriteTo(w)
	return err
}

func (r Row) cells() []string {
	recovered := string(r.Verdict)
	if r.Recovered != nil {
		recovered = strconv.Itoa(int(*r.Recovered))
	}
	cells := []string{
		strconv.Itoa(int(r.Number)), r.Reason, r.GRPCCode,
		strings.Join(r.Details, ","), recovered, r.Retry, r.Pushback, r.Message,
	}
	for i, cell := range cells {
		cells[i] = cmp.Or(cell, "-")
	}
	return cells
}

// WriteJSON writes an object a row.
func WriteJSON(w io.Writer, rows []Row) error {
	encoder := json.NewEncoder(w)
	for _, row := range rows {
		if err := encoder.Encode(row); err != nil {
			return err
		}
	}
	return nil
}
