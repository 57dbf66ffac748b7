package cooldown_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/cooldown"
)

// storeTests are what every store has to do, step by step. Times are far longer
// than a test takes, so that what a real clock adds does not matter.
var storeTests = map[string][]step{
	"nothing held":  {{want: none}},
	"window":        {{hold: day}, {want: day}, {pass: 23 * time.Hour, want: left(day, time.Hour)}, {pass: time.Hour, want: none}},
	"longer stands": {{hold: day}, {hold: second}, {want: day}},
	"longer wins":   {{hold: second}, {hold: day}, {want: day}},
	"lifted":        {{hold: day}, {lift: true}, {want: none}},
	"lifted twice":  {{lift: true}, {lift: true}, {want: none}},
	"one probe each time": {
		{hold: fault},
		{want: fault},
		{pass: time.Hour, want: left(fault, 0)},
		{want: fault},
		{pass: time.Hour, want: left(fault, 0)},
		{want: fault},
	},
	"probe finds the fault": {{hold: fault}, {pass: time.Hour, want: left(fault, 0)}, {hold: fault}, {want: fault}},
	"probe lifts":           {{hold: fault}, {pass: time.Hour, want: left(fault, 0)}, {lift: true}, {want: none}},
	"fault forgotten":       {{hold: fault}, {pass: 2 * time.Hour, want: none}},
	"a look changes nothing": {
		{look: none},
		{hold: fault},
		{look: fault},
		{pass: time.Hour, look: none},
		{want: left(fault, 0)}, // no look was the probe
		{look: fault},
		{lift: true},
		{look: none},
		{want: none},
	},
	"a look at a window": {{hold: day}, {pass: time.Hour, look: left(day, 23*time.Hour)}, {pass: 23 * time.Hour, look: none}},
	"probe forgotten":    {{hold: fault}, {pass: time.Hour, want: left(fault, 0)}, {pass: 2 * time.Hour, want: none}},
}

// step passes time, and then holds, lifts, looks or takes.
type step struct {
	pass time.Duration
	hold *cooldown.Entry
	lift bool
	look *cooldown.Entry
	want *cooldown.Entry
}

var (
	none   = &cooldown.Entry{}
	day    = &cooldown.Entry{Code: 9007, Left: 24 * time.Hour}
	second = &cooldown.Entry{Code: 1804, Left: time.Second}
	fault  = &cooldown.Entry{Code: 9018, Left: time.Hour, Probe: time.Hour}
)

func left(entry *cooldown.Entry, left time.Duration) *cooldown.Entry {
	changed := *entry
	changed.Left = left
	return &changed
}

// run passes time with pass. What is left may be less than wanted by slack.
func run(t *testing.T, store cooldown.Store, key string, steps []step, pass func(time.Duration), slack time.Duration) {
	t.Helper()
	near := cmp.Comparer(func(a, b time.Duration) bool {
		return a == b || min(a, b) > 0 && (a-b).Abs() <= slack
	})
	for i, s := range steps {
		if s.pass > 0 {
			pass(s.pass)
		}
		var err error
		var got cooldown.Entry
		switch {
		case s.hold != nil:
			err = store.Hold(t.Context(), key, *s.hold)
		case s.lift:
			err = store.Lift(t.Context(), key)
		case s.look != nil:
			got, err = store.Look(t.Context(), key)
			if diff := cmp.Diff(*s.look, got, near); diff != "" {
				t.Errorf("step %d, a look (-want +got):\n%s", i, diff)
			}
		default:
			got, err = store.Take(t.Context(), key)
			if diff := cmp.Diff(*s.want, got, near); diff != "" {
				t.Errorf("step %d (-want +got):\n%s", i, diff)
			}
		}
		if err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
}

func TestMemoryStore(t *testing.T) {
	t.Parallel()
	for name, steps := range storeTests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				run(t, cooldown.NewMemoryStore(), "key", steps, time.Sleep, 0)
			})
		})
	}
}
