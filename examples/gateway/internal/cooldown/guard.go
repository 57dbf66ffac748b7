package cooldown

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
)

const (
	// tripAfter failures in a row the store is left alone, and asked again by a
	// single call each restAfter.
	tripAfter = 3
	restAfter = 5 * time.Second
)

// guard keeps the failures of a store from costing anything noticeable.
type guard struct {
	store   Store
	timeout time.Duration
	breaker *gobreaker.CircuitBreaker[Entry]
	failure atomic.Pointer[error] // the latest
}

func newGuard(store Store, timeout time.Duration, log *slog.Logger) *guard {
	g := &guard{store: store, timeout: timeout}
	g.breaker = gobreaker.NewCircuitBreaker[Entry](gobreaker.Settings{
		Timeout:     restAfter,
		ReadyToTrip: func(counts gobreaker.Counts) bool { return counts.ConsecutiveFailures >= tripAfter },
		OnStateChange: func(_ string, from, to gobreaker.State) {
			switch {
			case from == gobreaker.StateClosed:
				log.Warn("the shared cool-down store does not answer: each gateway cools down by itself", "error", *g.failure.Load())
			case to == gobreaker.StateClosed:
				log.Info("the shared cool-down store is back")
			}
		},
	})
	return g
}

func (g *guard) take(ctx context.Context, key string) (Entry, error) {
	return g.do(ctx, func(ctx context.Context) (Entry, error) { return g.store.Take(ctx, key) })
}

func (g *guard) hold(ctx context.Context, key string, entry Entry) {
	// The copy in memory holds as well.
	_, _ = g.do(ctx, func(ctx context.Context) (Entry, error) { return Entry{}, g.store.Hold(ctx, key, entry) })
}

func (g *guard) lift(ctx context.Context, key string) {
	// The store lets the next probe through before long.
	_, _ = g.do(ctx, func(ctx context.Context) (Entry, error) { return Entry{}, g.store.Lift(ctx, key) })
}

// do does not wait for a store that ignores its context, as many a client does
// by default; the breaker bounds how many goroutines wait in its place. A caller
// who gives up is no failure of the store, so its context does not count.
func (g *guard) do(ctx context.Context, op func(context.Context) (Entry, error)) (Entry, error) {
	return g.breaker.Execute(func() (Entry, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), g.timeout)
		defer cancel()
		done := make(chan outcome, 1)
		go func() {
			entry, err := op(ctx)
			done <- outcome{entry, err}
		}()
		var o outcome
		select {
		case o = <-done:
		case <-ctx.Done():
			o.err = ctx.Err()
		}
		if o.err != nil {
			g.failure.Store(&o.err)
		}
		return o.entry, o.err
	})
}

type outcome struct {
	entry Entry
	err   error
}
