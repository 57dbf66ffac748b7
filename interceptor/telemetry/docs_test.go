package telemetry_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

const docsPath = "../../docs/telemetry.md"

// TestDocs wants the code of the document to be the code of the example, which is
// compiled and run, and its output to be the output.
func TestDocs(t *testing.T) {
	t.Parallel()
	docs, code := read(t, docsPath), unindent(read(t, "example_test.go"))
	blocks := regexp.MustCompile("(?s)```(go|text)\n(.*?)```").FindAllStringSubmatch(docs, -1)
	if len(blocks) != 4 {
		t.Fatalf("%d blocks, want 4", len(blocks))
	}
	at := 0
	for _, block := range blocks {
		prefix := ""
		if block[1] == "text" { // a comment of the example
			prefix = "// "
		}
		for line := range strings.Lines(block[2]) {
			want := prefix + strings.TrimSpace(line)
			if !strings.Contains(code, "\n"+want+"\n") {
				t.Errorf("the example does not have %q", want)
			}
			at++
		}
	}
	if at < 15 {
		t.Errorf("compared %d lines", at)
	}
}

// TestDocsNameEveryMetric wants each metric of a server, its labels, and no other.
func TestDocsNameEveryMetric(t *testing.T) {
	t.Parallel()
	s := newSignals()
	observed := s.Server()
	server := serve(t, &verification{unary: failing(invented(t, 0, domain))}, observed.Options())
	observed.Declare(server.server)
	_ = server.verify(t)
	_ = inProcessWith(observed.Chain().Unary)(t.Context(), invented(t, 0, domain))
	families, err := s.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	exposed := map[string]string{}
	for _, family := range families {
		var labels []string
		for _, label := range family.GetMetric()[0].GetLabel() {
			labels = append(labels, "`"+label.GetName()+"`")
		}
		if strings.HasPrefix(family.GetName(), "codetable_") {
			exposed[family.GetName()] = strings.Join(labels, ", ")
		}
	}
	rows := regexp.MustCompile("(?m)^\\| `(codetable_[a-z_]+)` \\| ([^|]*) \\|").FindAllStringSubmatch(read(t, docsPath), -1)
	for _, row := range rows {
		labels, ok := exposed[row[1]]
		if !ok || len(strings.Split(labels, ", ")) != len(strings.Split(row[2], ", ")) {
			t.Errorf("%s has the labels %s, and the document names %s", row[1], labels, row[2])
		}
		for label := range strings.SplitSeq(labels, ", ") {
			if !strings.Contains(row[2], label) {
				t.Errorf("the document does not name the label %s of %s", label, row[1])
			}
		}
	}
	if len(rows) != len(exposed) {
		t.Errorf("the document names %d metrics, and %d are exposed", len(rows), len(exposed))
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// unindent removes the space at the start of each line.
func unindent(code string) string {
	return regexp.MustCompile(`(?m)^[ \t]+`).ReplaceAllString(code, "")
}
