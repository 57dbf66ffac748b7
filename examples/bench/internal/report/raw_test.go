package report_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codetable/grpc-codetable/examples/bench/internal/report"
)

// two are the rows of the tests below.
var two = []report.Peer{{Name: "slow"}, {Name: report.Base}, {Name: "none"}}

// decodes is a raw file of the decoding of two peers, with six rounds.
func decodes(base, slow string) string {
	var b strings.Builder
	for round := range 6 {
		fmt.Fprintf(&b, "BenchmarkDecode/peer=status-withdetails-2 1 10%d ns/op %s allocs/op\n", round, base)
		fmt.Fprintf(&b, "BenchmarkDecode/peer=slow-2 1 %s%d ns/op 7 allocs/op\n", slow, round)
	}
	return b.String()
}

func decodeRows(t *testing.T, raw string) []string {
	t.Helper()
	results, err := report.Read([]byte(raw), two)
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, table := range results.Tables {
		if table.ID() == "decode" {
			for _, row := range table.Rows {
				rows = append(rows, fmt.Sprint(row.Name, " ", row.Cells[0], " ", row.Cells[2]))
			}
		}
	}
	return rows
}

func TestRatios(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		slow string
		want []string
	}{
		"slower": {"30", []string{"status.WithDetails 1.00 3", "slow 2.95 7", "none – –"}},
		"faster": {"4", []string{"slow 0.41 7", "status.WithDetails 1.00 3", "none – –"}},
		"alike":  {"10", []string{"slow 1.00 7", "status.WithDetails 1.00 3", "none – –"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, decodeRows(t, decodes("3", test.slow))); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// A ratio that could be chance is marked, also where a document quotes it.
func TestNoise(t *testing.T) {
	t.Parallel()
	raw := decodes("3", "10") + "BenchmarkDecode/peer=slow-2 1 109 ns/op 7 allocs/op\n"
	want := []string{"status.WithDetails 1.00 3", "slow ~ 1.00 7", "none – –"}
	if diff := cmp.Diff(want, decodeRows(t, raw)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	results, err := report.Read([]byte(raw), two)
	if err != nil {
		t.Fatal(err)
	}
	if got := results.Figures()["decode/slow/time"]; got != "~ 1.00" {
		t.Errorf("a document quotes %q, want ~ 1.00", got)
	}
}

func TestFaultyRawFile(t *testing.T) {
	t.Parallel()
	raw := decodes("3", "30") + "BenchmarkDecode/peer=slow-2 1 much ns/op\n"
	if _, err := report.Read([]byte(raw), two); err == nil || !strings.Contains(err.Error(), "raw file:13: parsing") {
		t.Errorf("got error %v, want one of line 13", err)
	}
}

func TestQuotes(t *testing.T) {
	t.Parallel()
	figures := map[string]string{"decode/kratos/time": "2.20"}
	tests := map[string]struct {
		document string
		want     []string
	}{
		"none":      {"No figure.", nil},
		"equal":     {"It takes <!--figure decode/kratos/time-->2.20<!--/--> times as long.", nil},
		"stale":     {"<!--figure decode/kratos/time-->2.1<!--/-->", []string{`figure decode/kratos/time is 2.20 in the report and "2.1" here`}},
		"unknown":   {"<!--figure decode/krato/time-->2.20<!--/-->", []string{"the report has no figure decode/krato/time"}},
		"no end":    {"<!--figure decode/kratos/time-->2.20", []string{"1 figures begin and 0 are complete"}},
		"no marker": {"<!-- figure decode/kratos/time -->2.20<!--/-->", []string{"1 figures begin and 0 are complete"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, report.CheckQuotes(test.document, figures)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
	stale, want := tests["stale"].document+tests["unknown"].document, "<!--figure decode/kratos/time-->2.20<!--/-->"+tests["unknown"].document
	if diff := cmp.Diff(want, report.UpdateQuotes(stale, figures)); diff != "" {
		t.Errorf("updated (-want +got):\n%s", diff)
	}
}
