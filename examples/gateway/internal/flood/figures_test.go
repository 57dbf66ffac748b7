package flood_test

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// figures are what one flood has sent and what the gateway has needed.
type figures struct {
	flood                      string
	frames, connections, ended int64 // ended by the gateway, as a write has shown
	answers                    int   // that a well-behaved caller has got
	peak                       usage
}

// table shows the figures of all floods and their sums.
func table(list []figures, base usage) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "\nframes\tconnections\tended\tanswers\tgoroutines\theap MiB\tstacks MiB\tresident MiB\t flood\n")
	row := func(f figures) {
		fmt.Fprintf(w, "%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t %s\n", f.frames, f.connections, f.ended, f.answers,
			f.peak.goroutines, f.peak.heap>>20, f.peak.stacks>>20, f.peak.resident>>20, f.flood)
	}
	all := figures{flood: fmt.Sprintf("all %d, with the highest peaks", len(list))}
	for _, f := range list {
		row(f)
		all.frames += f.frames
		all.connections += f.connections
		all.ended += f.ended
		all.answers += f.answers
		all.peak = all.peak.or(f.peak)
	}
	row(all)
	row(figures{flood: "before the first flood", peak: base})
	_ = w.Flush() // a builder takes everything
	return text.String()
}
