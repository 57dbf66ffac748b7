package importer

import (
	"html"
	"regexp"
	"strings"
	"unicode"
)

// delimiterRule matches the line under the header of a table.
var delimiterRule = lazy(`^\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?$`)

// readMarkdown reads the tables of GitHub-flavoured Markdown: a header, a line of
// dashes, and rows up to an empty line. It is no parser of Markdown, because
// the known ones need quadratic time for hostile documents.
func (d *document) readMarkdown(source string) error {
	var g *grid
	line, previous := 0, ""
	for text := range strings.Lines(source) {
		line++
		text = strings.TrimSpace(text)
		switch {
		case strings.Trim(text, "> ") == "":
			g = nil
		case g != nil:
			if err := d.add(g, line, markdownCells(text)); err != nil {
				return err
			}
		case isHeader(previous, text):
			g = &grid{line: line - 1}
			d.tables = append(d.tables, g)
			if err := d.setHeader(g, line-1, markdownCells(previous)); err != nil {
				return err
			}
		}
		previous = text
	}
	return nil
}

// isHeader reports whether a line is the header of the delimiters under it.
func isHeader(line, under string) bool {
	under = strings.TrimLeft(under, "> ")
	return strings.Contains(line, "|") && delimiterRule().MatchString(under) &&
		len(splitRow(line)) == len(splitRow(under))
}

// splitRow returns the cells of a row. A bar after a backslash does not end a
// cell.
func splitRow(line string) (cells []string) {
	line = strings.TrimPrefix(strings.TrimLeft(line, "> "), "|")
	start, escaped := 0, false
	for i := range len(line) {
		if line[i] == '|' && !escaped {
			cells = append(cells, line[start:i])
			start = i + 1
		}
		escaped = line[i] == '\\' && !escaped
	}
	if rest := line[start:]; strings.TrimSpace(rest) != "" || len(cells) == 0 {
		cells = append(cells, rest)
	}
	return cells
}

func markdownCells(line string) []string {
	cells := splitRow(line)
	for i, cell := range cells {
		cells[i] = plainText(cell)
	}
	return cells
}

// markup lists the markup of a cell, and what is left of it.
var markup = []struct {
	rule func() *regexp.Regexp
	text string
}{
	{lazy(`!?\[([^\[\]]*)\]\([^()\s]*(?:\s+"[^"]*")?\)`), "$1"},
	{lazy(`<([a-z]+:[^<>\s]+)>`), "$1"},
	{lazy(`(?i)<br\s*/?>`), " "},
	{lazy(`</?[a-zA-Z][^<>]*>`), ""},
	{lazy(`\*{1,3}([^\s*](?:[^*]*[^\s*])?)\*{1,3}`), "$1"},
	{lazy(`~~([^~]+)~~`), "$1"},
	{lazy(`(^|[^\pL\pN_])_{1,3}([^\s_](?:[^_]*[^\s_])?)_{1,3}($|[^\pL\pN_])`), "$1$2$3"},
}

var (
	codeSpan   = lazy("(`+)([^`]+)`+")
	escapeRule = lazy("\\\\([!-/:-@\\[-`{-~])")
	// hidden are characters for private use. They stand for the punctuation
	// after a backslash while the markup is removed.
	hidden = lazy(`[\x{F700}-\x{F77F}]`)
)

const firstHidden = 0xf700

// plainText removes the markup of a cell.
func plainText(cell string) string {
	if !strings.ContainsAny(cell, "`*_~[<&\\") {
		return cell
	}
	hide := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r <= unicode.MaxASCII && (unicode.IsPunct(r) || unicode.IsSymbol(r)) {
				return firstHidden + r
			}
			return r
		}, s)
	}
	cell = strings.ReplaceAll(cell, `\|`, hide("|")) // also in a span of code
	cell = codeSpan().ReplaceAllStringFunc(cell, func(s string) string { return hide(strings.Trim(s, "`")) })
	cell = escapeRule().ReplaceAllStringFunc(cell, func(s string) string { return hide(s[1:]) })
	for _, m := range markup {
		cell = m.rule().ReplaceAllString(cell, m.text)
	}
	cell = html.UnescapeString(cell)
	return hidden().ReplaceAllStringFunc(cell, func(s string) string {
		return string([]rune(s)[0] - firstHidden)
	})
}
