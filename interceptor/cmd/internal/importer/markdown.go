package importer

import (
	"cmp"
	"html"
	"strings"
)

var (
	// delimiterRule matches the line under the header of a table.
	delimiterRule = lazy(`^\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?$`)
	fenceRule     = lazy("^(?:(```+)[^`]*|(~~~+).*)$")
)

// readMarkdown reads the tables of GitHub-flavoured Markdown: a header, a line of
// dashes, and rows up to an empty line. It is no parser of Markdown, because
// the known ones need quadratic time for hostile documents.
func (d *document) readMarkdown(source string) error {
	var t *sheet
	number, previous, fence := 0, "", ""
	for line := range strings.Lines(source) {
		number++
		line = strings.TrimSpace(strings.TrimLeft(line, "> \t"))
		mark := fenceRule().FindStringSubmatch(line)
		switch {
		case fence != "":
			if strings.HasPrefix(line, fence) && strings.Trim(line, fence[:1]) == "" {
				fence = ""
			}
			line = ""
		case mark != nil:
			t, fence, line = nil, mark[1]+mark[2], ""
		case line == "":
			t = nil
		case t != nil:
			if err := d.add(t, number, splitRow(line)); err != nil {
				return err
			}
		case isHeader(previous, line):
			t = d.newSheet(number - 1)
			if err := d.add(t, number-1, splitRow(previous)); err != nil {
				return err
			}
			if len(t.rows) > 0 {
				t.setHeader(0)
			}
		}
		previous = line
	}
	d.removeMarkup()
	return nil
}

// isHeader reports whether a line is the header of the delimiters under it.
func isHeader(line, under string) bool {
	return strings.Contains(line, "|") && delimiterRule().MatchString(under) && len(splitRow(line)) == len(splitRow(under))
}

// splitRow returns the cells of a row. A bar after a backslash does not end a
// cell.
func splitRow(line string) (cells []string) {
	line = strings.TrimPrefix(line, "|")
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

// removeMarkup does so after the cells were bounded.
func (d *document) removeMarkup() {
	for _, t := range d.tables {
		for i, cell := range t.header {
			t.header[i] = plainText(cell)
		}
		for _, row := range t.rows {
			for i, cell := range row.cells {
				row.cells[i] = plainText(cell)
			}
		}
	}
}

// markup matches the markup of a cell. Its groups are what is left of it.
var markup = lazy(strings.Join([]string{
	"\\\\[!-/:-@\\[-`{-~]|`+[^`]+`+",              // an escape, a span of code
	`!?\[([^\[\]]*)\]\([^()\s]*(?:\s+"[^"]*")?\)`, // a link
	`\*{1,3}([^\s*](?:[^*]*[^\s*])?)\*{1,3}`,      // emphasis, in three forms
	`~~([^~]+)~~`,
	`\b_{1,3}([^\s_](?:[^_]*[^\s_])?)_{1,3}\b`,
	`<([a-z]+:[^<>\s]+)>`,                         // an autolink
	`<[bB][rR]\s*/?>|</?[a-zA-Z][^<>]*>|&[#\w]+;`, // HTML
}, "|"))

// plainText removes the markup of a cell.
func plainText(cell string) string {
	if !strings.ContainsAny(cell, "`*_~[<&\\") {
		return cell
	}
	plain := markup().ReplaceAllStringFunc(cell, func(s string) string {
		switch {
		case s[0] == '\\':
			return s[1:]
		case s[0] == '&':
			return html.UnescapeString(s)
		case s[0] == '`':
			return strings.ReplaceAll(strings.Trim(s, "`"), `\|`, "|")
		case strings.HasPrefix(strings.ToLower(s), "<br"):
			return " "
		}
		groups := markup().FindStringSubmatch(s)
		return cmp.Or(groups[5], plainText(cmp.Or(groups[1:5]...)))
	})
	return strings.TrimSpace(plain)
}
