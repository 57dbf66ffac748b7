package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// Results are the tables of the report.
type Results struct {
	Raw    *Raw
	Peers  []Peer
	Tables []Table // of the peers
	Growth Table
}

// A Table is a section with its figures.
type Table struct {
	section

	Rows []Row
}

// ID returns the name of the table in the names of figures.
func (t Table) ID() string { return t.id }

// A Row has a cell for each column.
type Row struct {
	Name  string
	Slug  string // in the names of figures
	Cells []Cell
}

// A Cell is one figure. OK is false if the row has no such benchmark.
type Cell struct {
	Value float64
	Text  string // without the mark of noise
	Alike bool   // the difference to the base is within the noise
	OK    bool
}

// NewResults returns the results of a raw file.
func NewResults(raw *Raw, peers []Peer) *Results {
	r := &Results{Raw: raw, Peers: peers}
	for _, s := range peerSections {
		r.Tables = append(r.Tables, r.table(s))
	}
	r.Growth = Table{section: growth}
	for _, size := range Sizes {
		row := Row{Name: fmt.Sprintf("%d × %s", size.Tables, thousands(size.Codes)), Slug: fmt.Sprintf("%dx%d", size.Tables, size.Codes)}
		row.Cells = r.cells(growth, size.String(), Sizes[0].String())
		r.Growth.Rows = append(r.Growth.Rows, row)
	}
	return r
}

// table sorts the rows by the first column. Rows without it come last.
func (r *Results) table(s section) Table {
	table := Table{section: s}
	for _, p := range r.Peers {
		if !p.in(s) {
			continue
		}
		table.Rows = append(table.Rows, Row{p.Name, Slug(p.Name), r.cells(s, Slug(p.Name), Slug(Base))})
	}
	slices.SortStableFunc(table.Rows, func(a, b Row) int {
		switch first, second := a.Cells[0], b.Cells[0]; {
		case first.OK && !second.OK:
			return -1
		case second.OK && !first.OK:
			return 1
		default:
			return cmp.Or(cmp.Compare(first.Value, second.Value), cmp.Compare(a.Name, b.Name))
		}
	})
	return table
}

func (r *Results) cells(s section, of, base string) []Cell {
	cells := make([]Cell, len(s.columns))
	for i, c := range s.columns {
		cells[i] = r.cell(c, of, base)
	}
	return cells
}

func (r *Results) cell(c column, of, base string) Cell {
	if c.exact {
		count, ok := r.Raw.Median(c.of(of), c.unit)
		return Cell{Value: count, Text: thousands(int(count)), OK: ok}
	}
	ratio, alike, ok := r.Raw.Ratio(c.of(of), c.of(base), c.unit)
	return Cell{Value: ratio, Text: ratioText(ratio), Alike: alike, OK: ok}
}

// ratioText has three digits, or more if the ratio is 1000 or greater.
func ratioText(ratio float64) string {
	switch {
	case ratio < 9.995:
		return strconv.FormatFloat(ratio, 'f', 2, 64)
	case ratio < 99.95:
		return strconv.FormatFloat(ratio, 'f', 1, 64)
	default:
		return thousands(int(ratio + 0.5))
	}
}

// thousands separates the thousands by commas.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// Figures returns the text of each figure by its name: table, row and column,
// such as decode/codetable/allocations. It has the mark of noise, because a
// sentence with a difference that may be chance has to say so.
func (r *Results) Figures() map[string]string {
	figures := map[string]string{}
	for _, table := range append(slices.Clone(r.Tables), r.Growth) {
		for _, row := range table.Rows {
			for i, cell := range row.Cells {
				if cell.OK {
					figures[table.id+"/"+row.Slug+"/"+table.columns[i].id] = cell.String()
				}
			}
		}
	}
	figures["growth/first-use"] = r.firstUse()
	figures["growth/memory"] = r.memory()
	return figures
}

// firstUse is the time of the first use of the smallest table, in failing calls
// of the base.
func (r *Results) firstUse() string {
	start, _ := r.Raw.Median(growth.columns[0].of(Sizes[0].String()), "sec/op")
	call, ok := r.Raw.Median("Call/ends=static/peer="+Slug(Base), "sec/op")
	if !ok {
		return ""
	}
	return ratioText(start / call)
}

// memory is the memory of one code of the largest table, in KiB.
func (r *Results) memory() string {
	largest := slices.MaxFunc(Sizes, func(a, b Size) int { return cmp.Compare(a.Codes, b.Codes) })
	bytes, _ := r.Raw.Median(growth.columns[1].of(largest.String()), HeapBytes)
	return strconv.FormatFloat(bytes/float64(largest.Codes)/1024, 'f', 1, 64)
}
