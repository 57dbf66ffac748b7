package importer_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/importer"
)

// hostile are cells that attack a .proto file, its comments or a terminal.
var hostile = []string{
	`"; }]; } enum Evil { X = 0; } //`,
	"two\nlines\r\nthree\n// TODO(codetable): none\n// buf:lint:ignore COMMENTS",
	"*/ /* // */", `back\slash \" \x41 \`, "\x1b[31mred\x1b[0m \x07 \x7f", "a\u202eb\u2066c\u200bd\u2028e\u0085f\ufeffg",
	"buf:lint:ignore COMMENTS", "buf:lint:ibuf:lint:ignoregnore", "TODO(codetable): fault", "${HOME} $(id) `id` {{.}} %s%d%n",
	"'single' \"double\"", "😀 \U000e0041 end", "option (x) = 1;", "\t tab\u00a0nbsp", "=cmd|' /C calc'!A0", "<script>alert(1)</script>", "|pipe\\|pipe|",
}

// Whatever a cell has, the file compiles, the texts are whole and nothing
// of them acts in a comment or in a terminal.
func TestHostileCells(t *testing.T) {
	t.Parallel()
	for _, format := range importer.Formats {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			r := run(t, importer.Options{Format: format, Name: "x\x1b\n}.csv"}, document(t, format, hostile), "")
			if r.Codes != len(hostile) {
				t.Fatalf("%d codes, want %d; skipped %v", r.Codes, len(hostile), r.Skipped)
			}
			for i, cell := range hostile {
				got := r.code(t, int32(i+1)).GetDescription()
				if want := strings.TrimSpace(cell); format == "json" && got != want || format == "csv" && got != strings.ReplaceAll(want, "\r\n", "\n") {
					t.Errorf("%q became %q", want, got)
				}
			}
			checkFile(t, r)
			checkText(t, r.Text(true))
		})
	}
}

// checkFile checks that a file has no control characters, that no comment is a
// directive, and that the TODOs are those that were counted.
func checkFile(tb testing.TB, r result) {
	tb.Helper()
	checkText(tb, r.file)
	todos := 0
	for line := range strings.Lines(r.file) {
		comment, ok := strings.CutPrefix(strings.TrimSpace(line), "//")
		if !ok {
			continue
		}
		comment = strings.TrimSpace(comment)
		if strings.HasPrefix(comment, "TODO(codetable):") {
			todos++
		}
		if strings.HasPrefix(comment, "buf:lint:ignore") && !strings.HasPrefix(comment, "buf:lint:ignore ENUM_ZERO_VALUE_SUFFIX the upstream publishes") {
			tb.Errorf("a directive: %s", line)
		}
		if strings.Contains(comment, "*/") {
			tb.Errorf("an end of a comment: %s", line)
		}
	}
	if todos != r.Todos {
		tb.Errorf("%d TODOs, want %d:\n%s", todos, r.Todos, r.file)
	}
}

func checkText(tb testing.TB, text string) {
	tb.Helper()
	for _, c := range text {
		if c != '\n' && !unicode.IsGraphic(c) {
			tb.Errorf("the output has the character %q", c)
			return
		}
	}
}

// document writes cells as the texts of the codes 1, 2, ...
func document(tb testing.TB, format string, cells []string) string {
	tb.Helper()
	var b strings.Builder
	switch format {
	case "csv":
		w := csv.NewWriter(&b)
		_ = w.Write([]string{"code", "description"})
		for i, cell := range cells {
			_ = w.Write([]string{fmt.Sprint(i + 1), cell})
		}
		w.Flush()
	case "json":
		list := map[string]string{}
		for i, cell := range cells {
			list[fmt.Sprint(i+1)] = cell
		}
		raw, err := json.Marshal(list)
		if err != nil {
			tb.Fatal(err)
		}
		b.Write(raw)
	case "md":
		b.WriteString("| code | description |\n|---|---|\n")
		for i, cell := range cells {
			fmt.Fprintf(&b, "| %d | %s |\n", i+1, strings.NewReplacer("\r", " ", "\n", " ", "\u2028", " ").Replace(cell))
		}
	case "html":
		b.WriteString("<table><tr><th>code<th>description")
		for i, cell := range cells {
			fmt.Fprintf(&b, "<tr><td>%d<td>%s", i+1, html.EscapeString(cell))
		}
	}
	return b.String()
}

// buf finds nothing to format in a new file, and its lint rules accept it.
func TestBufAcceptsTheFile(t *testing.T) {
	t.Parallel()
	buf := bufPath(t)
	for name, r := range map[string]result{
		"reference": reference(t),
		"a2a":       run(t, importer.Options{Format: "csv", Domain: "a2a.example", Enum: "A2AError", Package: "a2a.v1"}, read(t, "a2a.csv"), ""),
		"hostile":   run(t, importer.Options{Format: "json"}, document(t, "json", hostile), ""),
		"messages":  run(t, importer.Options{Format: "csv"}, "code,msg,en,zh-CN,resolution\n7,bad token,Bad.,坏,fix it\n", ""),
		"zero":      run(t, importer.Options{Format: "csv"}, "code,msg\n5,five five\n0,zero zero\n", ""),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			folder := filepath.Join(dir, strings.ReplaceAll(r.Package, ".", "/"))
			if err := os.MkdirAll(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			options, err := filepath.Abs("../../../../proto/codetable")
			if err != nil {
				t.Fatal(err)
			}
			for path, text := range map[string]string{
				filepath.Join(folder, "codes.proto"): r.file,
				filepath.Join(dir, "buf.yaml"):       "version: v2\nlint:\n  use: [STANDARD, COMMENTS]\n",
			} {
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.CopyFS(filepath.Join(dir, "codetable"), os.DirFS(options)); err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{{"format", "--diff", "--exit-code"}, {"lint"}} {
				cmd := exec.CommandContext(t.Context(), buf, args...)
				cmd.Dir = dir
				cmd.Env = append(os.Environ(), "BUF_CACHE_DIR="+t.TempDir())
				if out, err := cmd.CombinedOutput(); err != nil || len(bytes.TrimSpace(out)) > 0 {
					t.Errorf("buf %s: %v\n%s", args[0], err, out)
				}
			}
		})
	}
}

// bufPath skips the test if the pinned buf is missing, and fails it in CI.
func bufPath(t *testing.T) string {
	t.Helper()
	path := os.Getenv("BUF")
	if path != "" {
		return path
	}
	const want = "set BUF to the path of the buf that the Makefile pins, as make test does"
	if os.Getenv("CI") == "true" {
		t.Fatalf("BUF is not set: %s", want)
	}
	t.Skipf("SKIPPED: no imported file was given to buf: %s", want)
	return ""
}
