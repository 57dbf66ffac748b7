// Package interceptor carries the response codes of package codetable across
// gRPC. The server interceptors turn an error into a gRPC status. The client
// interceptors turn that status back into a *codetable.Error. A server needs
// four lines and a client needs two:
//
//	server := grpc.NewServer(
//		grpc.ChainUnaryInterceptor(interceptor.UnaryServerInterceptor()),
//		grpc.ChainStreamInterceptor(interceptor.StreamServerInterceptor()),
//	)
//
//	conn, err := grpc.NewClient(target,
//		grpc.WithChainUnaryInterceptor(interceptor.UnaryClientInterceptor()),
//		grpc.WithChainStreamInterceptor(interceptor.StreamClientInterceptor()))
//
// # What a server sends
//
// A [Translator] decides what is sent. The server interceptors use it, and so
// does rest.WriteError. Its rules are:
//
//   - If the tree of the error contains a *codetable.Error, its status is sent.
//     A status of a linked table that came from another server is sent with all
//     its details.
//   - If the tree contains another gRPC status, this status is sent without the
//     text that was wrapped around it. An empty message is replaced by the name
//     of the status code.
//   - context.Canceled and context.DeadlineExceeded keep their status codes.
//   - Any other error is hidden: the client gets Internal, a fixed text, and a
//     RequestInfo with a correlation id. The observer and the logs get the same
//     id.
//
// [WithPublicBoundary] hides errors that the public must not see. The status of
// a failure is never nil or OK.
//
// Every failure sets the trailer grpc-retry-pushback-ms (gRFC A6), so that
// gRPC's own retry follows the table in every language. The value is the delay
// for RETRY_ACTION_SAME_REQUEST. For all other failures it is -1, which forbids
// the retry, because the call may have used a single-use token. gRPC honours
// the trailer only in responses without headers. It works with the listener of
// grpc-go, not with its ServeHTTP.
//
// # What a client gets
//
// The client gets the *codetable.Error of a code, which keeps the whole
// received status. An error without a code is wrapped in a mark, which tells that
// the error was received and changes nothing else. io.EOF is returned unchanged.
//
// # Order
//
// Chain the server interceptors in this order: metrics, logging, codetable,
// auth, validation, recovery, handler. The interceptors before codetable see
// the status that is sent. The interceptors after it may return codes and plain
// errors. If a chain contains two of these interceptors, the inner one decides.
// The outer one sends the result of the inner one, and masks it if only the
// outer one is a public boundary.
package interceptor

import (
	"context"
	"io"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// UnaryServerInterceptor returns the interceptor that translates the errors of
// unary calls. See the package comment.
func UnaryServerInterceptor(opts ...ServerOption) grpc.UnaryServerInterceptor {
	t := NewTranslator(opts...)
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		reply, err := handler(ctx, req)
		if err == nil && t.inBand {
			err = codeInReply(reply)
		}
		if err == nil {
			return reply, nil
		}
		return nil, t.fail(ctx, err, call{method: info.FullMethod}, func(trailer metadata.MD) {
			// SetTrailer fails if there is no stream, as in a unit test of a chain.
			_ = grpc.SetTrailer(ctx, trailer)
		})
	}
}

// StreamServerInterceptor returns the interceptor that translates the errors
// that end streams. See the package comment.
func StreamServerInterceptor(opts ...ServerOption) grpc.StreamServerInterceptor {
	t := NewTranslator(opts...)
	return func(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		err := handler(srv, stream)
		if err == nil {
			return nil
		}
		return t.fail(stream.Context(), err, call{method: info.FullMethod, server: info}, stream.SetTrailer)
	}
}

// UnaryClientInterceptor returns the interceptor that decodes the errors of
// unary calls. See the package comment.
func UnaryClientInterceptor(opts ...ClientOption) grpc.UnaryClientInterceptor {
	c := &client{newClientConfig(opts)}
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, callOpts ...grpc.CallOption) error {
		err := invoker(ctx, method, req, reply, cc, callOpts...)
		if err == nil {
			return nil
		}
		err = c.receive(ctx, err, call{method: method, client: true})
		if c.inBand && fillReply(reply, err) {
			return nil
		}
		return err
	}
}

// StreamClientInterceptor returns the interceptor that decodes the errors of
// streams: of their creation, and of Header, SendMsg, RecvMsg and CloseSend. It
// costs one allocation for each stream. See the package comment.
func StreamClientInterceptor(opts ...ClientOption) grpc.StreamClientInterceptor {
	c := &client{newClientConfig(opts)}
	return func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, callOpts ...grpc.CallOption) (grpc.ClientStream, error) {
		info := call{method: method, client: true, stream: desc}
		stream, err := streamer(ctx, desc, cc, method, callOpts...)
		if err != nil {
			return nil, c.receive(ctx, err, info)
		}
		return &clientStream{ClientStream: stream, client: c, call: info}, nil
	}
}

type clientStream struct {
	grpc.ClientStream
	client   *client
	call     call
	observed atomic.Bool
}

func (s *clientStream) Header() (metadata.MD, error) {
	header, err := s.ClientStream.Header()
	return header, s.receive(err)
}

func (s *clientStream) CloseSend() error { return s.receive(s.ClientStream.CloseSend()) }

func (s *clientStream) SendMsg(m any) error { return s.receive(s.ClientStream.SendMsg(m)) }

func (s *clientStream) RecvMsg(m any) error { return s.receive(s.ClientStream.RecvMsg(m)) }

// receive returns io.EOF unchanged: it marks the end of a stream, or tells a
// sender to ask RecvMsg for the error. Several methods can return the failure
// of a stream, but the observers are called once.
func (s *clientStream) receive(err error) error {
	if err == nil || err == io.EOF { //nolint:errorlint // grpc-go returns io.EOF itself
		return err
	}
	if s.observed.Swap(true) {
		return decode(err)
	}
	return s.client.receive(s.Context(), err, s.call)
}
