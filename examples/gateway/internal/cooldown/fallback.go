package cooldown

import (
	"context"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/shared"
)

// fallback is a [Store] that lets a shared store decide as long as it answers,
// and keeps a copy of what it said in memory. It never waits for longer than the
// timeout, and only Lift fails.
type fallback struct {
	shared Store
	local  *MemoryStore
	guard  *shared.Guard
}

func newFallback(store Store, guard *shared.Guard) *fallback {
	return &fallback{shared: store, local: NewMemoryStore(), guard: guard}
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

func (f *fallback) ask(ctx context.Context, key string, op func(ctx context.Context, key string) (Entry, error)) (Entry, error) {
	return shared.Ask(ctx, f.guard, func(ctx context.Context) (Entry, error) { return op(ctx, shared.Digest(key)) })
}
