package gateway

import (
	"context"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/tap"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// openPerPlace are the calls that may be open for each call upstream: those that wait for
// a place, for their own message or for their caller. Each takes 10 to 30 KiB of memory,
// and one client can open a thousand on each of its connections.
const openPerPlace = 16

// openCalls count the calls that are open, on all connections.
type openCalls struct {
	most, each int // in all, and of one caller
	identify   func(context.Context) string

	mu      sync.Mutex
	open    int
	callers map[string]int // those with calls
}

func newOpenCalls(c Config) *openCalls {
	return &openCalls{
		most: openPerPlace * c.MaxUpstreamCalls, each: openPerPlace * c.MaxCallerCalls,
		identify: identity(c.CallerIdentity), callers: map[string]int{},
	}
}

// Admit counts a call as open until leave, which is to be called once. It refuses one
// that is too many, of its caller or of all: nothing of it was read.
func (g *Gateway) Admit(ctx context.Context) (leave func(), err error) {
	o := g.open
	caller := o.identify(ctx)
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.callers[caller] >= o.each:
		return nil, codetable.NewError(callerLimit)
	case o.open >= o.most:
		return nil, codetable.NewError(overloaded)
	}
	o.open++
	o.callers[caller]++
	return func() { o.leave(caller) }, nil
}

func (o *openCalls) leave(caller string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.open--
	o.callers[caller]--
	if o.callers[caller] == 0 {
		delete(o.callers, caller)
	}
}

// admission asks before a call has a goroutine. The context of a call ends with it.
func (g *Gateway) admission() grpc.ServerOption {
	return grpc.InTapHandle(func(ctx context.Context, _ *tap.Info) (context.Context, error) {
		leave, err := g.Admit(ctx)
		if err == nil {
			context.AfterFunc(ctx, leave)
		}
		return ctx, err
	})
}
