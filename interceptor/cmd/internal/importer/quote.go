package importer

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

const (
	maxShown   = 60  // bytes of a cell in a report
	maxComment = 300 // bytes of a cell in a comment
	wrapAt     = 80  // columns of a comment
)

// show returns a text of the source for a report: quoted, with every control
// character escaped, and shortened.
func show(cell string) string {
	if short := text.Cut(cell, maxShown); short != cell {
		cell = short + "…"
	}
	return strconv.QuoteToGraphic(cell)
}

func showRow(r row) string {
	var filled []string
	for _, cell := range r.cells {
		if cell != "" {
			filled = append(filled, cell)
		}
	}
	return show(strings.Join(filled, " | "))
}

// quote returns a string literal of a .proto file. What does not print is
// escaped, so that the file shows all that a text has.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r <= unicode.MaxASCII:
			fmt.Fprintf(&b, `\%03o`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// directives are comments that tools obey. A text of the source must not be
// one.
var directives = strings.NewReplacer(
	"buf:lint:ignore", "buf lint ignore",
	"TODO(codetable)", "TODO (codetable)",
	"*/", "* /",
	"/*", "/ *",
)

// commentText makes a text of the source safe for a line comment.
func commentText(s string) string {
	s = strings.Join(strings.Fields(text.OneLine(s)), " ")
	for previous := ""; previous != s; {
		previous, s = s, directives.Replace(s)
	}
	if short := text.Cut(s, maxComment); short != s {
		s = strings.TrimSpace(short) + " …"
	}
	return s
}

// wrap writes a comment in lines.
func wrap(b *strings.Builder, indent, comment string) {
	line := indent + "//"
	for word := range strings.FieldsSeq(comment) {
		if len(line) > len(indent)+2 && len(line)+1+len(word) > wrapAt {
			b.WriteString(line + "\n")
			line = indent + "//"
		}
		line += " " + word
	}
	b.WriteString(line + "\n")
}

// lazy compiles a regular expression on its first use, so that other commands
// do not wait for it.
func lazy(rule string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(rule) })
}
