package capability

import (
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/codetable/grpc-codetable/examples/bench/internal/peer"
)

// An Outcome is what a server sent, and what its client got.
type Outcome struct {
	// Sent and Arrived are the facts on both sides. What is empty in Sent is not compared.
	Sent, Arrived peer.Facts
	// Private is what the client must not see, and Seen is all that it can see of the error.
	Private []Secret
	Seen    string
	// Missing names what the scenario itself looked for and did not find.
	Missing []string
	// Count says how often something happened, or is empty.
	Count string
	// Foreign says why the peer has no notion of the scenario, or is empty.
	Foreign string
}

// A Secret is a text that only the server's side may see.
type Secret struct{ Name, Text string }

// A Verdict says what was lost and what was leaked. Nothing says that nothing had to arrive.
type Verdict struct {
	Lost, Leaked []string
	Nothing      bool
}

// Judge compares what arrived with what was sent. It knows no peer.
func Judge(outcome Outcome) Verdict {
	verdict := Verdict{Lost: lost(outcome.Sent, outcome.Arrived), Nothing: outcome.Sent.GRPC == 0}
	verdict.Lost = append(verdict.Lost, outcome.Missing...)
	for _, secret := range outcome.Private {
		if strings.Contains(outcome.Seen, secret.Text) && !slices.Contains(verdict.Leaked, secret.Name) {
			verdict.Leaked = append(verdict.Leaked, secret.Name)
		}
	}
	return verdict
}

// lost names the facts that were sent and did not arrive.
func lost(sent, arrived peer.Facts) []string {
	facts := []struct {
		name          string
		sent, arrived bool
	}{
		{"status", sent.GRPC != 0, arrived.GRPC == sent.GRPC},
		{"number", sent.Number != 0, arrived.Number == sent.Number},
		{"reason", sent.Reason != "", arrived.Reason == sent.Reason},
		{"domain", sent.Domain != "", arrived.Domain == sent.Domain},
		{"text", sent.Text != "", strings.Contains(arrived.Text, sent.Text)},
		{"delay", sent.Delay != 0, arrived.Delay == sent.Delay},
		{"quota", sent.Quota != "", arrived.Quota == sent.Quota},
		{"metadata", len(sent.Metadata) > 0, maps.Equal(arrived.Metadata, sent.Metadata)},
		{"detail", sent.Unlinked != nil, proto.Equal(arrived.Unlinked, sent.Unlinked)},
		{"sentence", sent.Sentence != "", arrived.Sentence == sent.Sentence},
	}
	var names []string
	all := true
	for _, fact := range facts {
		switch {
		case fact.sent && !fact.arrived:
			names = append(names, fact.name)
		case fact.sent:
			all = false
		}
	}
	if all && len(names) > 1 {
		return []string{"all"}
	}
	return names
}

// String returns "kept", or what was lost and what was leaked.
func (v Verdict) String() string {
	var parts []string
	switch {
	case len(v.Lost) > 0:
		parts = append(parts, "lost "+strings.Join(v.Lost, ", "))
	case len(v.Leaked) == 0 || !v.Nothing:
		parts = append(parts, "kept")
	}
	if len(v.Leaked) > 0 {
		parts = append(parts, "leaked "+strings.Join(v.Leaked, ", "))
	}
	return strings.Join(parts, "; ")
}

// Cell returns the cell of the table.
func (o Outcome) Cell() string {
	cell := Judge(o).String()
	if o.Count != "" {
		cell += " (" + o.Count + ")"
	}
	if o.Foreign != "" {
		cell = "n/a: " + cell
	}
	return cell
}
