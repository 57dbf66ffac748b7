package connectcodetable

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"connectrpc.com/connect"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor"
)

// Interceptor implements [connect.Interceptor] for handlers and clients. See
// the package comment.
type Interceptor struct {
	unaryServer  grpc.UnaryServerInterceptor
	streamServer grpc.StreamServerInterceptor
	client       decoder
	again        decoder // for the other errors of a stream: without observers
}

// NewInterceptor returns an interceptor with the options of package
// interceptor. On a client only [interceptor.WithObserver] has an effect.
// [interceptor.WithInBandCodes] has none, since an interceptor of Connect can't
// make a response. The options read the headers of a request as the incoming
// metadata of gRPC.
func NewInterceptor(opts ...interceptor.ServerOption) *Interceptor {
	var observers []interceptor.ClientOption
	for _, opt := range opts {
		if both, ok := opt.(interceptor.ClientOption); ok {
			observers = append(observers, both)
		}
	}
	opts = append([]interceptor.ServerOption{interceptor.WithStatusOf(statusOfHandler)}, opts...)
	return &Interceptor{
		unaryServer:  interceptor.UnaryServerInterceptor(opts...),
		streamServer: interceptor.StreamServerInterceptor(opts...),
		client:       newDecoder(observers...),
		again:        newDecoder(),
	}
}

// WrapUnary implements [connect.Interceptor].
func (i *Interceptor) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		resp, err := next(ctx, req)
		switch {
		case err == nil:
			return resp, nil
		case req.Spec().IsClient:
			return nil, i.client.decode(ctx, req.Spec(), err)
		case req.HTTPMethod() == http.MethodGet && connect.IsNotModifiedError(err):
			return nil, err // not a failure
		default:
			return nil, i.fail(ctx, newUnaryCall(ctx, req), err)
		}
	}
}

// WrapStreamingHandler implements [connect.Interceptor].
func (i *Interceptor) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		err := next(ctx, conn)
		if err == nil {
			return nil
		}
		return i.fail(ctx, newStreamCall(conn), err)
	}
}

// WrapStreamingClient implements [connect.Interceptor].
func (i *Interceptor) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return func(ctx context.Context, spec connect.Spec) connect.StreamingClientConn {
		return &clientConn{StreamingClientConn: next(ctx, spec), ctx: ctx, spec: spec, interceptor: i}
	}
}

// fail returns the error that Connect sends for an error of a handler.
func (i *Interceptor) fail(ctx context.Context, c *call, err error) error {
	md := make(metadata.MD, len(c.request))
	for name, values := range c.request {
		md[strings.ToLower(name)] = values
	}
	ctx = grpc.NewContextWithServerTransportStream(metadata.NewIncomingContext(ctx, md), c)
	err = i.translate(ctx, c, err)
	st := status.Convert(err)
	if c.protocol == connect.ProtocolConnect {
		setRetryAfter(c.header, st)
	}
	return &sentError{c.errorOf(st), err}
}

// translate calls the interceptors of gRPC, which decide what is sent.
func (i *Interceptor) translate(ctx context.Context, c *call, err error) error {
	kind := c.spec.StreamType
	if kind == connect.StreamTypeUnary {
		info := &grpc.UnaryServerInfo{FullMethod: c.spec.Procedure}
		_, err = i.unaryServer(ctx, nil, info, func(context.Context, any) (any, error) { return nil, err })
		return err
	}
	return i.streamServer(nil, &serverStream{ctx: ctx, call: c}, &grpc.StreamServerInfo{
		FullMethod:     c.spec.Procedure,
		IsClientStream: kind&connect.StreamTypeClient != 0,
		IsServerStream: kind&connect.StreamTypeServer != 0,
	}, func(any, grpc.ServerStream) error { return err })
}

// clientConn decodes the errors of a stream.
type clientConn struct {
	connect.StreamingClientConn

	ctx         context.Context
	spec        connect.Spec
	interceptor *Interceptor
	observed    atomic.Bool
}

func (c *clientConn) Send(message any) error { return c.decode(c.StreamingClientConn.Send(message)) }

func (c *clientConn) Receive(message any) error {
	return c.decode(c.StreamingClientConn.Receive(message))
}

func (c *clientConn) CloseRequest() error { return c.decode(c.StreamingClientConn.CloseRequest()) }

func (c *clientConn) CloseResponse() error { return c.decode(c.StreamingClientConn.CloseResponse()) }

// decode returns an error that wraps io.EOF unchanged: it marks the end of a
// stream, or tells a sender to ask Receive for the error. Several methods can
// return the failure of a stream, but the observers are called once.
func (c *clientConn) decode(err error) error {
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return err
	case c.observed.Swap(true):
		return c.interceptor.again.decode(c.ctx, c.spec, err)
	default:
		return c.interceptor.client.decode(c.ctx, c.spec, err)
	}
}

// decoder turns received errors into codes with the interceptors of gRPC.
type decoder struct {
	unary  grpc.UnaryClientInterceptor
	stream grpc.StreamClientInterceptor
}

func newDecoder(opts ...interceptor.ClientOption) decoder {
	return decoder{interceptor.UnaryClientInterceptor(opts...), interceptor.StreamClientInterceptor(opts...)}
}

func (d decoder) decode(ctx context.Context, spec connect.Spec, err error) error {
	err = withStatus(err)
	if spec.StreamType == connect.StreamTypeUnary {
		return d.unary(ctx, spec.Procedure, nil, nil, nil, func(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error {
			return err
		})
	}
	desc := &grpc.StreamDesc{
		ClientStreams: spec.StreamType&connect.StreamTypeClient != 0,
		ServerStreams: spec.StreamType&connect.StreamTypeServer != 0,
	}
	_, err = d.stream(ctx, desc, nil, spec.Procedure, func(context.Context, *grpc.StreamDesc, *grpc.ClientConn, string, ...grpc.CallOption) (grpc.ClientStream, error) {
		return nil, err
	})
	return err
}
