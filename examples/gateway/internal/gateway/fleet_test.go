package gateway_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// fleet has the places of the callers of several gateways.
type fleet struct {
	mu                 sync.Mutex
	held               map[string]int
	asked, most, taken int
	lasts              time.Duration // of the latest
}

func (f *fleet) Take(_ context.Context, caller string, limit int, lasts time.Duration) (func(), bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	f.lasts = lasts
	if f.held == nil {
		f.held = map[string]int{}
	}
	if f.held[caller] == limit {
		return nil, false
	}
	f.taken++
	f.held[caller]++
	f.most = max(f.most, f.held[caller])
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.held[caller]--
	}, true
}

// inFleet returns two gateways, which wait a second for their upstream.
func inFleet(t *testing.T, f *fleet, change func(*gateway.Config)) [2]*gateway.Gateway {
	t.Helper()
	var gateways [2]*gateway.Gateway
	for i := range gateways {
		g, upstream, _ := newWatched(t, func(c *gateway.Config) {
			c.CallerPlaces = f
			change(c)
		})
		upstream.answer = late(time.Second, answering(http.StatusOK, `{"code":9000}`))
		gateways[i] = g
	}
	return gateways
}

// TestCallerHasOneBoundInTheFleet has a caller with more calls than its places, and
// another one beside it.
func TestCallerHasOneBoundInTheFleet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fleet{}
		gateways := inFleet(t, f, func(c *gateway.Config) { c.MaxCallerCalls = 2 })
		one, other := from(t.Context(), "192.0.2.1:1"), from(t.Context(), "192.0.2.2:1")
		var running sync.WaitGroup
		for i := range 4 {
			running.Go(func() {
				if err := call(one, gateways[i%2]); err != nil {
					t.Errorf("call %d: %v, want that it waits", i, err)
				}
			})
		}
		synctest.Wait()
		start := time.Now()
		if err := call(other, gateways[0]); err != nil || time.Since(start) != time.Second {
			t.Errorf("another caller: %v after %v, want no wait", err, time.Since(start))
		}
		running.Wait()
		if f.most != 2 || f.taken != 5 || f.lasts != gateway.DefaultTimeout {
			t.Errorf("%d places at a time and %d in all, for %v: want 2 and 5 for the longest call", f.most, f.taken, f.lasts)
		}
		for caller, held := range f.held {
			if held != 0 {
				t.Errorf("%s keeps %d places", caller, held)
			}
		}
	})
}

// TestFleetIsAskedForPlacesOnly fills the places of one gateway first. What waits for them
// does not ask.
func TestFleetIsAskedForPlacesOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fleet{}
		gateways := inFleet(t, f, func(c *gateway.Config) { c.MaxCallerCalls = 3 })
		var running sync.WaitGroup
		for range 6 {
			running.Go(func() { _ = call(from(t.Context(), "192.0.2.1:1"), gateways[0]) })
		}
		synctest.Wait()
		f.mu.Lock()
		asked := f.asked
		f.mu.Unlock()
		if asked != 3 {
			t.Errorf("asked %d times, want once for each place", asked)
		}
		running.Wait()
	})
}

// TestNoPlaceInTheFleet has another gateway keep the only place.
func TestNoPlaceInTheFleet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fleet{}
		gateways := inFleet(t, f, func(c *gateway.Config) { c.MaxCallerCalls, c.MaxUpstreamCalls = 1, 1 })
		one := from(t.Context(), "192.0.2.1:1")
		release, _ := f.Take(t.Context(), appKey+"/192.0.2.1", 1, time.Hour)
		start := time.Now()
		err := call(one, gateways[0])
		if !codetable.Is(err, callerLimit) || time.Since(start) != gateway.DefaultTimeout/2 {
			t.Errorf("error = %v after %v, want the limit after half of the time", err, time.Since(start))
		}
		if f.asked > 20 {
			t.Errorf("asked %d times", f.asked)
		}
		ctx, cancel := context.WithCancel(one)
		time.AfterFunc(time.Millisecond, cancel)
		start = time.Now()
		if err := call(ctx, gateways[0]); status.Code(status.FromContextError(err).Err()) != codes.Canceled || time.Since(start) != time.Millisecond {
			t.Errorf("a caller who leaves: %v after %v", err, time.Since(start))
		}
		release()
		if err := call(one, gateways[0]); err != nil {
			t.Errorf("with a place: %v", err)
		}
		// A place of the caller goes back where there is none of all.
		var running sync.WaitGroup
		running.Go(func() { _ = call(from(t.Context(), "192.0.2.2:1"), gateways[1]) })
		synctest.Wait()
		if err := call(hurried(one, t), gateways[1]); err == nil {
			t.Error("the call has a place")
		}
		running.Wait()
		if held := f.held[appKey+"/192.0.2.1"]; held != 0 {
			t.Errorf("the caller keeps %d places", held)
		}
	})
}

// hurried leaves little time.
func hurried(ctx context.Context, t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}
