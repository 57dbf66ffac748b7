package importer

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// readHTML reads the tables of a page. It works on tokens, so that a row has
// its line and the memory does not depend on the nesting of the page.
func (d *document) readHTML(source string) error {
	r := &htmlReader{document: d, line: 1}
	tokens := html.NewTokenizer(strings.NewReader(source))
	tokens.SetMaxBuf(MaxFile)
	for tokens.Next() != html.ErrorToken {
		lines := strings.Count(string(tokens.Raw()), "\n")
		if err := r.read(tokens.Token()); err != nil {
			return err
		}
		r.line += lines
	}
	if err := tokens.Err(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("read HTML: %w", err)
	}
	for len(r.open) > 0 {
		if err := r.endTable(); err != nil {
			return err
		}
	}
	return nil
}

type htmlReader struct {
	*document
	line int
	open []*htmlTable
	raw  bool // in a script or style
}

// htmlTable is a table that is not closed yet.
type htmlTable struct {
	*sheet
	row     row              // the open row
	cell    *strings.Builder // the open cell, or nil
	colspan int
	rowspan int
	below   []spanned // by column: cells of earlier rows that reach into later ones
}

type spanned struct {
	text string
	rows int
}

func (r *htmlReader) read(token html.Token) error {
	start := token.Type == html.StartTagToken || token.Type == html.SelfClosingTagToken
	if token.DataAtom == atom.Table && start {
		if len(r.open) == maxNesting {
			return fmt.Errorf("line %d: more than %d tables in each other", r.line, maxNesting)
		}
		r.open = append(r.open, &htmlTable{sheet: r.newSheet(r.line)})
	}
	if len(r.open) == 0 {
		return nil
	}
	t := r.open[len(r.open)-1]
	switch token.DataAtom {
	case atom.Table:
		if !start {
			return r.endTable()
		}
	case atom.Tr, atom.Thead, atom.Tbody, atom.Tfoot:
		return r.endRow(t)
	case atom.Td, atom.Th:
		t.endCell()
		if start {
			t.startCell(token, r.line)
		}
	case atom.Script, atom.Style:
		r.raw = start
	case atom.Br, atom.P, atom.Div, atom.Li:
		t.write(" ")
	default:
		if token.Type == html.TextToken && !r.raw {
			t.write(token.Data)
		}
	}
	return nil
}

func (t *htmlTable) write(text string) {
	if t.cell != nil {
		t.cell.WriteString(text)
	}
}

func (t *htmlTable) startCell(token html.Token, line int) {
	if t.row.cells == nil {
		t.row.line = line
	}
	t.cell, t.colspan, t.rowspan = &strings.Builder{}, 1, 1
	for _, attribute := range token.Attr {
		n, _ := strconv.Atoi(strings.TrimSpace(attribute.Val))
		switch attribute.Key {
		case "colspan":
			t.colspan = min(max(n, 1), maxColumns)
		case "rowspan":
			t.rowspan = min(max(n, 1), maxColumns)
		}
	}
}

func (t *htmlTable) endCell() {
	if t.cell == nil {
		return
	}
	content := strings.Join(strings.Fields(t.cell.String()), " ")
	t.cell = nil
	for i := 0; i < t.colspan && len(t.row.cells) <= maxColumns; i++ {
		t.fill()
		if len(t.below) == len(t.row.cells) {
			t.below = append(t.below, spanned{})
		}
		t.below[len(t.row.cells)] = spanned{content, t.rowspan - 1}
		t.row.cells = append(t.row.cells, content)
	}
}

// fill adds the cells of earlier rows that reach into this one.
func (t *htmlTable) fill() {
	for i := len(t.row.cells); i < len(t.below) && t.below[i].rows > 0; i++ {
		t.below[i].rows--
		t.row.cells = append(t.row.cells, t.below[i].text)
	}
}

func (r *htmlReader) endRow(t *htmlTable) error {
	t.endCell()
	if t.row.cells == nil {
		return nil
	}
	t.fill()
	cells := t.row.cells
	t.row.cells = nil
	return r.add(t.sheet, t.row.line, cells)
}

func (r *htmlReader) endTable() error {
	t := r.open[len(r.open)-1]
	r.open = r.open[:len(r.open)-1]
	return r.endRow(t)
}
