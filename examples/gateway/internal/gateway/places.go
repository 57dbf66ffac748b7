package gateway

import (
	"cmp"
	"context"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// places bound the calls upstream that are under way: those of each caller, so
// that one leaves places to the others, and those of all.
type places struct {
	all      *semaphore.Weighted
	each     int64
	identify func(context.Context) string

	mu      sync.Mutex
	callers map[string]*caller // those with calls: no more than there are calls
}

type caller struct {
	identity string
	places   *semaphore.Weighted
	calls    int // under way or waiting
}

func newPlaces(c Config) *places {
	return &places{
		all: semaphore.NewWeighted(int64(c.MaxUpstreamCalls)), each: int64(c.MaxCallerCalls),
		identify: identity(c.CallerIdentity), callers: map[string]*caller{},
	}
}

// take waits for a place until the deadline. The function that it returns gives
// the place back.
func (p *places) take(ctx context.Context, deadline time.Time) (release func(), err error) {
	c := p.join(p.identify(ctx))
	if err = acquire(ctx, c.places, deadline, callerLimit); err == nil {
		if err = acquire(ctx, p.all, deadline, overloaded); err == nil {
			return func() {
				p.all.Release(1)
				c.places.Release(1)
				p.leave(c)
			}, nil
		}
		c.places.Release(1)
	}
	p.leave(c)
	return nil, err
}

// acquire sets a timer only where it has to wait.
func acquire(ctx context.Context, of *semaphore.Weighted, deadline time.Time, refusal jverificationv1.GatewayCode) error {
	if err := ctx.Err(); err != nil || of.TryAcquire(1) {
		return err
	}
	waiting, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	if of.Acquire(waiting, 1) == nil {
		return nil
	}
	return cmp.Or[error](ctx.Err(), codetable.NewError(refusal))
}

func (p *places) join(identity string) *caller {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.callers[identity]
	if c == nil {
		c = &caller{identity: identity, places: semaphore.NewWeighted(p.each)}
		p.callers[identity] = c
	}
	c.calls++
	return c
}

func (p *places) leave(c *caller) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.calls--
	if c.calls == 0 {
		delete(p.callers, c.identity)
	}
}
