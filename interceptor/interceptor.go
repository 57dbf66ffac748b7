// Package interceptor carries the response codes of package codetable across
// gRPC. The server interceptors turn an error into the status that its code
// travels as; the client interceptors turn that status back into a
// *codetable.Error. A server needs four lines and a client two:
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
// A [Translator] decides, for the interceptors and for every other way that an
// error leaves by:
//
//   - A *codetable.Error anywhere in the tree of the error sends its own
//     status. So does a status of a linked table that came from another server,
//     with every detail that it had.
//   - Another gRPC status in the tree is sent unchanged, without the text that
//     was wrapped around it. One without a text gets the name of its code.
//   - context.Canceled and context.DeadlineExceeded keep their codes.
//   - Any other error is not for the wire: Internal, a fixed text, and a
//     RequestInfo with a correlation id that the observer and the logs have too.
//
// [WithPublicBoundary] hides what the public may not see. A failure never has a
// nil or an OK status. Every failure sets the trailer grpc-retry-pushback-ms
// (gRFC A6), so that gRPC's own retry in every language obeys the table: the
// delay for RETRY_ACTION_SAME_REQUEST, and -1, which forbids the retry, for all
// else, since a call whose code says nothing of the kind may have spent a
// single-use token. gRPC honours the trailer only in responses without headers,
// and under the listener of grpc-go, not under its ServeHTTP.
//
// # What a client gets
//
// The *codetable.Error of a code, which keeps the received status whole. An
// error without a code is handed on inside a mark that says that it was
// received, and changes nothing else. io.EOF is handed on by identity.
//
// # Order
//
// Metrics, logging, codetable, auth, validation, recovery, handler: what stands
// before codetable sees the status that is sent, and what stands behind it may
// return codes and plain errors alike. Of two of these interceptors in one chain
// the outer one sends what the inner one has made, and masks it if it alone is a
// public boundary.
package interceptor

import (
	"context"
	"io"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// UnaryServerInterceptor returns the interceptor that sends the errors of
// unary calls: see the package comment.
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
			// It fails without a stream, as in a unit test of a chain.
			_ = grpc.SetTrailer(ctx, trailer)
		})
	}
}

// StreamServerInterceptor returns the interceptor that sends the errors that
// end streams: see the package comment.
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
// unary calls: see the package comment.
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
// streams: those of their creation, and of Header, SendMsg, RecvMsg and
// CloseSend: see the package comment. A stream costs one allocation.
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

// receive hands io.EOF on by identity: it ends a stream well, and tells a
// sender to ask RecvMsg for the error. The failure of a stream shows in several
// methods; it is observed once.
func (s *clientStream) receive(err error) error {
	if err == nil || err == io.EOF { //nolint:errorlint // by identity, as grpc-go returns it
		return err
	}
	if s.observed.Swap(true) {
		return decode(err)
	}
	return s.client.receive(s.Context(), err, s.call)
}
