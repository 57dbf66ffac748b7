package show

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/term"
)

// List writes codes as one table for each enum. If columns is positive, lines
// are cut to this width.
func List(w io.Writer, style term.Style, codes []Code, columns int) {
	for i := 0; i < len(codes); {
		end := i
		for end < len(codes) && codes[end].Enum == codes[i].Enum {
			end++
		}
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintln(w, style.Bold(term.Safe(codes[i].Domain))+" "+style.Dim("("+codes[i].Enum+")"))
		writeRows(w, style, codes[i:end], columns)
		i = end
	}
}

func writeRows(w io.Writer, style term.Style, codes []Code, columns int) {
	rows := make([][]string, 1, 1+len(codes))
	rows[0] = []string{"NUMBER", "REASON", "STATUS", "FAULT", "RETRY", "NOTES"}
	if slices.ContainsFunc(codes, func(c Code) bool { return c.UserMessage != nil }) {
		rows[0][5] = "USER MESSAGE"
	}
	for _, c := range codes {
		rows = append(rows, c.row())
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], term.Width(cell))
		}
	}
	for n, row := range rows {
		cells := []string{strings.Repeat(" ", widths[0]-len(row[0])) + row[0]}
		for i, cell := range row[1:] {
			cells = append(cells, term.Pad(cell, widths[i+1]))
		}
		line := strings.TrimRight("  "+strings.Join(cells, "  "), " ")
		if columns > 0 {
			line = term.Cut(line, columns)
		}
		if n == 0 {
			line = style.Dim(line)
		}
		fmt.Fprintln(w, line)
	}
}

func (c Code) row() []string {
	text := cmp.Or(c.Notes, c.Description)
	if c.UserMessage != nil {
		text = c.UserMessage.Text
	}
	row := []string{strconv.Itoa(int(c.Number)), c.Reason, c.GRPCCode, c.Fault, c.Retry.Action, text}
	if after := cmp.Or(c.Retry.Delay, c.Retry.Window); after != "" {
		row[4] += " " + after
	}
	for i, cell := range row {
		row[i] = cmp.Or(term.Safe(cell), "-")
	}
	return row
}
