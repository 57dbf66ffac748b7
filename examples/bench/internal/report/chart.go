package report

import (
	_ "embed"
	"fmt"
	"html"
	"math"
	"strings"
	"text/template"
)

//go:embed chart.svg.tmpl
var chartSource string

var chartTemplate = template.Must(template.New("chart").Funcs(template.FuncMap{"text": html.EscapeString}).Parse(chartSource))

// The layout of the chart, in pixels.
const (
	chartWidth = 960
	margin     = 24
	nameWidth  = 216
	valueWidth = 64
	rowHeight  = 20
	plotHeight = 220
	panelGap   = 92 // for the title and the label of the axis
)

type chart struct {
	Width, Height int
	Title, Desc   string
	Bars          []barPanel
	Lines         []linePanel
	Footer        string
}

// A barPanel shows the first column of a table.
type barPanel struct {
	Title, Axis       string
	X, Y, Width       int
	Top, Bottom, Left float64
	One               float64 // where the base ends
	Bars              []bar
	Ticks             []tick
}

type bar struct {
	Name, Value                string
	Y, Width, ValueX, Baseline float64
	Ours                       bool
}

type tick struct {
	At   float64
	Text string
}

// Chart returns the SVG of the figures of time.
func (r *Results) Chart() (string, error) {
	c := chart{
		Width: chartWidth, Title: "Time beside status.WithDetails",
		Desc: r.describe(), Footer: r.footer(),
	}
	column := (chartWidth - 3*margin) / 2
	y, bottom := 72, 0
	for i, t := range r.Tables {
		panel := t.bars(margin+(i%2)*(column+margin), y, column)
		c.Bars = append(c.Bars, panel)
		bottom = max(bottom, int(panel.Bottom))
		if i%2 == 1 || i == len(r.Tables)-1 {
			y = bottom + panelGap
		}
	}
	codes, tables := r.byCodes(), r.byTables()
	codes.place(margin, y, column)
	tables.place(2*margin+column, y, column)
	c.Lines = []linePanel{codes, tables}
	c.Height = y + plotHeight + panelGap + margin
	var b strings.Builder
	err := chartTemplate.Execute(&b, c)
	return b.String(), err
}

// describe is the text of the chart for those who don't see it.
func (r *Results) describe() string {
	var b strings.Builder
	for _, t := range r.Tables {
		fmt.Fprintf(&b, "%s:", t.title)
		for _, row := range t.Rows {
			if row.Cells[0].OK {
				fmt.Fprintf(&b, " %s %s;", row.Name, row.Cells[0])
			}
		}
		b.WriteString("\n")
	}
	return b.String() + "Growth is in the table of RESULTS.md."
}

func (r *Results) footer() string {
	get := func(key string) string { return r.Raw.config[key] }
	return fmt.Sprintf("%s, %s cores, %s; %s; %s. Versions: RESULTS.md.", get("cpu"), get("cores"), get("memory"), get("kernel"), get("go"))
}

// bars places the rows that have the figure.
func (t Table) bars(x, y, width int) barPanel {
	panel := barPanel{
		Title: t.title, Axis: "times status.WithDetails; shorter is faster", X: x, Y: y, Width: width,
		Left: float64(x + nameWidth), Top: float64(y + 12),
	}
	greatest := 1.0
	for _, row := range t.Rows {
		greatest = math.Max(greatest, row.Cells[0].Value)
	}
	scale := float64(width-nameWidth-valueWidth) / greatest
	for _, row := range t.Rows {
		cell := row.Cells[0]
		if !cell.OK {
			continue
		}
		at := panel.Top + float64(len(panel.Bars)*rowHeight)
		panel.Bars = append(panel.Bars, bar{
			Name: row.Name, Value: cell.String(), Ours: strings.Contains(row.Name, Codetable),
			Y: at + 3, Width: cell.Value * scale, ValueX: cell.Value*scale + 6, Baseline: at + 15,
		})
	}
	panel.Bottom = panel.Top + float64(len(panel.Bars)*rowHeight)
	panel.One = panel.Left + scale
	step := niceStep(greatest)
	for v := 0.0; v <= greatest; v += step {
		panel.Ticks = append(panel.Ticks, tick{panel.Left + v*scale, fmt.Sprintf("%g", math.Round(v*100)/100)})
	}
	return panel
}

// niceStep returns a distance of ticks that gives at most six of them.
func niceStep(greatest float64) float64 {
	magnitude := math.Pow(10, math.Floor(math.Log10(greatest/5)))
	for _, factor := range []float64{1, 2, 5} {
		if greatest/(magnitude*factor) <= 5 {
			return magnitude * factor
		}
	}
	return magnitude * 10
}
