package gateway

import (
	"runtime"
	"time"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"github.com/codetable/grpc-codetable/interceptor/telemetry"
)

// What one connection may ask of the gateway. A fleet's proxy sends many calls
// over few connections, so the number of streams is generous.
const (
	maxStreams     = 1000
	maxHeaderBytes = 16 << 10
	// handshakeTimeout is for TLS and the preface of HTTP/2. Who says nothing
	// keeps others out, since connections are bounded.
	handshakeTimeout = 10 * time.Second
	// A client that says nothing for the first time is asked whether it is there, and
	// loses its connection after the second.
	silence     = 30 * time.Second
	pingTimeout = 15 * time.Second
)

// workersPerCPU goroutines stay between calls with the stacks that they have
// grown; other calls get new ones. Growing a stack for each call took an eighth of
// the CPU time, and so does keeping many, whose stacks the garbage collector
// shrinks.
const workersPerCPU = 8

// Chain returns what the service is to be served behind: logging sees the status
// that is sent, codetable makes it, and recovery turns a panic into a plain error
// that codetable then hides.
func (g *Gateway) Chain() telemetry.Chain {
	chain := g.observed.Chain()
	chain.Unary = append(chain.Unary, refuseUnary, recovery.UnaryServerInterceptor())
	chain.Stream = append(chain.Stream, refuseStream, recovery.StreamServerInterceptor())
	return chain
}

// ServerOptions returns the chain and the limits of a server with a listener.
func (g *Gateway) ServerOptions() []grpc.ServerOption {
	c := g.config
	return append(g.Chain().ServerOptions(),
		g.admission(),
		grpc.NumStreamWorkers(workersPerCPU*uint32(runtime.GOMAXPROCS(0))), //nolint:gosec // a number of processors
		grpc.MaxRecvMsgSize(c.MaxRequestBytes),
		grpc.MaxHeaderListSize(maxHeaderBytes),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.ConnectionTimeout(handshakeTimeout),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{
			MinTime: c.KeepaliveMinTime, PermitWithoutStream: true,
		}),
		// Connections that end let clients see new replicas, and addresses that
		// have moved. Idle ones would keep others out.
		grpc.KeepaliveParams(keepalive.ServerParameters{
			Time: silence, Timeout: pingTimeout,
			MaxConnectionIdle: c.MaxConnectionIdle,
			MaxConnectionAge:  c.MaxConnectionAge, MaxConnectionAgeGrace: c.MaxConnectionAgeGrace,
		}))
}
