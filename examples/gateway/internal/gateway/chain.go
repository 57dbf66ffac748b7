package gateway

import (
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/observability"
)

// What one connection may ask of the gateway. A fleet's proxy sends many calls
// over few connections, so the number of streams is generous.
const (
	maxStreams     = 1000
	maxHeaderBytes = 16 << 10
)

// Chain returns what the service is to be served behind: logging sees the status
// that is sent, codetable makes it, and recovery turns a panic into a plain error
// that codetable then hides.
func (g *Gateway) Chain() observability.Chain {
	chain := g.signals.Chain(g.config.interceptorOptions()...)
	chain.Unary = append(chain.Unary, recovery.UnaryServerInterceptor())
	chain.Stream = append(chain.Stream, recovery.StreamServerInterceptor())
	return chain
}

// ServerOptions returns the chain and the limits of a server with a listener.
func (g *Gateway) ServerOptions() []grpc.ServerOption {
	c := g.config
	return append(g.Chain().ServerOptions(),
		// Goroutines that stay have grown their stacks already: growing one for each
		// call is an eighth of its cost.
		grpc.NumStreamWorkers(uint32(min(c.MaxUpstreamCalls, maxStreams))), //nolint:gosec // Validate wants it positive
		grpc.MaxRecvMsgSize(c.MaxRequestBytes),
		grpc.MaxHeaderListSize(maxHeaderBytes),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{
			MinTime: c.KeepaliveMinTime, PermitWithoutStream: true,
		}),
		// Connections that end let clients see new replicas, and addresses that
		// have moved. Idle ones would keep others out.
		grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionIdle: c.MaxConnectionIdle,
			MaxConnectionAge:  c.MaxConnectionAge, MaxConnectionAgeGrace: c.MaxConnectionAgeGrace,
		}))
}
