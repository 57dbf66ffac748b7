package capability_test

import (
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/examples/bench/internal/capability"
	"github.com/codetable/grpc-codetable/examples/bench/internal/peer"
)

func facts(change func(*peer.Facts)) peer.Facts {
	all := peer.Facts{
		GRPC: codes.NotFound, Domain: "shop.example.com", Reason: "SOLD_OUT", Number: 7, Text: "sold out", Delay: time.Second,
		Quota: "cart", Metadata: map[string]string{"key": "value"}, Sentence: "Sold out.", Unlinked: &anypb.Any{TypeUrl: "a/b"},
	}
	if change != nil {
		change(&all)
	}
	return all
}

// The judge can say each verdict.
func TestJudge(t *testing.T) {
	t.Parallel()
	secrets := []capability.Secret{{Name: "code", Text: "7777"}, {Name: "code", Text: "SECRET"}, {Name: "text", Text: "private"}}
	for _, test := range []struct {
		name    string
		outcome capability.Outcome
		want    string
	}{
		{"the same", capability.Outcome{Sent: facts(nil), Arrived: facts(nil)}, "kept"},
		{"more than was sent", capability.Outcome{Sent: peer.Facts{GRPC: codes.NotFound}, Arrived: facts(nil)}, "kept"},
		{"a longer text", capability.Outcome{Sent: facts(nil), Arrived: facts(func(f *peer.Facts) { f.Text = "x: sold out" })}, "kept"},
		{"status", capability.Outcome{Sent: facts(nil), Arrived: facts(func(f *peer.Facts) { f.GRPC = codes.Unknown })}, "lost status"},
		{"number", capability.Outcome{Sent: facts(nil), Arrived: facts(func(f *peer.Facts) { f.Number = 8 })}, "lost number"},
		{"reason", capability.Outcome{Sent: facts(nil), Arrived: facts(func(f *peer.Facts) { f.Reason = "" })}, "lost reason"},
		{"domain", capability.Outcome{Sent: facts(nil), Arrived: facts(func(f *peer.Facts) { f.Domain = "" })}, "lost domain"},
		{"text", capability.Outcome{Sent: facts(nil), Arrived: facts(func(f *peer.Facts) { f.Text = "sold" })}, "lost text"},
		{"delay", capability.Outcome{Sent: facts(nil), Arrived: facts(func(f *peer.Facts) { f.Delay = 0 })}, "lost delay"},
		{"quota", capability.Outcome{Sent: facts(nil), Arrived: facts(func(f *peer.Facts) { f.Quota = "" })}, "lost quota"},
		{"metadata", capability.Outcome{Sent: facts(nil), Arrived: facts(func(f *peer.Facts) { f.Metadata = nil })}, "lost metadata"},
		{"sentence", capability.Outcome{Sent: facts(nil), Arrived: facts(func(f *peer.Facts) { f.Sentence = "Agotado." })}, "lost sentence"},
		{"detail", capability.Outcome{Sent: facts(nil), Arrived: facts(func(f *peer.Facts) { f.Unlinked = nil })}, "lost detail"},
		{"two facts", capability.Outcome{Sent: facts(nil), Arrived: facts(func(f *peer.Facts) { f.Quota, f.Delay = "", 0 })}, "lost delay, quota"},
		{"nothing arrived", capability.Outcome{Sent: facts(nil)}, "lost all"},
		{"what only the scenario knows", capability.Outcome{Sent: facts(nil), Arrived: facts(nil), Missing: []string{"messages"}}, "lost messages"},
		{"leaked", capability.Outcome{Sent: facts(nil), Arrived: facts(nil), Private: secrets, Seen: "a private text"}, "kept; leaked text"},
		{"leaked and lost", capability.Outcome{Sent: facts(nil), Private: secrets, Seen: "7777 SECRET private"}, "lost all; leaked code, text"},
		{"nothing to keep, leaked", capability.Outcome{Private: secrets, Seen: "SECRET"}, "leaked code"},
		{"nothing to keep", capability.Outcome{Private: secrets, Seen: "an internal error"}, "kept"},
		{"a count", capability.Outcome{Missing: []string{"the token"}, Count: "4 attempts"}, "lost the token (4 attempts)"},
		{"no notion", capability.Outcome{Private: secrets, Seen: "SECRET", Foreign: "why"}, "n/a: leaked code"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := test.outcome.Cell(); got != test.want {
				t.Errorf("Cell() = %q, want %q", got, test.want)
			}
		})
	}
}
