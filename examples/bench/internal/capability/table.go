package capability

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/codetable/grpc-codetable/examples/bench/internal/peer"
)

const heading = `# What arrives

Each row is a scenario, which [the program](cmd/capability) runs with real servers and clients on the loopback interface. Each
column is a library, used [in the way that its documentation shows](internal/peer). A cell compares what the client got with
what the server sent. [go.mod](go.mod) has the versions. ` + "`make bench-capability`" + ` writes this file, and the tests of
this module check it.

- **kept**: all arrived, and the client sees nothing private.
- **lost**: what the client did not get.
- **leaked**: what the client got and must not see.
- **n/a**: the library has no notion of this; the rest of the cell is what happens without one.

`

// Write runs all scenarios with all peers, and writes the table.
func Write(ctx context.Context, w io.Writer) error {
	peers, scenarios := peer.All(), Scenarios()
	table := &table{foreign: map[string][]string{}}
	table.text.WriteString(heading)
	table.row(append([]string{"scenario"}, names(peers)...)...)
	table.row(slices.Repeat([]string{"---"}, len(peers)+1)...)
	for _, scenario := range scenarios {
		if err := table.run(ctx, scenario, peers); err != nil {
			return err
		}
	}
	table.explain(scenarios, peers)
	_, err := io.WriteString(w, table.text.String())
	return err
}

func names(peers []peer.Peer) []string {
	names := make([]string, 0, len(peers))
	for _, p := range peers {
		names = append(names, p.Name)
	}
	return names
}

// A table is what has been written.
type table struct {
	text strings.Builder
	// reasons are those of the cells with n/a, in the order of the table, and foreign has the
	// peers of each.
	reasons []string
	foreign map[string][]string
}

func (t *table) row(cells ...string) {
	fmt.Fprintf(&t.text, "| %s |\n", strings.Join(cells, " | "))
}

// run writes the row of a scenario.
func (t *table) run(ctx context.Context, scenario Scenario, peers []peer.Peer) error {
	cells := []string{scenario.Name}
	for _, p := range peers {
		outcome, err := scenario.Run(ctx, p)
		if err != nil {
			return err
		}
		cells = append(cells, outcome.Cell())
		if outcome.Foreign == "" {
			continue
		}
		reason := scenario.Name + " | " + outcome.Foreign
		if t.foreign[reason] == nil {
			t.reasons = append(t.reasons, reason)
		}
		t.foreign[reason] = append(t.foreign[reason], p.Name)
	}
	t.row(cells...)
	return nil
}

// explain writes what the rows, the columns and the cells with n/a mean.
func (t *table) explain(scenarios []Scenario, peers []peer.Peer) {
	t.text.WriteString("\n## The rows\n\n| scenario | what happens |\n|---|---|\n")
	for _, scenario := range scenarios {
		t.row(scenario.Name, scenario.Sent)
	}
	t.text.WriteString("\n## The columns\n\n| library | what it leaves out, or does in another form |\n|---|---|\n")
	for _, p := range peers {
		t.row(p.Name, cmp.Or(p.LeavesOut, "nothing"))
	}
	t.text.WriteString("\n## n/a\n\n| scenario | why | libraries |\n|---|---|---|\n")
	for _, reason := range t.reasons {
		t.row(reason, strings.Join(t.foreign[reason], "; "))
	}
}
