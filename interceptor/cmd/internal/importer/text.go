package importer

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

const (
	maxShown   = 60  // bytes of a cell in a report
	maxComment = 300 // bytes of a cell in a comment
	maxLine    = 80  // columns of a comment
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

// comment returns a text as a comment in lines of a width.
func comment(text string, width int) string {
	var b strings.Builder
	line := "//"
	for word := range strings.FieldsSeq(text) {
		if line != "//" && len(line)+1+len(word) > width {
			b.WriteString(line + "\n")
			line = "//"
		}
		line += " " + word
	}
	return b.String() + line + "\n"
}

// lazy compiles a regular expression on its first use, so that other commands
// do not wait for it.
func lazy(rule string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(rule) })
}
