package report_test

import (
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codetable/grpc-codetable/examples/bench/internal/peer"
	"github.com/codetable/grpc-codetable/examples/bench/internal/report"
)

// module is the folder of this module, and repository that of the documents.
const (
	module     = "../.."
	repository = "../../../.."
)

var peers = report.PeersOf(peer.All())

// committed returns the results of the committed raw file.
func committed(tb testing.TB) *report.Results {
	tb.Helper()
	results, err := report.Read(content(tb, report.RawFile), peers)
	if err != nil {
		tb.Fatal(err)
	}
	return results
}

func content(tb testing.TB, name string) []byte {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join(module, name))
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

func TestCommittedReport(t *testing.T) {
	t.Parallel()
	files, err := report.Render(content(t, report.RawFile), peers)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		if diff := cmp.Diff(string(want), string(content(t, name))); diff != "" {
			t.Errorf("%s is not that of %s: run go run ./cmd/report -render (-want +got):\n%s", name, report.RawFile, diff)
		}
	}
}

// A new version of a library needs new figures.
func TestCommittedVersions(t *testing.T) {
	t.Parallel()
	modules := report.Modules(peers)
	want, err := report.Versions(modules)
	if err != nil {
		t.Fatal(err)
	}
	raw := "\n" + string(content(t, report.RawFile))
	for _, m := range modules {
		if line := m + ": " + want[m]; want[m] == "" || !strings.Contains(raw, "\n"+line+"\n") {
			t.Errorf("%s lacks the line %q: run make bench-peers", report.RawFile, line)
		}
	}
}

// Each peer has each figure, but for what it encodes only inside of its server.
func TestCommittedFiguresAreComplete(t *testing.T) {
	t.Parallel()
	results := committed(t)
	encodes := map[string]bool{report.Kept: true}
	for _, p := range peer.All() {
		encodes[p.Name] = p.Encode != nil
	}
	for _, table := range append(results.Tables, results.Growth) {
		for _, row := range table.Rows {
			_, isPeer := encodes[row.Name]
			for i, cell := range row.Cells {
				want := !isPeer || encodes[row.Name] || !strings.HasPrefix(table.ID(), "encode")
				if cell.OK != want {
					t.Errorf("%s: row %s has figure %d: %v, want %v", table.ID(), row.Name, i, cell.OK, want)
				}
			}
		}
	}
	for name, figure := range results.Figures() {
		if figure == "" {
			t.Errorf("figure %s is empty", name)
		}
	}
}

// TestQuotedFigures compares the figures that documents quote with those of the
// report. With CODETABLE_UPDATE=1 it updates the documents.
func TestQuotedFigures(t *testing.T) {
	t.Parallel()
	figures := committed(t).Figures()
	table, err := os.ReadFile("../../CAPABILITY.md")
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(figures, report.Outcomes(string(table)))
	for _, name := range []string{"README.md", "docs/faq.md", "docs/proof.md"} {
		path := filepath.Join(repository, name)
		document, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it quotes nothing
		}
		if err != nil {
			t.Fatal(err)
		}
		if os.Getenv("CODETABLE_UPDATE") != "" {
			document = []byte(report.UpdateQuotes(string(document), figures))
			if err := os.WriteFile(path, document, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for _, fault := range report.CheckQuotes(string(document), figures) {
			t.Errorf("%s: %s", name, fault)
		}
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	table := `
| scenario | A | status.B |
| --- | --- | --- |
| one | kept | lost all |
| two | n/a: kept (1 attempt) | kept; leaked the text |
| three | n/a: leaked code | lost reason, number |

## The rows

| one | kept | kept |
`
	want := map[string]string{
		"capability/scenarios": "3",
		"capability/a/kept":    "1", "capability/a/lost-code": "0", "capability/a/leaked": "0",
		"capability/status-b/kept": "0", "capability/status-b/lost-code": "2", "capability/status-b/leaked": "1",
	}
	if diff := cmp.Diff(want, report.Outcomes(table)); diff != "" {
		t.Error(diff)
	}
}

func TestChartIsAccessible(t *testing.T) {
	t.Parallel()
	chart, err := committed(t).Chart()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`role="img"`, "<title id=", "<desc id=", "prefers-color-scheme: dark", "times status.WithDetails"} {
		if !strings.Contains(chart, want) {
			t.Errorf("the chart lacks %s", want)
		}
	}
	for _, p := range peers {
		if !strings.Contains(chart, ">"+p.Name+"</text>") {
			t.Errorf("the chart lacks %s", p.Name)
		}
	}
	for decoder := xml.NewDecoder(strings.NewReader(chart)); ; {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
