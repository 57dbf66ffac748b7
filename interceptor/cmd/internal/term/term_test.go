package term_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/term"
)

func TestSafe(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain 余额":               "plain 余额",
		"\x1b[31mred":            `\x1b[31mred`,
		"two\nlines\t":           `two\nlines\t`,
		"C1 \u009b31m":           `C1 \u009b31m`,
		"right\u202eleft":        `right\u202eleft`,
		"bad \xff byte":          `bad \xff byte`,
		"\ufffd was replaced":    "\ufffd was replaced",
		`a backslash \ "quotes"`: `a backslash \ "quotes"`,
	} {
		if got := term.Safe(in); got != want {
			t.Errorf("Safe(%q) = %q, want %q", in, got, want)
		}
	}
	if got, want := term.SafeLines("a\nb\x1b\n"), "a\nb\\x1b\n"; got != want {
		t.Errorf("SafeLines = %q, want %q", got, want)
	}
}

func TestColumns(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"": 0, "abc": 3, "余额 1": 6, "ｆｕｌｌ": 8, "e\u0301": 1, "한국": 4} {
		if got := term.Width(text); got != want {
			t.Errorf("Width(%q) = %d, want %d", text, got, want)
		}
	}
	if got := term.Pad("余额", 6) + "|"; got != "余额  |" {
		t.Errorf("Pad = %q", got)
	}
	for _, cut := range []struct {
		text    string
		columns int
		want    string
	}{{"abcdef", 6, "abcdef"}, {"abcdef", 4, "abc…"}, {"余额不足", 6, "余额…"}, {"余额不足", 8, "余额不足"}} {
		if got := term.Cut(cut.text, cut.columns); got != cut.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", cut.text, cut.columns, got, cut.want)
		}
	}
	if got := term.Columns(new(bytes.Buffer)); got != 0 {
		t.Errorf("a buffer has %d columns", got)
	}
}

func TestStyle(t *testing.T) {
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	if term.StyleFor(file, "auto") || term.StyleFor(new(bytes.Buffer), "auto") {
		t.Error("a file that is no terminal gets colour")
	}
	if !term.StyleFor(file, "always") || term.StyleFor(file, "never") {
		t.Error("always or never is not obeyed")
	}
	if got, want := term.Style(true).Bold("x"), "\x1b[1mx\x1b[0m"; got != want {
		t.Errorf("Bold = %q, want %q", got, want)
	}
	if got := term.Style(false).Red("x"); got != "x" {
		t.Errorf("Red without colour = %q", got)
	}
}
