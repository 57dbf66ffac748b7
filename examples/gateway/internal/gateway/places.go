package gateway

import (
	"cmp"
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// CallerPlaces are the calls that callers have under way in a fleet of gateways.
type CallerPlaces interface {
	// Take takes a place for a call of a caller, unless the caller has as many as limit.
	// The place ends with release, or after lasts where the gateway is gone.
	Take(ctx context.Context, caller string, limit int, lasts time.Duration) (release func(), ok bool)
}

// A call that finds no place of its caller in the fleet asks again after the first of
// these, and then less often. Each pause varies by half.
const (
	firstPause = 10 * time.Millisecond
	lastPause  = 200 * time.Millisecond
)

// places bound the calls upstream that are under way: those of each caller, so
// that one leaves places to the others, and those of all. A caller's places in this
// gateway come first, so that it takes no more than these in the fleet.
type places struct {
	all      *semaphore.Weighted
	each     int
	identify func(context.Context) string
	fleet    CallerPlaces
	scope    string        // of the callers in the fleet
	lasts    time.Duration // a call, at most

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
		all: semaphore.NewWeighted(int64(c.MaxUpstreamCalls)), each: c.MaxCallerCalls,
		identify: identity(c.CallerIdentity), callers: map[string]*caller{},
		fleet: c.CallerPlaces, scope: c.AppKey + "/", lasts: c.Timeout,
	}
}

// take waits for a place until the deadline. The function that it returns gives
// the place back.
func (p *places) take(ctx context.Context, deadline time.Time) (release func(), err error) {
	c := p.join(p.identify(ctx))
	if err = acquire(ctx, c.places, deadline, callerLimit); err != nil {
		p.leave(c)
		return nil, err
	}
	giveBack, err := p.takeInFleet(ctx, c.identity, deadline)
	if err == nil {
		if err = acquire(ctx, p.all, deadline, overloaded); err == nil {
			return func() {
				p.all.Release(1)
				giveBack()
				c.places.Release(1)
				p.leave(c)
			}, nil
		}
		giveBack()
	}
	c.places.Release(1)
	p.leave(c)
	return nil, err
}

// takeInFleet asks again and again while the caller has all of its places: nobody tells
// this gateway when another one gives a place back.
func (p *places) takeInFleet(ctx context.Context, identity string, deadline time.Time) (giveBack func(), err error) {
	if p.fleet == nil {
		return func() {}, nil
	}
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		giveBack, ok := p.fleet.Take(ctx, p.scope+identity, p.each, p.lasts)
		if ok {
			return giveBack, nil
		}
		next := time.NewTimer(min(pause/2+rand.N(pause), time.Until(deadline))) //nolint:gosec // no secret
		select {
		case <-ctx.Done():
			next.Stop()
			return nil, ctx.Err()
		case <-next.C:
		}
		if !time.Now().Before(deadline) {
			return nil, codetable.NewError(callerLimit)
		}
	}
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
		c = &caller{identity: identity, places: semaphore.NewWeighted(int64(p.each))}
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
