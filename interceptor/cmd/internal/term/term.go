// Package term prepares text for a terminal: colour, columns, and text from
// outside that must not control the terminal.
package term

import (
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"
	"golang.org/x/text/width"
)

// Style writes text in colour if it is true.
type Style bool

// Bold is for headings and for the name that a reader looks for.
func (s Style) Bold(text string) string { return s.wrap("1", text) }

// Dim is for text beside the point.
func (s Style) Dim(text string) string { return s.wrap("2", text) }

// Red is for faults.
func (s Style) Red(text string) string { return s.wrap("31", text) }

// Green is for success.
func (s Style) Green(text string) string { return s.wrap("32", text) }

// Yellow is for warnings.
func (s Style) Yellow(text string) string { return s.wrap("33", text) }

func (s Style) wrap(code, text string) string {
	if !s || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// StyleFor returns the style for an output. mode is "always", "never" or
// "auto", which means: only on a terminal, and neither if NO_COLOR is set
// (https://no-color.org) nor if TERM is "dumb".
func StyleFor(w io.Writer, mode string) Style {
	switch mode {
	case "always":
		return true
	case "never":
		return false
	default:
		return Style(isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb")
	}
}

// Columns returns the width of a terminal, or 0 if the output is none.
func Columns(w io.Writer) int {
	file, ok := w.(descriptor)
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return columns
}

type descriptor interface{ Fd() uintptr }

func isTerminal(w io.Writer) bool {
	file, ok := w.(descriptor)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Safe replaces every character that is not graphic, such as the start of an
// escape sequence, a line break or a change of direction, by its escape in Go.
// Invalid UTF-8 is replaced byte by byte.
func Safe(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r == utf8.RuneError || !unicode.IsGraphic(r) }) < 0 {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if unicode.IsGraphic(r) && (r != utf8.RuneError || size > 1) {
			b.WriteString(s[:size])
		} else {
			quoted := strconv.Quote(s[:size])
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		s = s[size:]
	}
	return b.String()
}

// SafeLines is Safe that keeps line breaks.
func SafeLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = Safe(line)
	}
	return strings.Join(lines, "\n")
}

// Width returns the number of columns of a text on a terminal. Characters of
// East Asian scripts take two, combining marks none.
func Width(s string) (columns int) {
	for _, r := range s {
		columns += runeWidth(r)
	}
	return columns
}

func runeWidth(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	default:
		return 1
	}
}

// Pad fills a text with spaces to a width.
func Pad(s string, columns int) string {
	return s + strings.Repeat(" ", max(columns-Width(s), 0))
}

// Cut shortens a text to a width. A cut text ends with an ellipsis.
func Cut(s string, columns int) string {
	if Width(s) <= columns {
		return s
	}
	used := 1
	for i, r := range s {
		if used += runeWidth(r); used > columns {
			return s[:i] + "…"
		}
	}
	return s
}
