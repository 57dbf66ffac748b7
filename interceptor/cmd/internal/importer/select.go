package importer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// preamble is how many rows may stand before the header of a table.
const preamble = 20

// Reasons that --columns can remove.
const (
	lacksColumn = "it lacks a column that --columns names"
	noColumn    = "it has no column of codes"
)

func (t *sheet) cell(r row, use role) string { return r.cell(slices.Index(t.roles, use)) }

// recognize finds the header and the columns of a table.
func (t *sheet) recognize(columns Columns) {
	if t.header == nil {
		t.findHeader(columns)
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
		t.why = lacksColumn
	case t.codes == 0:
		t.why = t.noCodes()
	}
}

// noCodes says why a table has no codes.
func (t *sheet) noCodes() string {
	names := headings[0].names // of the code
	code := slices.Index(t.roles, roleCode)
	for i, name := range t.first() {
		if i != code && (code >= 0 || !slices.Contains(names, heading(name))) {
			continue
		}
		for _, row := range t.rows {
			if cell := row.cell(i); cell != "" && cell != name {
				return fmt.Sprintf("the column %s has no whole numbers (%s): give each code a number, because a protobuf enum needs one",
					show(name), show(cell))
			}
		}
	}
	return noColumn
}

// first returns the header, or the first row of a table without one.
func (t *sheet) first() []string {
	if t.header == nil {
		return t.rows[0].cells
	}
	return t.header
}

// findHeader looks for the header in the first rows of a table whose format
// does not mark it.
func (t *sheet) findHeader(columns Columns) {
	for i, row := range t.rows[:min(len(t.rows), preamble)] {
		if slices.ContainsFunc(row.cells, isNumber) {
			return
		}
		roles, _ := columns.roles(row.cells, t.rows[i+1:])
		if code := slices.Index(roles, roleCode); code >= 0 && fits(roleCode, t.rows[i+1:], code) {
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
		if t.recognize(o.Columns); t.why == "" {
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
			Number: i + 1, Line: t.line, Rows: len(t.before) + len(t.rows), Used: t.why == "", Why: t.why, Columns: t.columns(),
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
	case len(d.tables) == 0 && o.Format == "json":
		return errors.New("it has no array of objects, and no object keyed by whole numbers")
	case len(d.tables) == 0:
		return errors.New("it has no table")
	}
	what := "no table of codes was found"
	switch {
	case o.Table != 0:
		what = fmt.Sprintf("table %d has no codes to import", o.Table)
	case slices.ContainsFunc(d.tables, func(t *sheet) bool { return t.why == lacksColumn || t.why == noColumn }):
		what += "; name the columns with --columns code=1,description=2"
		if o.Delimiter != 0 {
			what += fmt.Sprintf(", or another delimiter than %q with --delimiter", o.Delimiter)
		}
	}
	var b strings.Builder
	for i, t := range d.tables {
		headings := make([]string, len(t.first()))
		for i, cell := range t.first() {
			headings[i] = show(cell)
		}
		fmt.Fprintf(&b, "\n  table %d, line %d (%s): %s", i+1, t.line, strings.Join(headings, ", "), t.why)
	}
	return fmt.Errorf("%s:%s", what, &b)
}
