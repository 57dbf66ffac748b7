package soak

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/time/rate"

	"github.com/codetable/grpc-codetable/examples/soak/internal/plan"
	"github.com/codetable/grpc-codetable/examples/soak/internal/system"
)

// config says what a run does.
type config struct {
	// seed and first decide which calls are made: the plans of the numbers from
	// first on.
	seed, first uint64
	// calls ends a run after this number of calls, and duration if calls is 0.
	calls    uint64
	duration time.Duration
	// round is the longest time between two samples of the heap.
	round   time.Duration
	workers int
	// rate limits the calls in a second. 0 is no limit.
	rate float64
	// progress gets a line for each round.
	progress io.Writer
	// tamper is a fault on purpose: see system.Options.
	tamper func(error) error
}

// rounds is how many rounds a run has at least that ends after a number of calls.
const rounds = 8

// The end of a round waits until the number of goroutines has not changed for
// settled, but not longer than settles.
const (
	settled = 20 * time.Millisecond
	settles = 5 * time.Second
)

// run is one run.
type run struct {
	config
	*ledger
	system  *system.System
	limiter *rate.Limiter
	next    atomic.Uint64 // number of the next call
	panics  atomic.Int64  // of clients
	heap    heap
	started time.Time
}

// soak makes calls until the context is done or the run ends, and reports what it
// found.
func soak(ctx context.Context, c config) (Report, error) {
	before := goleak.IgnoreCurrent()
	r := &run{config: c, ledger: newLedger(), started: time.Now(), limiter: rate.NewLimiter(rate.Inf, 1)}
	if c.rate > 0 {
		r.limiter.SetLimit(rate.Limit(c.rate))
	}
	r.next.Store(c.first)
	var err error
	// The context only ends the making of calls: no call may end early.
	r.system, err = system.Start(context.WithoutCancel(ctx), system.Options{Seed: c.seed, Sent: r.sent, Tamper: c.tamper})
	if err != nil {
		return Report{}, err
	}
	for err == nil && r.goesOn(ctx) {
		err = r.oneRound(ctx)
	}
	if err := errors.Join(err, r.system.Close()); err != nil {
		return Report{}, err
	}
	if r.made() == 0 {
		return Report{}, errors.New("no call was made")
	}
	r.system.Received.Wait()
	left := ""
	if err := goleak.Find(before); err != nil {
		left = err.Error()
	}
	return r.report(left), nil
}

// goesOn reports whether there is another round. There is at least one.
func (r *run) goesOn(ctx context.Context) bool {
	switch {
	case ctx.Err() != nil:
		return false
	case r.calls > 0:
		return r.made() < r.calls
	default:
		return len(r.heap.samples) == 0 || time.Since(r.started) < r.duration
	}
}

// made is the number of calls so far.
func (r *run) made() uint64 { return r.next.Load() - r.first }

// oneRound makes the calls of one round with new clients, and takes a sample when
// all of them have ended.
func (r *run) oneRound(ctx context.Context) error {
	limit, length := uint64(math.MaxUint64), r.round
	if r.calls == 0 {
		length = min(length, r.duration-time.Since(r.started))
	} else {
		limit = min(r.next.Load()+(r.calls+rounds-1)/rounds, r.first+r.calls)
	}
	end := time.Now().Add(length)
	var group sync.WaitGroup
	for i := range r.workers {
		c, err := dial(r.system, i%4 != 3)
		if err != nil {
			return err
		}
		group.Go(func() {
			r.work(ctx, c, limit, end)
			_ = c.close() // it fails only if it is closed already
		})
	}
	group.Wait()
	if r.next.Load() > limit {
		r.next.Store(limit) // each worker has taken a number above it
	}
	r.system.Calm()
	r.settle()
	r.tell(r.heap.take(r.made()))
	return nil
}

// work makes calls one after the other.
func (r *run) work(ctx context.Context, c *client, limit uint64, end time.Time) {
	for first := true; first || time.Now().Before(end); first = false {
		if r.limiter.Wait(ctx) != nil {
			return // the run ends
		}
		id := r.next.Add(1) - 1
		if id >= limit {
			return
		}
		p := plan.Of(r.seed, id)
		r.begin(id)
		r.end(p, r.safely(c, p))
	}
}

// safely counts a panic of a client as one that escaped.
func (r *run) safely(c *client, p plan.Plan) (err error) {
	defer func() {
		if value := recover(); value != nil {
			r.panics.Add(1)
			err = fmt.Errorf("panic: %v", value)
		}
	}()
	return c.call(p)
}

// settle waits until the goroutines of the clients have ended, on both sides: no
// other one ends then.
func (r *run) settle() {
	before := 0
	for end := time.Now().Add(settles); time.Now().Before(end); {
		now := runtime.NumGoroutine()
		if now == before {
			return
		}
		before = now
		time.Sleep(settled)
	}
}

// tell prints the line of a round.
func (r *run) tell(heap uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	elapsed := time.Since(r.started)
	fmt.Fprintf(r.progress, "%8s  %9d calls  %6.0f/s  %d lost  %d wrong  %d leaks  %6d resets  %7.2f MiB heap  %4d goroutines\n",
		elapsed.Round(time.Second), r.made(), float64(r.made())/elapsed.Seconds(), r.codes.Lost,
		r.faults.WrongCodes+r.faults.Successes+r.faults.WrongStatuses, r.system.Received.Leaks.Load(), r.system.Resets.Load(),
		float64(heap)/(1<<20), runtime.NumGoroutine())
}

// goroutinesIn counts the goroutines that goleak names.
func goroutinesIn(leaks string) int { return strings.Count(leaks, " in state ") }
