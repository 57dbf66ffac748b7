package importer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// preamble is how many rows may stand before the header of a table.
const preamble = 20

// sheet is a grid whose columns are known.
type sheet struct {
	*grid
	roles []role
	codes int
	why   string // it can't be used
}

func (t *sheet) column(r role) int { return slices.Index(t.roles, r) }

// newSheet finds the header and the columns of a grid.
func newSheet(g *grid, columns Columns, s *Summary) *sheet {
	t := &sheet{grid: g}
	if g.header == nil {
		t.findHeader(columns, s)
	}
	switch {
	case len(columns) > 0:
		roles, ok := columns.assign(g.header, t.width())
		if t.roles = roles; !ok {
			t.roles, t.why = make([]role, t.width()), "it lacks a column that --columns names"
		}
	case g.header != nil:
		t.roles = assign(g.header, g.rows)
	default:
		t.roles = guessColumns(g.rows)
	}
	code := t.column(roleCode)
	for _, row := range g.rows {
		if code >= 0 && isNumber(row.cell(code)) {
			t.codes++
		}
	}
	if t.codes == 0 && t.why == "" {
		t.why = "it has no column of codes"
	}
	return t
}

func (t *sheet) width() int {
	width := len(t.header)
	for _, row := range t.rows {
		width = max(width, len(row.cells))
	}
	return width
}

// findHeader looks for the header in the first rows of a table whose format
// does not mark it. Rows before it are skipped.
func (t *sheet) findHeader(columns Columns, s *Summary) {
	for i, row := range t.rows[:min(len(t.rows), preamble)] {
		rest := t.rows[i+1:]
		roles := assign(row.cells, rest)
		if len(columns) > 0 {
			roles, _ = columns.assign(row.cells, t.width())
		}
		code := slices.Index(roles, roleCode)
		if code >= 0 && !isNumber(row.cell(code)) && fits(roleCode, rest, code) {
			for _, before := range t.rows[:i] {
				s.skip(before.line, "it is before the header: "+showRow(before))
			}
			t.line, t.header, t.rows = row.line, row.cells, rest
			return
		}
		if slices.ContainsFunc(row.cells, isNumber) {
			return
		}
	}
}

// use describes the columns of a table.
func (t *sheet) use() []Column {
	columns := make([]Column, len(t.roles))
	for i, r := range t.roles {
		columns[i].Use = string(r)
		if i < len(t.header) {
			columns[i].Heading = t.header[i]
		}
	}
	return columns
}

// key is equal for tables with the same columns.
func (t *sheet) key() string {
	var b strings.Builder
	for _, column := range t.use() {
		fmt.Fprintf(&b, "%q=%s,", heading(column.Heading), column.Use)
	}
	return b.String()
}

// choose returns the tables of codes of a document: the one with this number,
// or else all with the same columns as the one with most codes.
func choose(d *document, columns Columns, number int, s *Summary) ([]*sheet, error) {
	all := make([]*sheet, 0, len(d.tables))
	codes, best := map[string]int{}, ""
	for _, g := range d.tables {
		t := newSheet(g, columns, s)
		all = append(all, t)
		if t.why == "" {
			codes[t.key()] += t.codes
		}
	}
	for _, t := range all {
		if t.why == "" && codes[t.key()] > codes[best] {
			best = t.key()
		}
	}
	var used []*sheet
	for i, t := range all {
		switch {
		case t.why != "":
		case number == 0 && t.key() != best:
			t.why = fmt.Sprintf("its columns differ from those of the table with most codes; import it with --table %d", i+1)
		case number != 0 && number != i+1:
			t.why = "--table names another one"
		default:
			used = append(used, t)
		}
		s.Tables = append(s.Tables, TableSummary{
			Number: i + 1, Line: t.line, Rows: len(t.rows), Used: t.why == "", Why: t.why, Columns: t.use(),
		})
	}
	if len(used) == 0 {
		return nil, noTable(all, number)
	}
	return used, nil
}

func noTable(all []*sheet, number int) error {
	if len(all) == 0 {
		return errors.New("it has no table")
	}
	var b strings.Builder
	for i, t := range all {
		headings := make([]string, len(t.header))
		for i, cell := range t.header {
			headings[i] = show(cell)
		}
		fmt.Fprintf(&b, "\n  table %d, line %d (%s): %s", i+1, t.line, strings.Join(headings, ", "), t.why)
	}
	if number != 0 {
		return fmt.Errorf("table %d has no codes to import:%s", number, &b)
	}
	return fmt.Errorf("no table of codes was found; name the columns with --columns code=1,description=2:%s", &b)
}
