//go:build !race

// The race detector allocates.

package bench_test

import (
	"maps"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/examples/bench/internal/peer"
	"github.com/codetable/grpc-codetable/examples/bench/internal/report"
)

// TestCounts compares the exact figures of the report with those of today: the
// allocations and bytes of each peer.
func TestCounts(t *testing.T) { //nolint:paralleltest // testing.AllocsPerRun can't run in parallel
	raw, err := os.ReadFile(report.RawFile)
	if err != nil {
		t.Fatal(err)
	}
	results, err := report.Read(raw, report.PeersOf(peer.All()))
	if err != nil {
		t.Fatal(err)
	}
	figures, now := results.Figures(), allocations(t)
	maps.Copy(now, sizes(t))
	for name, count := range now {
		if got := figures[name]; strings.ReplaceAll(got, ",", "") != strconv.Itoa(count) {
			t.Errorf("%s: the report has %q, and now it is %d: run make bench-peers", name, got, count)
		}
	}
}

// allocations returns those of encoding and decoding, by the names of the
// report.
func allocations(t *testing.T) map[string]int {
	t.Helper()
	found := map[string]int{}
	count := func(name string, f func()) {
		// So many runs that no other goroutine changes the average by 1.
		found[name+"/allocations"] = int(testing.AllocsPerRun(1000, f))
	}
	for _, w := range works() {
		slug := report.Slug(w.Name)
		if w.Name != report.Kept {
			count("decode/"+slug, w.decode(t))
		}
		for _, failure := range w.failures {
			if w.Encode != nil {
				count("encode-"+failure.kind+"/"+slug, w.encode(t, failure.new))
			}
		}
	}
	return found
}

// sizes returns the bytes of statuses and of answers, by the names of the
// report.
func sizes(t *testing.T) map[string]int {
	t.Helper()
	found := map[string]int{}
	for _, w := range works() {
		for _, failure := range w.failures {
			kind, row := failure.kind, "/"+report.Slug(w.Name)+"/bytes"
			found["call-"+kind+row] = w.wireBytes(t, failure.new)
			if w.Encode != nil {
				found["encode-"+kind+row] = w.statusBytes(t, failure.new)
			}
		}
	}
	return found
}
