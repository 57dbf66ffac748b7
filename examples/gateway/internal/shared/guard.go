// Package shared is what the gateways of a fleet have in common: a Redis, and the guard
// that keeps their calls independent of it.
package shared

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
)

// DefaultTimeout bounds what a call waits for a store that is shared.
const DefaultTimeout = 50 * time.Millisecond

const (
	// tripAfter failures in a row the store is left alone, and asked again by a
	// single call each restAfter.
	tripAfter = 3
	restAfter = 5 * time.Second
)

// Guard asks a shared store, and leaves it alone while it fails. All that a gateway keeps
// in one store has one guard, so that calls do not wait for it several times. Make one
// with [NewGuard]. It is safe for concurrent use.
type Guard struct {
	timeout time.Duration
	breaker *gobreaker.CircuitBreaker[any]
}

// NewGuard returns a guard under which a call waits for the store no longer than timeout,
// which is a millisecond at least. The log says when the store stops answering, and when
// it is back.
func NewGuard(timeout time.Duration, log *slog.Logger) *Guard {
	var failure atomic.Pointer[error] // the latest
	return &Guard{
		timeout: max(timeout, time.Millisecond),
		breaker: gobreaker.NewCircuitBreaker[any](gobreaker.Settings{
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
					log.Warn("the shared store does not answer: each gateway goes by its own memory", "error", *failure.Load())
				case to == gobreaker.StateClosed:
					log.Info("the shared store is back")
				}
			},
		}),
	}
}

// Ask returns what op returns, or an error if the store is left alone or does not answer
// in time. It does not wait for a store that ignores its context, as many a client does
// by default; the breaker bounds how many goroutines wait in its place. A caller who
// gives up is no failure of the store, and what was begun for it is to be ended, so its
// context does not count.
func Ask[T any](ctx context.Context, g *Guard, op func(context.Context) (T, error)) (T, error) {
	answer, err := g.breaker.Execute(func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), g.timeout)
		defer cancel()
		var answer T
		done := make(chan error, 1)
		go func() {
			var err error
			answer, err = op(ctx)
			done <- err
		}()
		select {
		case err := <-done:
			return answer, err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
	value, _ := answer.(T) // nil if there was no answer
	return value, err
}

// Digest hides a key, such as an AppKey or an address, from whoever reads the store, and
// gives every key one length.
func Digest(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}
