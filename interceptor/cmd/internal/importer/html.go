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

const (
	maxHTMLNesting = 32  // tables in tables
	maxSpan        = 200 // columns or rows of one cell
)

// readHTML reads the tables of a page. It works on tokens, so that a row has
// its line and the memory does not depend on the nesting of the page.
func (d *document) readHTML(source string) error {
	r := &htmlReader{document: d, tokens: html.NewTokenizer(strings.NewReader(source)), line: 1}
	r.tokens.SetMaxBuf(MaxFile)
	for {
		kind := r.tokens.Next()
		if kind == html.ErrorToken {
			break
		}
		lines := strings.Count(string(r.tokens.Raw()), "\n")
		if err := r.token(kind); err != nil {
			return err
		}
		r.line += lines
	}
	if err := r.tokens.Err(); !errors.Is(err, io.EOF) {
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
	tokens *html.Tokenizer
	line   int
	open   []*htmlTable
	skip   atom.Atom // script or style
}

// htmlTable is a table that is not closed yet.
type htmlTable struct {
	grid    *grid
	row     bool // a row is open
	heads   bool // all cells of the row are <th>
	rowLine int
	cells   []string
	cell    *strings.Builder // nil outside a cell
	colspan int
	rowspan int
	below   map[int]spanned // cells of earlier rows that reach into later ones
}

type spanned struct {
	text string
	rows int
}

func (r *htmlReader) token(kind html.TokenType) error {
	token := r.tokens.Token()
	switch kind {
	case html.TextToken:
		if t := r.table(); t != nil && t.cell != nil && r.skip == 0 {
			t.cell.WriteString(token.Data)
		}
	case html.StartTagToken, html.SelfClosingTagToken:
		return r.start(token)
	case html.EndTagToken:
		return r.end(token)
	default: // comments
	}
	return nil
}

func (r *htmlReader) table() *htmlTable {
	if len(r.open) == 0 {
		return nil
	}
	return r.open[len(r.open)-1]
}

func (r *htmlReader) start(token html.Token) error {
	t := r.table()
	switch token.DataAtom {
	case atom.Table:
		if len(r.open) == maxHTMLNesting {
			return fmt.Errorf("line %d: more than %d tables in each other", r.line, maxHTMLNesting)
		}
		g := &grid{line: r.line}
		r.tables = append(r.tables, g)
		r.open = append(r.open, &htmlTable{grid: g, below: map[int]spanned{}})
	case atom.Script, atom.Style:
		r.skip = token.DataAtom
	case atom.Tr:
		if t != nil {
			return r.startRow(t)
		}
	case atom.Td, atom.Th:
		if t != nil {
			return r.startCell(t, token)
		}
	case atom.Br, atom.P, atom.Div, atom.Li:
		if t != nil && t.cell != nil {
			t.cell.WriteByte(' ')
		}
	default:
	}
	return nil
}

func (r *htmlReader) end(token html.Token) error {
	t := r.table()
	switch token.DataAtom {
	case atom.Script, atom.Style:
		r.skip = 0
	case atom.Table:
		if t != nil {
			return r.endTable()
		}
	case atom.Tr, atom.Thead, atom.Tbody, atom.Tfoot:
		if t != nil {
			return r.endRow(t)
		}
	case atom.Td, atom.Th:
		if t != nil {
			return t.endCell()
		}
	default:
	}
	return nil
}

func (r *htmlReader) startRow(t *htmlTable) error {
	if err := r.endRow(t); err != nil {
		return err
	}
	t.row, t.heads, t.rowLine = true, true, r.line
	return nil
}

func (r *htmlReader) startCell(t *htmlTable, token html.Token) error {
	if !t.row {
		if err := r.startRow(t); err != nil {
			return err
		}
	}
	if err := t.endCell(); err != nil {
		return err
	}
	t.cell, t.colspan, t.rowspan = &strings.Builder{}, 1, 1
	t.heads = t.heads && token.DataAtom == atom.Th
	for _, attribute := range token.Attr {
		n, err := strconv.Atoi(strings.TrimSpace(attribute.Val))
		switch {
		case err != nil || n < 1:
		case attribute.Key == "colspan":
			t.colspan = min(n, maxSpan)
		case attribute.Key == "rowspan":
			t.rowspan = min(n, maxSpan)
		}
	}
	return nil
}

// fill adds the cells of earlier rows that reach into this one.
func (t *htmlTable) fill() {
	for {
		above, ok := t.below[len(t.cells)]
		if !ok {
			return
		}
		if above.rows--; above.rows == 0 {
			delete(t.below, len(t.cells))
		} else {
			t.below[len(t.cells)] = above
		}
		t.cells = append(t.cells, above.text)
	}
}

func (t *htmlTable) endCell() error {
	if t.cell == nil {
		return nil
	}
	content := strings.Join(strings.Fields(t.cell.String()), " ")
	t.cell = nil
	for range t.colspan {
		t.fill()
		if len(t.cells) > maxColumns {
			return errTooLarge
		}
		if t.rowspan > 1 {
			t.below[len(t.cells)] = spanned{content, t.rowspan - 1}
		}
		t.cells = append(t.cells, content)
	}
	return nil
}

func (r *htmlReader) endRow(t *htmlTable) error {
	if err := t.endCell(); err != nil || !t.row {
		return err
	}
	t.fill()
	cells := t.cells
	t.row, t.cells = false, nil
	if t.heads && t.grid.header == nil && len(t.grid.rows) == 0 && len(cells) > 1 {
		t.grid.line = t.rowLine
		return r.setHeader(t.grid, t.rowLine, cells)
	}
	return r.add(t.grid, t.rowLine, cells)
}

func (r *htmlReader) endTable() error {
	t := r.table()
	err := r.endRow(t)
	r.open = r.open[:len(r.open)-1]
	return err
}
