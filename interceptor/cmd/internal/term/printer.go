package term

import (
	"fmt"
	"io"
)

// Printer writes paragraphs of labelled lines. Nothing in the values can control
// the terminal.
type Printer struct {
	io.Writer
	Style
}

const labelWidth = 12

// Title writes the first line of a paragraph.
func (p Printer) Title(title string) { fmt.Fprintln(p, p.Bold(Safe(title))) }

// Line writes a line for each value that is not empty. The first one has the
// label.
func (p Printer) Line(label string, values ...string) {
	for _, value := range values {
		if value != "" {
			fmt.Fprintln(p, "  "+p.Dim(Pad(label, labelWidth))+Safe(value))
			label = ""
		}
	}
}
