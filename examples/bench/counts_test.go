package bench_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/examples/bench/internal/peer"
	"github.com/codetable/grpc-codetable/examples/bench/internal/report"
)

// TestCounts compares the exact figures of the report with those of today: the
// allocations and bytes of each peer, and its version.
func TestCounts(t *testing.T) { //nolint:paralleltest // testing.AllocsPerRun can't run in parallel
	raw, err := os.ReadFile(report.RawFile)
	if err != nil {
		t.Fatal(err)
	}
	results, err := report.Read(raw, report.PeersOf(peer.All()))
	if err != nil {
		t.Fatal(err)
	}
	figures := results.Figures()
	for name, count := range counts(t) {
		if got := figures[name]; strings.ReplaceAll(got, ",", "") != strconv.Itoa(count) {
			t.Errorf("%s: the report has %q, and now it is %d: run make bench-peers", name, got, count)
		}
	}
}

// counts returns the exact figures by the names of the report.
func counts(t *testing.T) map[string]int {
	t.Helper()
	counts := map[string]int{}
	allocations := func(name string, f func()) { counts[name+"/allocations"] = int(testing.AllocsPerRun(100, f)) }
	for _, w := range works() {
		slug := report.Slug(w.Name)
		if w.Name != report.Kept {
			allocations("decode/"+slug, w.decode(t))
		}
		for _, failure := range w.failures {
			counts["call-"+failure.kind+"/"+slug+"/bytes"] = w.wireBytes(t, failure.new)
			if w.Encode != nil {
				allocations("encode-"+failure.kind+"/"+slug, w.encode(t, failure.new))
				counts["encode-"+failure.kind+"/"+slug+"/bytes"] = w.statusBytes(t, failure.new)
			}
		}
	}
	return counts
}
