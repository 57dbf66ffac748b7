package cooldown

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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

// fallback is a [Store] that lets a shared store decide as long as it answers,
// and keeps a copy of what it said in memory. It never waits for longer than the
// timeout, and only Lift fails.
type fallback struct {
	shared  Store
	local   *MemoryStore
	timeout time.Duration
	breaker *gobreaker.CircuitBreaker[Entry]
}

func newFallback(shared Store, timeout time.Duration, log *slog.Logger) *fallback {
	f := &fallback{shared: shared, local: NewMemoryStore(), timeout: timeout}
	var failure atomic.Pointer[error] // the latest
	f.breaker = gobreaker.NewCircuitBreaker[Entry](gobreaker.Settings{
		Timeout:     restAfter,
		ReadyToTrip: func(counts gobreaker.Counts) bool { return counts.ConsecutiveFailures >= tripAfter },
		IsSuccessful: func(err error) bool {
			if err != nil {
				failure.Store(&err)
			}
			return err == nil
		},
		OnStateChange: func(_ string, from, to gobreaker.State) {
			switch {
			case from == gobreaker.StateClosed:
				log.Warn("the shared cool-down store does not answer: each gateway cools down by itself", "error", *failure.Load())
			case to == gobreaker.StateClosed:
				log.Info("the shared cool-down store is back")
			}
		},
	})
	return f
}

// Take implements [Store].
func (f *fallback) Take(ctx context.Context, key string) (Entry, error) {
	entry, err := f.ask(ctx, key, f.shared.Take)
	if err != nil {
		return f.local.Take(ctx, key)
	}
	f.local.put(key, entry)
	return entry, nil
}

// Look implements [Store].
func (f *fallback) Look(ctx context.Context, key string) (Entry, error) {
	entry, err := f.ask(ctx, key, f.shared.Look)
	if err != nil {
		return f.local.Look(ctx, key)
	}
	return entry, nil
}

// Hold implements [Store].
func (f *fallback) Hold(ctx context.Context, key string, entry Entry) error {
	_ = f.local.Hold(ctx, key, entry)
	_, _ = f.ask(ctx, key, func(ctx context.Context, key string) (Entry, error) { return entry, f.shared.Hold(ctx, key, entry) })
	return nil
}

// Lift implements [Store]. Where it fails, the shared store lets the next probe
// through before long.
func (f *fallback) Lift(ctx context.Context, key string) error {
	_ = f.local.Lift(ctx, key)
	_, err := f.ask(ctx, key, func(ctx context.Context, key string) (Entry, error) { return Entry{}, f.shared.Lift(ctx, key) })
	return err
}

// ask does not wait for a store that ignores its context, as many a client does
// by default; the breaker bounds how many goroutines wait in its place. A caller
// who gives up is no failure of the store, so its context does not count.
func (f *fallback) ask(ctx context.Context, key string, op func(ctx context.Context, key string) (Entry, error)) (Entry, error) {
	return f.breaker.Execute(func() (Entry, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), f.timeout)
		defer cancel()
		var entry Entry
		done := make(chan error, 1)
		go func() {
			var err error
			entry, err = op(ctx, digest(key))
			done <- err
		}()
		select {
		case err := <-done:
			return entry, err
		case <-ctx.Done():
			return Entry{}, ctx.Err()
		}
	})
}

// digest hides the AppKey, which is half of the credentials, from whoever reads
// the store, and gives every key one length.
func digest(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}
