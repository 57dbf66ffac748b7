package importer_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/importer"
)

// Texts that the source changed are reported, and replaced only on request.
// Other texts of the value stay.
func TestChangedTexts(t *testing.T) {
	t.Parallel()
	const source = "code,description\n7,\"bad \"\"token\"\"\\\"\n30,host\n31,bare\n32,gone\n"
	r := run(t, importer.Options{Format: "csv"}, source, byHand)
	if r.file != byHand {
		t.Errorf("the file changed:\n%s", r.file)
	}
	// The notes of 7 are a copy of its description, so both changed. 31 and 32
	// have no option, so their texts can't be replaced.
	if len(r.Changed) != 4 || r.Unchanged != 1 || r.Changed[0].Updated {
		t.Fatalf("changed %v, %d unchanged", r.Changed, r.Unchanged)
	}
	updated := run(t, importer.Options{Format: "csv", UpdateTexts: true}, source, byHand)
	want := strings.NewReplacer(`"bad " 'token'`, `"bad \"token\"\\"`, `"bad token"`, `"bad \"token\"\\"`).Replace(byHand)
	if updated.file != want {
		t.Errorf("got:\n%s\nwant:\n%s", updated.file, want)
	}
	if again := run(t, importer.Options{Format: "csv", UpdateTexts: true}, source, updated.file); again.file != updated.file || len(again.Changed) != 2 {
		t.Errorf("a second run still changes %v", again.Changed)
	}
	// Notes that were written by hand are not texts of a source without notes.
	byMe := strings.Replace(byHand, `notes: "bad token"`, `notes: "written by me"`, 1)
	if r := run(t, importer.Options{Format: "csv", UpdateTexts: true}, source, byMe); !strings.Contains(r.file, `notes: "written by me"`) {
		t.Errorf("the notes are lost:\n%s", r.file)
	}
}

// The comment above a value follows its texts if people left it as the import
// made it.
func TestChangedComments(t *testing.T) {
	t.Parallel()
	t.Run("one line", func(t *testing.T) {
		t.Parallel()
		changedComments(t, strings.Repeat("many words ", 6))
	})
	t.Run("two lines", func(t *testing.T) {
		t.Parallel()
		changedComments(t, strings.Repeat("many words ", 12))
	})
}

func changedComments(t *testing.T, long string) {
	t.Helper()
	o := importer.Options{Format: "csv", UpdateTexts: true}
	file := run(t, o, "code,description\n1,one\n2,"+long+"\n3,three\n", "").file
	comment := strings.ToUpper(long[:1]) + strings.TrimSpace(long[1:]) + "."
	todos := regexp.MustCompile(`(?m)^ *// TODO.*\n`)
	for name, test := range map[string]struct {
		edit    func(string) string
		updated bool
	}{
		"as it was made":      {func(s string) string { return s }, true},
		"without TODOs":       {func(s string) string { return todos.ReplaceAllString(s, "") }, true},
		"CRLF":                {func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }, true},
		"a section before it": {func(s string) string { return strings.ReplaceAll(s, "  // Many", "\n  // Section.\n\n  // Many") }, true},
		"a comment after one": {func(s string) string { return strings.ReplaceAll(s, "  }];", "  }]; // end") }, true},
		"other words":         {func(s string) string { return strings.ReplaceAll(s, "  // Many", "  // By hand: many") }, false},
		"more above":          {func(s string) string { return strings.ReplaceAll(s, "  // Many", "  // By hand.\n  // Many") }, false},
		"more below":          {func(s string) string { return strings.ReplaceAll(s, "many words.\n", "many words.\n  // By hand.\n") }, false},
		"more beside":         {func(s string) string { return strings.ReplaceAll(s, "many words.\n", "many words. By hand.\n") }, false},
		"a blank line below": {func(s string) string {
			return strings.ReplaceAll(todos.ReplaceAllString(s, ""), "many words.\n", "many words.\n\n")
		}, false},
		"of the value before": {func(s string) string {
			return regexp.MustCompile(`(?m)^  }\];\n(?: *//.*\n)+`).ReplaceAllString(s, "  }]; // "+comment+"\n")
		}, false},
		"none": {func(s string) string { return regexp.MustCompile(`(?m)^ *//.*\n`).ReplaceAllString(s, "") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := test.edit(file)
			old, latest := strings.TrimSpace(long), "the latest text"
			want := strings.ReplaceAll(before, fmt.Sprintf("%q", old), fmt.Sprintf("%q", latest))
			if test.updated {
				eol := "\n"
				if name == "CRLF" {
					eol = "\r\n"
				}
				made := regexp.MustCompile(`  // Many words (?:many|words|//|\s)*\.\r?\n`)
				want = made.ReplaceAllString(want, "  // The latest text."+eol)
			}
			r := run(t, o, "code,description\n1,one\n2,"+latest+"\n3,three\n", before)
			if r.file != want || want == before {
				t.Errorf("got:\n%s\nwant:\n%s", r.file, want)
			}
		})
	}
}
