package telemetry

import (
	"context"
	"slices"
	"sync/atomic"

	grpcprom "github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors"
	"google.golang.org/grpc"
	"google.golang.org/grpc/stats"

	"github.com/codetable/grpc-codetable/interceptor"
)

// Client tells the calls of gRPC clients. Make one with [Telemetry.Client]. It is
// safe for concurrent use.
type Client struct {
	side   *side
	unary  []grpc.UnaryClientInterceptor
	stream []grpc.StreamClientInterceptor
	stats  []stats.Handler
}

// Client returns the chain of a client, in the order codetable, metrics, logging:
// a failure is told before [interceptor.WithInBandCodes] turns it into a reply.
// The options are those of the client interceptors of package interceptor. All
// clients of a Telemetry share its metrics.
func (t *Telemetry) Client(opts ...interceptor.ClientOption) *Client {
	side := t.client()
	c := &Client{
		side: side, stats: side.stats(),
		unary:  []grpc.UnaryClientInterceptor{interceptor.UnaryClientInterceptor(opts...)},
		stream: []grpc.StreamClientInterceptor{interceptor.StreamClientInterceptor(opts...)},
	}
	if m := side.clientMetrics(); m != nil {
		exemplars := grpcprom.WithExemplarFromContext(exemplar)
		c.unary = append(c.unary, side.boundedUnaryClient(m.UnaryClientInterceptor(exemplars)))
		c.stream = append(c.stream, side.boundedStreamClient(m.StreamClientInterceptor(exemplars)))
	}
	if side.tells() {
		c.unary = append(c.unary, side.unaryClient)
		c.stream = append(c.stream, side.streamClient)
	}
	return c
}

// Options returns the chain as options of a client. Interceptors that other
// options chain after them come behind them.
func (c *Client) Options() []grpc.DialOption {
	opts := make([]grpc.DialOption, 0, 2+len(c.stats))
	opts = append(opts, grpc.WithChainUnaryInterceptor(c.unary...), grpc.WithChainStreamInterceptor(c.stream...))
	for _, handler := range c.stats {
		opts = append(opts, grpc.WithStatsHandler(handler))
	}
	return opts
}

// Declare is [Server.Declare] for the services that a client calls, with the gRPC
// codes of the tables.
func (c *Client) Declare(services ...*grpc.ServiceDesc) {
	for _, service := range services {
		for _, m := range service.Methods {
			c.side.methods.add("/" + service.ServiceName + "/" + m.MethodName)
		}
		for _, m := range service.Streams {
			c.side.methods.add("/" + service.ServiceName + "/" + m.StreamName)
		}
		c.side.declare(service.ServiceName, received)
	}
}

func (s *side) unaryClient(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	c := s.begin(ctx, method, interceptors.Unary)
	err := invoker(ctx, method, req, reply, cc, opts...)
	s.end(ctx, c, err)
	return err
}

// streamClient ends a call once, also one whose caller leaves without reading its
// end.
func (s *side) streamClient(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	c := s.begin(ctx, method, streamKind(desc.ClientStreams, desc.ServerStreams))
	var ended atomic.Bool
	end := func(err error) {
		if !ended.Swap(true) {
			s.end(ctx, c, err)
		}
	}
	// The array of opts may be shared by all calls of the connection.
	stream, err := streamer(ctx, desc, cc, method, append(slices.Clip(opts), grpc.OnFinish(end))...)
	if err != nil {
		end(err) // an interceptor refused the call
	}
	return stream, err
}
