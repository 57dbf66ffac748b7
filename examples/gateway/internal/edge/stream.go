package edge

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// serveStream serves a method that is a stream, to its end. first is the only
// request of a server stream, which connect has read.
func serveStream(ctx context.Context, conn connect.StreamingHandlerConn, first *message) error {
	x := exchangeOf(ctx)
	x.called = true
	// The timeouts of the HTTP server are for unary calls. A writer without
	// deadlines returns an error, which is ignored.
	controller := http.NewResponseController(&x.writer)
	_ = controller.SetReadDeadline(time.Time{})
	_ = controller.SetWriteDeadline(time.Time{})
	err := x.handler.backend.serve(ctx, x.method, &serverStream{exchange: x, conn: conn, first: first})
	x.record(err)
	x.move(conn.ResponseHeader(), x.header)
	x.move(conn.ResponseTrailer(), x.trailer)
	return err
}

// serverStream implements [google.golang.org/grpc.ServerStream] over a stream of connect.
type serverStream struct {
	*exchange

	ctx   context.Context //nolint:containedctx // as every grpc.ServerStream has
	conn  connect.StreamingHandlerConn
	first *message
}

func (s *serverStream) Context() context.Context  { return s.ctx }
func (s *serverStream) SetTrailer(md metadata.MD) { _ = s.exchange.SetTrailer(md) }

func (s *serverStream) SendMsg(m any) error {
	s.move(s.conn.ResponseHeader(), s.header)
	if err := s.conn.Send(&message{response: m.(proto.Message)}); err != nil { //nolint:forcetypeassert // generated code passes messages only
		return status.Error(codes.Code(connect.CodeOf(err)), "send a message of the stream")
	}
	return nil
}

func (s *serverStream) RecvMsg(m any) error {
	err := s.receive(m)
	s.record(err) // the interceptors replace it
	return err
}

func (s *serverStream) receive(m any) error {
	if s.first != nil {
		return s.first.into(m)
	}
	var req message
	if err := s.conn.Receive(&req); err != nil {
		return s.receiveError(err)
	}
	return req.into(m)
}

// receiveError replaces an error of connect, whose text may quote the request.
func (s *serverStream) receiveError(err error) error {
	switch code := connect.CodeOf(err); {
	case errors.Is(err, io.EOF):
		return io.EOF
	case code == connect.CodeCanceled || code == connect.CodeDeadlineExceeded:
		return status.Error(codes.Code(code), "the stream ended early")
	case code == connect.CodeResourceExhausted:
		return s.tooLarge()
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errIncomplete
	default:
		return invalid("body", "the body has a malformed message")
	}
}
