package telemetry

import (
	"context"
	"io"
	"slices"
	"sync/atomic"

	grpcprom "github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor"
)

// Client reports the calls of gRPC clients. Make one with [Telemetry.Client]. It
// is safe for concurrent use.
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
	if m := side.grpcClient; m != nil {
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

// Options returns the chain as options of a client. Interceptors of the options
// after them run inside it.
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

func (s *side) unaryClient(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption) (err error) {
	c := s.begin(ctx, method, interceptors.Unary)
	err = errPanicked
	defer func() { s.end(ctx, c, err) }()
	err = invoker(ctx, method, req, reply, cc, opts...)
	return err
}

// streamClient ends a call once: when the caller sees its end, or when grpc-go ends
// it because the caller leaves or closes the connection. Any other end that grpc-go
// tells of may be one of several attempts of an interceptor that repeats calls.
func (s *side) streamClient(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	c := s.begin(ctx, method, streamKind(desc.ClientStreams, desc.ServerStreams))
	out := &clientStream{oneReply: !desc.ServerStreams}
	out.end = func(err error) {
		if !out.ended.Swap(true) {
			s.end(ctx, c, err)
		}
	}
	left := func(err error) {
		if ctx.Err() != nil || status.Code(err) == codes.Canceled {
			out.end(err)
		}
	}
	// The array of opts may be shared by all calls of the connection.
	stream, err := streamer(ctx, desc, cc, method, append(slices.Clip(opts), grpc.OnFinish(left))...)
	if err != nil {
		out.end(err)
		return nil, err
	}
	out.ClientStream = stream
	return out, nil
}

type clientStream struct {
	grpc.ClientStream

	oneReply bool
	ended    atomic.Bool
	end      func(error) // does nothing from the second time on
}

// Header implements [grpc.ClientStream].
func (s *clientStream) Header() (metadata.MD, error) {
	header, err := s.ClientStream.Header()
	s.failed(err)
	return header, err
}

// SendMsg implements [grpc.ClientStream].
func (s *clientStream) SendMsg(m any) error {
	err := s.ClientStream.SendMsg(m)
	s.failed(err)
	return err
}

// RecvMsg implements [grpc.ClientStream].
func (s *clientStream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	if err == io.EOF || err == nil && s.oneReply { //nolint:errorlint // grpc-go returns io.EOF itself
		s.end(nil)
	}
	s.failed(err)
	return err
}

// failed ends the call with an error. io.EOF tells a sender to ask RecvMsg for it.
func (s *clientStream) failed(err error) {
	if err != nil && err != io.EOF { //nolint:errorlint // grpc-go returns io.EOF itself
		s.end(err)
	}
}
