package report

import (
	"fmt"
	"math"
	"strings"
)

// A linePanel shows the growth of a figure, with logarithmic axes.
type linePanel struct {
	Title, AxisX, AxisY      string
	X, Y                     int
	Left, Right, Top, Bottom float64
	Middle                   float64 // of the axis y
	Series                   []series
	TicksX, TicksY           []tick

	xs []float64
}

type series struct {
	Name   string
	Index  int
	Points []point
	Path   string
	LabelX float64
	LabelY float64

	values []float64
}

type point struct{ X, Y float64 }

// drawn are the columns of growth in the chart, by their names in it.
var drawn = []struct{ column, name string }{
	{"linked-start", "first use"},
	{"linked-memory", "memory"},
	{"linked-encode", "encode one failure"},
	{"linked-decode", "decode one failure"},
}

func (r *Results) byCodes() linePanel {
	return r.lines("Growth with the codes of one table", "codes of the table", func(s Size) (int, bool) { return s.Codes, s.Tables == 1 })
}

func (r *Results) byTables() linePanel {
	return r.lines("Growth with the tables of a process", fmt.Sprintf("tables of %d codes each", Sizes[0].Codes),
		func(s Size) (int, bool) { return s.Tables, s.Codes == Sizes[0].Codes })
}

func (r *Results) lines(title, axis string, at func(Size) (int, bool)) linePanel {
	panel := linePanel{Title: title, AxisX: axis + " (logarithmic)", AxisY: "times the smallest (logarithmic)"}
	for i, d := range drawn {
		panel.Series = append(panel.Series, series{Name: d.name, Index: i})
	}
	for i, size := range Sizes {
		x, shown := at(size)
		if !shown {
			continue
		}
		panel.xs = append(panel.xs, float64(x))
		for s, d := range drawn {
			panel.Series[s].values = append(panel.Series[s].values, r.grown(i, d.column))
		}
	}
	return panel
}

// grown returns a figure of a row of growth, or 1 if the row has none.
func (r *Results) grown(row int, column string) float64 {
	for i, c := range r.Growth.columns {
		if cell := r.Growth.Rows[row].Cells[i]; c.id == column && cell.OK {
			return cell.Value
		}
	}
	return 1
}

// place computes the positions.
func (p *linePanel) place(x, y, width int) {
	p.X, p.Y = x, y
	p.Left, p.Right = float64(x+64), float64(x+width-16)
	p.Top, p.Bottom = float64(y+56), float64(y+56+plotHeight-56)
	p.Middle = (p.Top + p.Bottom) / 2
	low, high := 1.0, 10.0
	for _, s := range p.Series {
		for _, v := range s.values {
			low, high = math.Min(low, v), math.Max(high, v)
		}
	}
	// The axis begins and ends at a power of ten. A figure just below 1 is noise.
	bottom, top := math.Floor(math.Log10(low*1.5)), math.Ceil(math.Log10(high))
	first, last := math.Log10(p.xs[0]), math.Log10(p.xs[len(p.xs)-1])
	atX := func(v float64) float64 { return p.Left + (p.Right-p.Left)*(math.Log10(v)-first)/(last-first) }
	atY := func(v float64) float64 {
		share := (math.Log10(v) - bottom) / (top - bottom)
		return p.Bottom - (p.Bottom-p.Top)*math.Max(0, share)
	}
	for _, v := range p.xs {
		p.TicksX = append(p.TicksX, tick{atX(v), thousands(int(v))})
	}
	for power := bottom; power <= top; power++ {
		v := math.Pow(10, power)
		p.TicksY = append(p.TicksY, tick{atY(v), ratioTick(v)})
	}
	for i := range p.Series {
		p.Series[i].place(p, atX, atY)
	}
}

func ratioTick(v float64) string {
	if v < 1 {
		return fmt.Sprintf("%g", v)
	}
	return thousands(int(v + 0.5))
}

// place computes the path, and the place in the legend above the plot.
func (s *series) place(p *linePanel, atX, atY func(float64) float64) {
	var path strings.Builder
	for i, v := range s.values {
		at := point{atX(p.xs[i]), atY(v)}
		s.Points = append(s.Points, at)
		fmt.Fprintf(&path, "%c%.1f %.1f", "ML"[min(i, 1)], at.X, at.Y)
	}
	s.Path = path.String()
	s.LabelX = p.Left + float64(s.Index%2)*180
	s.LabelY = float64(p.Y) + 18 + float64(s.Index/2)*18
}
