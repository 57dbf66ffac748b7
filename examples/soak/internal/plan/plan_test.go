package plan_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	"github.com/codetable/grpc-codetable/examples/soak/internal/plan"
)

// some is how many plans the tests look at.
const some = 3000

// TestOf makes each plan twice, as client and server do.
func TestOf(t *testing.T) {
	t.Parallel()
	for id := range uint64(200) {
		a, b := plan.Of(7, id), plan.Of(7, id)
		if diff := cmp.Diff(a.Want(), b.Want()); diff != "" || a.Failure.Name != b.Failure.Name || a.CancelAfter != b.CancelAfter {
			t.Fatalf("call %d has two plans: %q and %q, %s", id, a.Failure.Name, b.Failure.Name, diff)
		}
		if !cmp.Equal(a.Reply.Trailer, b.Reply.Trailer) || string(a.Reply.Body) != string(b.Reply.Body) {
			t.Fatalf("call %d has two replies", id)
		}
	}
}

// TestOf_covers shows that the calls of a bounded run have every failure, every
// malformed reply, and every way to disturb a call.
func TestOf_covers(t *testing.T) {
	t.Parallel()
	type code struct {
		domain string
		number int32
	}
	got, numbers := map[string]bool{}, map[code]bool{}
	for id := range uint64(some) {
		p := plan.Of(1, id)
		for name, is := range map[string]bool{
			p.Kind.String(): true, p.Route.String(): true, "failure: " + p.Failure.Name: true, "reply: " + p.Reply.Name: true,
			"cancel": p.CancelAfter > 0, "deadline": p.Deadline > 0, "leave": p.Leave, "raw": p.Raw, "garbage": p.Garbage, "flaky": p.Flaky, "flaky hop": p.FlakyHop && !p.Flaky,
			"reset of a stream": p.Reply.Reset,
		} {
			if is {
				got[name] = true
			}
		}
		if f := p.Failure; f.Coded {
			numbers[code{f.Domain, f.Number}] = true
		}
	}
	want := []string{
		"bidi stream", "cancel", "client stream", "deadline", "failure: ", "failure: bare error", "failure: careless error",
		"failure: code as it is", "failure: code with options, wrapped", "failure: context error", "failure: foreign fault",
		"failure: panic of the handler", "failure: request that is no message", "failure: status of the handler", "failure: success",
		"failure: success code", "failure: two codes", "failure: unlisted number", "flaky", "flaky hop", "garbage", "hostile", "internal", "leave",
		"public", "public relay", "raw", "relay", "reply: ", "reply: bad body", "reply: bad message", "reply: bad status",
		"reply: contradicting status", "reply: doubtful number", "reply: garbage details", "reply: huge trailer",
		"reply: mutated details", "reply: not gRPC", "reply: success code in a failure", "reply: truncated details", "reply: two infos",
		"reply: wrong types", "reset of a stream", "server stream", "unary",
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(got))); diff != "" {
		t.Errorf("plans (-want +got):\n%s", diff)
	}
	for _, spec := range plan.Specs() {
		if spec.GRPCCode() != codes.OK && !numbers[code{spec.Domain(), spec.Number()}] {
			t.Errorf("no plan has %v", spec)
		}
	}
}

// TestFailure_marks shows that the texts of failures have marks, so that a search
// for them can find a leak.
func TestFailure_marks(t *testing.T) {
	t.Parallel()
	marks := map[string]int{}
	for id := range uint64(some) {
		p := plan.Of(1, id)
		if p.Failure.Make == nil || p.Failure.Name == "panic of the handler" || p.Failure.Name == "careless error" {
			continue
		}
		text := p.Failure.Make().Error()
		for _, mark := range []string{plan.SecretMark, plan.OperatorMark} {
			marks[mark] += strings.Count(text, mark)
		}
	}
	if marks[plan.SecretMark] < some/10 || marks[plan.OperatorMark] < some/50 {
		t.Errorf("the failures have the marks %v, want more", marks)
	}
}
