package gateway

import (
	"context"
	"sync"
	"time"

	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/tap"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// OpenPerPlace are the calls that may be open for each of [Config.MaxUpstreamCalls] and
// [Config.MaxCallerCalls]: those that wait for a place, for their own message or for their
// caller. Each takes 10 to 30 KiB of memory and up to [Config.MaxRequestBytes] of its
// message, and one client can open a thousand on each of its connections.
const OpenPerPlace = 8

// A call that is refused has a second to send its message, since the interceptors of a
// unary call run after it. Where more than refusedAtOnce wait for theirs, it has less.
const (
	refusedAtOnce   = 256
	refusalTime     = time.Second
	lessRefusalTime = 10 * time.Millisecond
)

// openCalls count the calls that are open, on all connections.
type openCalls struct {
	most, each int // in all, and of one caller
	identify   func(context.Context) string

	mu      sync.Mutex
	open    int
	callers map[string]int // those with calls
	refused int            // those that are yet to be answered
}

func newOpenCalls(c Config) *openCalls {
	return &openCalls{
		most: OpenPerPlace * c.MaxUpstreamCalls, each: OpenPerPlace * c.MaxCallerCalls,
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

// admission asks before a call has a goroutine. The context of a call ends with it. A call
// that is refused is answered inside the other interceptors, which count it and log it. If
// it were answered here, grpc-go would keep a timer for its deadline, which may be in years.
func (g *Gateway) admission() grpc.ServerOption {
	return grpc.InTapHandle(func(ctx context.Context, _ *tap.Info) (context.Context, error) {
		leave, err := g.Admit(ctx)
		if err != nil {
			ctx, leave = g.open.refuse(ctx, err)
		}
		context.AfterFunc(ctx, leave)
		return ctx, nil
	})
}

type refusalKey struct{}

// refuse returns the context of a call that ends soon, and where its answer is in.
func (o *openCalls) refuse(ctx context.Context, answer error) (context.Context, func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	timeout := refusalTime
	if o.refused >= refusedAtOnce {
		timeout = lessRefusalTime
	}
	o.refused++
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, refusalKey{}, answer), timeout)
	return ctx, func() {
		cancel()
		o.mu.Lock()
		defer o.mu.Unlock()
		o.refused--
	}
}

// refusal is the answer to a call that admission refused, or nil. Health checks are
// served: who asks would restart a gateway that only has much to do.
func refusal(ctx context.Context, method string) error {
	answer, _ := ctx.Value(refusalKey{}).(error)
	if method == healthpb.Health_Check_FullMethodName {
		return nil
	}
	return answer
}

func refuseUnary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if err := refusal(ctx, info.FullMethod); err != nil {
		return nil, err
	}
	return handler(ctx, req)
}

func refuseStream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if err := refusal(stream.Context(), info.FullMethod); err != nil {
		return err
	}
	return handler(srv, stream)
}
