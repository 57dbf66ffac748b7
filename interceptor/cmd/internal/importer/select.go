package importer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// preamble is how many rows may stand before the header of a table.
const preamble = 20

func (t *sheet) cell(r row, use role) string { return r.cell(slices.Index(t.roles, use)) }

// recognize finds the header and the columns of a table.
func (t *sheet) recognize(columns Columns, s *Summary) {
	if t.header == nil {
		t.findHeader(columns, s)
	}
	var ok bool
	t.roles, ok = columns.roles(t.header, t.rows)
	for _, row := range t.rows {
		if isNumber(t.cell(row, roleCode)) {
			t.codes++
		}
	}
	switch {
	case !ok:
		t.why = "it lacks a column that --columns names"
	case t.codes == 0:
		t.why = "it has no column of codes"
	}
}

// findHeader looks for the header in the first rows of a table whose format
// does not mark it. Rows before it are skipped.
func (t *sheet) findHeader(columns Columns, s *Summary) {
	for i, row := range t.rows[:min(len(t.rows), preamble)] {
		if slices.ContainsFunc(row.cells, isNumber) {
			return
		}
		roles, _ := columns.roles(row.cells, t.rows[i+1:])
		if code := slices.Index(roles, roleCode); code >= 0 && fits(roleCode, t.rows[i+1:], code) {
			for _, before := range t.rows[:i] {
				s.skip(before.line, "it is before the header: "+showRow(before))
			}
			t.setHeader(i)
			return
		}
	}
}

// columns describes the columns of a table.
func (t *sheet) columns() []Column {
	columns := make([]Column, len(t.roles))
	for i, r := range t.roles {
		columns[i] = Column{row{cells: t.header}.cell(i), string(r)}
	}
	return columns
}

// key is equal for tables with the same columns.
func (t *sheet) key() string {
	columns := t.columns()
	for i := range columns {
		columns[i].Heading = heading(columns[i].Heading)
	}
	return fmt.Sprintf("%q", columns)
}

// choose returns the tables of codes of a document: the one that the options
// name, or else all with the same columns as the one with most codes.
func (d *document) choose(o *Options) ([]*sheet, error) {
	d.tables = slices.DeleteFunc(d.tables, func(t *sheet) bool { return t.header == nil && t.rows == nil })
	codes, best := map[string]int{}, ""
	for _, t := range d.tables {
		if t.recognize(o.Columns, d.Summary); t.why == "" {
			codes[t.key()] += t.codes
		}
	}
	for _, t := range d.tables {
		if t.why == "" && codes[t.key()] > codes[best] {
			best = t.key()
		}
	}
	var used []*sheet
	for i, t := range d.tables {
		switch {
		case t.why != "":
		case o.Table == 0 && t.key() != best:
			t.why = fmt.Sprintf("its columns differ from those of the table with most codes; import it with --table %d", i+1)
		case o.Table != 0 && o.Table != i+1:
			t.why = "--table names another one"
		default:
			used = append(used, t)
		}
		d.Tables = append(d.Tables, TableSummary{
			Number: i + 1, Line: t.line, Rows: len(t.rows), Used: t.why == "", Why: t.why, Columns: t.columns(),
		})
	}
	if len(used) == 0 {
		return nil, d.noTable(o)
	}
	return used, nil
}

func (d *document) noTable(o *Options) error {
	switch {
	case len(d.tables) == 0 && o.Format == "md":
		return errors.New("it has no table outside of fenced code")
	case len(d.tables) == 0:
		return errors.New("it has no table")
	}
	what := "no table of codes was found; name the columns with --columns code=1,description=2"
	if o.Delimiter != 0 {
		what += fmt.Sprintf(", or another delimiter than %q with --delimiter", o.Delimiter)
	}
	if o.Table != 0 {
		what = fmt.Sprintf("table %d has no codes to import", o.Table)
	}
	var b strings.Builder
	for i, t := range d.tables {
		first := t.header
		if first == nil {
			first = t.rows[0].cells
		}
		headings := make([]string, len(first))
		for i, cell := range first {
			headings[i] = show(cell)
		}
		fmt.Fprintf(&b, "\n  table %d, line %d (%s): %s", i+1, t.line, strings.Join(headings, ", "), t.why)
	}
	return fmt.Errorf("%s:%s", what, &b)
}
