package edge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"

	"connectrpc.com/connect"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// minCompressed is the length of a response from which it is compressed. Below it
// gzip saves too little.
const minCompressed = 1 << 10

// message is an encoded request or a response. The method decodes the request
// itself: one type of handler then serves all methods, and the call is known when
// an error of decoding is made.
type message struct {
	encoded []byte
	decode  func([]byte, proto.Message) error

	response proto.Message
}

// into decodes a request. An empty body is a request without fields, in JSON as
// well.
func (m *message) into(request any) error {
	if len(m.encoded) == 0 {
		return nil
	}
	return m.decode(m.encoded, request.(proto.Message)) //nolint:forcetypeassert // generated code passes messages only
}

// codec is a [connect.Codec] of messages.
type codec struct {
	name   string
	encode func(proto.Message) ([]byte, error)
	decode func([]byte, proto.Message) error
}

// Name implements [connect.Codec].
func (c codec) Name() string { return c.name }

// Marshal implements [connect.Codec]. connect encodes statuses with it too.
func (c codec) Marshal(v any) ([]byte, error) {
	switch m := v.(type) {
	case *message:
		return c.encode(m.response)
	case proto.Message:
		return c.encode(m)
	default:
		return nil, fmt.Errorf("%T is no message", v)
	}
}

// Unmarshal implements [connect.Codec].
func (c codec) Unmarshal(data []byte, v any) error {
	m, ok := v.(*message)
	if !ok {
		return fmt.Errorf("%T is no message", v)
	}
	m.encoded, m.decode = bytes.Clone(data), c.decode
	return nil
}

func connectOptions(maxMessage int) connect.HandlerOption {
	accepted := func(ctx context.Context, _ connect.Spec, _ connect.Peer, _ http.Header) (context.Context, error) {
		exchangeOf(ctx).accepted = true
		return ctx, nil
	}
	return connect.WithHandlerOptions(
		connect.WithRequestGate(accepted),
		connect.WithCodec(codec{"proto", proto.Marshal, unmarshalProto}),
		connect.WithCodec(codec{"json", protojson.Marshal, unmarshalJSON}),
		connect.WithCodec(codec{"json; charset=utf-8", protojson.Marshal, unmarshalJSON}),
		connect.WithReadMaxBytes(maxMessage), connect.WithCompressMinBytes(minCompressed),
	)
}

// connectHandler serves a method by Connect, gRPC-Web and gRPC.
func (h *handler) connectHandler(m method, opts connect.HandlerOption) http.Handler {
	switch {
	case m.unary != nil:
		return connect.NewUnaryHandler(m.name, func(ctx context.Context, req *connect.Request[message]) (*connect.Response[message], error) {
			return h.serveUnary(ctx, m, req.Msg)
		}, opts)
	case !m.stream.ClientStreams:
		return connect.NewServerStreamHandler(m.name, func(ctx context.Context, req *connect.Request[message], stream *connect.ServerStream[message]) error {
			return h.serveStream(ctx, m, &serverStream{conn: stream.Conn(), first: req.Msg})
		}, opts)
	default:
		return connect.NewBidiStreamHandler(m.name, func(ctx context.Context, stream *connect.BidiStream[message, message]) error {
			return h.serveStream(ctx, m, &serverStream{conn: stream.Conn()})
		}, opts)
	}
}

func (h *handler) serveUnary(ctx context.Context, m method, req *message) (*connect.Response[message], error) {
	c := newCall(m)
	resp, err := h.invoke(ctx, m, c, req)
	if err != nil {
		return nil, h.connectError(ctx, err, c)
	}
	answer := connect.NewResponse(&message{response: resp})
	copyHeader(answer.Header(), c.header)
	copyHeader(answer.Trailer(), c.trailer)
	return answer, nil
}

// invoke calls a unary method for each protocol.
func (h *handler) invoke(ctx context.Context, m method, c *call, req *message) (proto.Message, error) {
	x := exchangeOf(ctx)
	in, err := incoming(ctx, x.http, c)
	if err != nil {
		return nil, x.refuse(err)
	}
	resp, err := h.backend.invoke(in, m, func(request any) error {
		if err := req.into(request); err != nil {
			return x.refuse(err)
		}
		x.called.Store(true)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return resp.(proto.Message), nil //nolint:forcetypeassert // generated code returns messages only
}

// connectError converts an error for connect, with the header and the trailer of
// its call. c may be nil.
func (h *handler) connectError(ctx context.Context, err error, c *call) *connect.Error {
	st := h.statusOf(ctx, err)
	converted := connect.NewError(connect.Code(st.Code()), errors.New(st.Message()))
	for _, detail := range st.Proto().GetDetails() {
		if added, err := connect.NewErrorDetail(detail); err == nil { // always nil for an Any
			converted.AddDetail(added)
		}
	}
	if c != nil {
		copyHeader(converted.Meta(), c.header)
		copyHeader(converted.Meta(), c.trailer)
	}
	return converted
}

// statusOf returns the status that the interceptors made of an error. For a
// refusal, which they did not see, it makes the status in the same way.
func (h *handler) statusOf(ctx context.Context, err error) *status.Status {
	return h.translator.Translate(withLanguages(ctx), err).Status
}

func copyHeader(to, from http.Header) {
	for name, values := range from {
		to[name] = append(to[name], values...)
	}
}
