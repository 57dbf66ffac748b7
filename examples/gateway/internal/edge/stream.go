package edge

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// serveStream serves a method that is a stream, to its end.
func (h *handler) serveStream(ctx context.Context, m method, stream *serverStream) error {
	x, c := exchangeOf(ctx), newCall(m)
	in, err := incoming(ctx, x.http, c)
	if err != nil {
		return h.connectError(ctx, x.refuse(err), nil)
	}
	x.called.Store(true)
	// The timeouts of the HTTP server are for unary calls. A writer without
	// deadlines returns an error, which is ignored.
	controller := http.NewResponseController(x.writer)
	_ = controller.SetReadDeadline(time.Time{})
	_ = controller.SetWriteDeadline(time.Time{})
	var end func(error)
	stream.ctx, end = h.backend.begin(in, m)
	stream.handler, stream.exchange, stream.call = h, x, c
	err = h.backend.serve(m, stream)
	end(err)
	copyHeader(stream.conn.ResponseTrailer(), c.trailer)
	if err != nil {
		return h.connectError(ctx, err, nil)
	}
	return nil
}

// serverStream implements [grpc.ServerStream] over a stream of connect.
type serverStream struct {
	*call

	ctx      context.Context //nolint:containedctx // as every grpc.ServerStream has
	conn     connect.StreamingHandlerConn
	handler  *handler
	exchange *exchange
	first    *message // the only request of a server stream, which connect has read
	begun    bool
}

var _ grpc.ServerStream = (*serverStream)(nil)

// Context implements [grpc.ServerStream].
func (s *serverStream) Context() context.Context { return s.ctx }

// SetTrailer implements [grpc.ServerStream].
func (s *serverStream) SetTrailer(md metadata.MD) { _ = s.call.SetTrailer(md) }

// SendMsg implements [grpc.ServerStream].
func (s *serverStream) SendMsg(m any) error {
	if !s.begun {
		s.begun = true
		copyHeader(s.conn.ResponseHeader(), s.header)
	}
	if err := s.conn.Send(&message{response: m.(proto.Message)}); err != nil { //nolint:forcetypeassert // generated code passes messages only
		return status.Error(codes.Code(connect.CodeOf(err)), "send a message of the stream")
	}
	return nil
}

// RecvMsg implements [grpc.ServerStream].
func (s *serverStream) RecvMsg(m any) error {
	req := s.first
	if req == nil {
		req = new(message)
		if err := s.conn.Receive(req); err != nil {
			return s.exchange.refuse(s.receiveError(err))
		}
	}
	return s.exchange.refuse(req.into(m))
}

// receiveError replaces an error of connect, whose text may quote the request.
func (s *serverStream) receiveError(err error) error {
	switch code := connect.CodeOf(err); {
	case errors.Is(err, io.EOF):
		return io.EOF
	case code == connect.CodeCanceled || code == connect.CodeDeadlineExceeded:
		return status.Error(codes.Code(code), "the stream ended early")
	case code == connect.CodeResourceExhausted:
		return tooLarge(s.handler.maxMessage)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errIncomplete
	default:
		return errNotMessage
	}
}
