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
	for ; len(r.open) > 0; r.open = r.open[:len(r.open)-1] {
		if err := r.endRow(); err != nil {
			return err
		}
	}
	return nil
}

type htmlReader struct {
	*document
	line int
	open []*htmlTable
	tag  atom.Atom // the last start tag, if no end tag followed
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
	if token.DataAtom == atom.Table && token.Type == html.StartTagToken {
		if len(r.open) == maxNesting {
			return fmt.Errorf("line %d: more than %d tables in each other", r.line, maxNesting)
		}
		r.open = append(r.open, &htmlTable{sheet: r.newSheet(r.line)})
	}
	if len(r.open) == 0 {
		return nil
	}
	t := r.open[len(r.open)-1]
	switch token.Type {
	case html.TextToken:
		if t.cell != nil && r.tag != atom.Script && r.tag != atom.Style {
			t.cell.WriteString(token.Data)
		}
	case html.StartTagToken, html.SelfClosingTagToken:
		r.tag = token.DataAtom
		return r.start(t, token)
	case html.EndTagToken:
		r.tag = 0
		return r.end(t, token)
	default: // comments
	}
	return nil
}

func (r *htmlReader) start(t *htmlTable, token html.Token) error {
	switch token.DataAtom {
	case atom.Tr:
		return r.endRow()
	case atom.Td, atom.Th:
		if err := t.endCell(); err != nil {
			return err
		}
		if t.row.cells == nil {
			t.row.line = r.line
		}
		t.cell, t.colspan, t.rowspan = &strings.Builder{}, span(token, "colspan"), span(token, "rowspan")
	case atom.Br, atom.P, atom.Div, atom.Li:
		if t.cell != nil {
			t.cell.WriteByte(' ')
		}
	default:
	}
	return nil
}

// span returns over how many columns or rows a cell reaches.
func span(token html.Token, name string) int {
	for _, attribute := range token.Attr {
		if n, err := strconv.Atoi(strings.TrimSpace(attribute.Val)); err == nil && attribute.Key == name {
			return min(max(n, 1), maxColumns)
		}
	}
	return 1
}

func (r *htmlReader) end(t *htmlTable, token html.Token) error {
	switch token.DataAtom {
	case atom.Td, atom.Th:
		return t.endCell()
	case atom.Tr, atom.Thead, atom.Tbody, atom.Tfoot:
		return r.endRow()
	case atom.Table:
		err := r.endRow()
		r.open = r.open[:len(r.open)-1]
		return err
	default:
		return nil
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
		if len(t.row.cells) > maxColumns {
			return errTooLarge
		}
		if len(t.below) == len(t.row.cells) {
			t.below = append(t.below, spanned{})
		}
		t.below[len(t.row.cells)] = spanned{content, t.rowspan - 1}
		t.row.cells = append(t.row.cells, content)
	}
	return nil
}

// fill adds the cells of earlier rows that reach into this one.
func (t *htmlTable) fill() {
	for i := len(t.row.cells); i < len(t.below) && t.below[i].rows > 0; i++ {
		t.below[i].rows--
		t.row.cells = append(t.row.cells, t.below[i].text)
	}
}

func (r *htmlReader) endRow() error {
	t := r.open[len(r.open)-1]
	err := t.endCell()
	if err != nil || t.row.cells == nil {
		return err
	}
	t.fill()
	cells := t.row.cells
	t.row.cells = nil
	return r.add(t.sheet, t.row.line, cells)
}
