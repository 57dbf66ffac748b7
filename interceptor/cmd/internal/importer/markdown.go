package importer

import (
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// readMarkdown reads the tables of GitHub-flavoured Markdown.
func (d *document) readMarkdown(source string) error {
	raw := []byte(source)
	parser := goldmark.New(goldmark.WithExtensions(extension.Table)).Parser()
	count := newLines(source)
	return ast.Walk(parser.Parse(text.NewReader(raw)), func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		table, ok := node.(*tables.Table)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		g := &grid{}
		d.tables = append(d.tables, g)
		for part := table.FirstChild(); part != nil; part = part.NextSibling() {
			line := count.at(part.Pos())
			if err := d.markdownRow(g, part, line, raw); err != nil {
				return ast.WalkStop, err
			}
		}
		return ast.WalkSkipChildren, nil
	})
}

func (d *document) markdownRow(g *grid, part ast.Node, line int, raw []byte) error {
	var cells []string
	end := part.Pos()
	for cell := part.FirstChild(); cell != nil; cell = cell.NextSibling() {
		var b strings.Builder
		writeText(&b, cell, raw)
		cells = append(cells, b.String())
		if n := cell.Lines().Len(); n > 0 {
			end = cell.Lines().At(n - 1).Stop
		}
	}
	if part.Kind() == tables.KindTableHeader {
		g.line = line
		return d.setHeader(g, line, cells)
	}
	// The parser leaves out the cells that the header has no column for.
	rest, _, _ := strings.Cut(string(raw[min(end, len(raw)):]), "\n")
	if rest = strings.Trim(rest, "| \t\r"); rest != "" && len(cells) > 0 {
		d.notes = append(d.notes, Issue{Line: line, Text: "the header has no column for " + show(rest)})
	}
	return d.add(g, line, cells)
}

// writeText writes the text of a node without its markup.
func writeText(b *strings.Builder, node ast.Node, raw []byte) {
	for child := node.FirstChild(); child != nil; child = child.NextSibling() {
		switch n := child.(type) {
		case *ast.Text:
			value := n.Value(raw)
			if node.Kind() != ast.KindCodeSpan {
				value = util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(value)))
			}
			b.Write(value)
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.AutoLink:
			b.Write(n.URL(raw))
		case *ast.RawHTML:
			b.WriteByte(' ') // such as <br>
		default:
			writeText(b, child, raw)
		}
	}
}
