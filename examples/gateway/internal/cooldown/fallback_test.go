package cooldown_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/cooldown"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/shared"
)

// faultyStore fails in one of its ways until it is fixed.
type faultyStore struct {
	*cooldown.MemoryStore
	fail  func() error
	fixed atomic.Bool
	asked atomic.Int32
}

func newFaultyStore(fail func() error) *faultyStore {
	return &faultyStore{MemoryStore: cooldown.NewMemoryStore(), fail: fail}
}

func (s *faultyStore) try() error {
	s.asked.Add(1)
	if s.fixed.Load() {
		return nil
	}
	return s.fail()
}

func (s *faultyStore) Take(ctx context.Context, key string) (cooldown.Entry, error) {
	if err := s.try(); err != nil {
		return cooldown.Entry{}, err
	}
	return s.MemoryStore.Take(ctx, key)
}

func (s *faultyStore) Look(ctx context.Context, key string) (cooldown.Entry, error) {
	if err := s.try(); err != nil {
		return cooldown.Entry{}, err
	}
	return s.MemoryStore.Look(ctx, key)
}

func (s *faultyStore) Hold(ctx context.Context, key string, entry cooldown.Entry) error {
	if err := s.try(); err != nil {
		return err
	}
	return s.MemoryStore.Hold(ctx, key, entry)
}

func (s *faultyStore) Lift(ctx context.Context, key string) error {
	if err := s.try(); err != nil {
		return err
	}
	return s.MemoryStore.Lift(ctx, key)
}

// withStore returns a gateway's own cool-down with a shared store.
func withStore(store cooldown.Store, logs io.Writer) *cooldown.Cooldown {
	return cooldown.NewShared(store, shared.NewGuard(shared.DefaultTimeout, slog.New(slog.NewTextHandler(logs, nil))))
}

var errRefused = errors.New("connection refused")

// TestStoreFails has a store that is down, and one that never answers and does
// not care for its context either.
func TestStoreFails(t *testing.T) {
	t.Parallel()
	const hanging = time.Hour
	tests := map[string]struct {
		fail   func() error
		atMost time.Duration // that a hundred calls wait, all together
		logs   string
	}{
		"refuses": {func() error { return errRefused }, 0, errRefused.Error()},
		"hangs": {
			func() error { time.Sleep(hanging); return nil },
			3 * shared.DefaultTimeout, context.DeadlineExceeded.Error(),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T) {
				var logs bytes.Buffer
				store := newFaultyStore(tt.fail)
				cool := withStore(store, &logs)
				start := time.Now()
				cool.Learn(t.Context(), appKey, code(9007))
				for range 100 {
					expect(t, cool, 9007, "from memory")
				}
				if waited := time.Since(start); waited > tt.atMost {
					t.Errorf("the calls waited %v, want at most %v", waited, tt.atMost)
				}
				if asked := store.asked.Load(); asked != 3 {
					t.Errorf("the store was asked %d times, want 3 before it is left alone", asked)
				}
				if got := logs.String(); strings.Count(got, "level=WARN") != 1 || !strings.Contains(got, tt.logs) {
					t.Errorf("want one warning with %q:\n%s", tt.logs, got)
				}
				time.Sleep(2 * hanging) // no goroutine outlives the bubble
			})
		})
	}
}

// TestStoreComesBack wants the store to be asked again now and then, and to
// decide again once it answers.
func TestStoreComesBack(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T) {
		var logs bytes.Buffer
		store := newFaultyStore(func() error { return errRefused })
		cool := withStore(store, &logs)
		for range 3 {
			cool.Learn(t.Context(), appKey, code(9007))
		}
		const rest = 5*time.Second + time.Nanosecond
		time.Sleep(rest)
		expect(t, cool, 9007, "asked in vain")
		expect(t, cool, 9007, "from memory")
		if asked := store.asked.Load(); asked != 4 {
			t.Errorf("the store was asked %d times, want once more after its rest", asked)
		}
		store.fixed.Store(true)
		time.Sleep(rest)
		// It has lost what it knew, and decides all the same.
		expect(t, cool, 0, "back")
		cool.Learn(t.Context(), appKey, code(9018))
		expect(t, withStore(store, io.Discard), 9018, "another gateway")
		if got := logs.String(); !strings.Contains(got, "level=INFO") {
			t.Errorf("the log does not say that the store is back:\n%s", got)
		}
	})
}

// TestGoneCaller wants the reply of the upstream to be noted although nobody
// waits for it, and such callers not to count against the store.
func TestGoneCaller(t *testing.T) {
	t.Parallel()
	store := newFaultyStore(nil)
	store.fixed.Store(true)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	first, second := withStore(store, io.Discard), withStore(store, io.Discard)
	for range 10 {
		first.Learn(ctx, appKey, code(9007))
		if got := number(t, second.Blocked(ctx, appKey)); got != 9007 {
			t.Fatalf("the other gateway answers %d, want 9007", got)
		}
	}
}

// TestForeignEntry has a store that somebody else has written to.
func TestForeignEntry(t *testing.T) {
	t.Parallel()
	const year = 365 * 24 * time.Hour
	tests := []struct {
		entry cooldown.Entry
		holds bool
	}{
		{cooldown.Entry{Code: 9018, Left: hold, Probe: hold}, true},
		{cooldown.Entry{Code: 9018, Left: hold + time.Second, Probe: hold}, false},
		{cooldown.Entry{Code: 9018, Left: time.Second, Probe: year}, false},
		{cooldown.Entry{Code: 9018, Left: math.MaxInt64}, false},
		{cooldown.Entry{Code: 9007, Left: 24 * time.Hour}, true},
		{cooldown.Entry{Code: 9007, Left: year}, false},
		{cooldown.Entry{Code: 6005, Left: time.Hour}, true},
		{cooldown.Entry{Code: 6005, Left: 2 * time.Hour}, false},
		{cooldown.Entry{Code: 1804, Left: hold}, true},
		{cooldown.Entry{Code: 1804, Left: time.Hour}, false},
	}
	for _, number := range []int32{0, 9000, 9003, 6003, 4242, -1} {
		tests = append(tests, struct {
			entry cooldown.Entry
			holds bool
		}{cooldown.Entry{Code: number, Left: time.Second}, false})
	}
	for _, tt := range tests {
		store := &anyKey{Entry: tt.entry}
		cool := withStore(store, io.Discard)
		want := int32(0)
		if tt.holds {
			want = tt.entry.Code
		}
		expectHeld(t, cool, want, fmt.Sprint(tt.entry))
		expect(t, cool, want, fmt.Sprint(tt.entry))
		if store.lifted == tt.holds {
			t.Errorf("%v: deleted: %t", tt.entry, store.lifted)
		}
	}
}

// anyKey holds one entry for all keys.
type anyKey struct {
	cooldown.Store
	cooldown.Entry

	lifted bool
}

func (s *anyKey) Take(context.Context, string) (cooldown.Entry, error) { return s.Entry, nil }

func (s *anyKey) Look(context.Context, string) (cooldown.Entry, error) { return s.Entry, nil }

func (s *anyKey) Lift(context.Context, string) error {
	s.lifted = true
	return nil
}

// TestCopyFollowsTheStore has the store fail after another gateway lifted what
// this one has seen in it.
func TestCopyFollowsTheStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newFaultyStore(func() error { return errRefused })
		store.fixed.Store(true)
		first, second := withStore(store, io.Discard), withStore(store, io.Discard)
		first.Learn(t.Context(), appKey, code(9018))
		expect(t, second, 9018, "shared")
		time.Sleep(hold)
		expect(t, first, 0, "the probe of all gateways")
		expect(t, second, 9018, "beside it")
		store.fixed.Store(false)
		expect(t, second, 9018, "from the copy")
		store.fixed.Store(true)
		first.Learn(t.Context(), appKey, nil)
		expect(t, second, 0, "after the probe's success")
		store.fixed.Store(false)
		expect(t, second, 0, "from the copy of nothing")
	})
}
