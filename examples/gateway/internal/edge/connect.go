package edge

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"connectrpc.com/connect"
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

// protocols configures the handlers of connect.
var protocols = connect.WithHandlerOptions(
	connect.WithRequestGate(func(ctx context.Context, _ connect.Spec, _ connect.Peer, _ http.Header) (context.Context, error) {
		exchangeOf(ctx).accepted = true
		return ctx, nil
	}),
	connect.WithCodec(codec{"proto", proto.Marshal, unmarshalProto}),
	connect.WithCodec(codec{"json", protojson.Marshal, unmarshalJSON}),
	connect.WithCodec(codec{"json; charset=utf-8", protojson.Marshal, unmarshalJSON}),
	connect.WithCompressMinBytes(minCompressed),
)

// connectHandler serves a method by Connect, gRPC-Web and gRPC.
func (h *handler) connectHandler(m method) http.Handler {
	limit := connect.WithHandlerOptions(connect.WithReadMaxBytes(h.maxMessage), connect.WithCompression("gzip",
		func() connect.Decompressor { return &boundedGzip{limit: h.maxMessage + 1} },
		func() connect.Compressor { return gzip.NewWriter(nil) }))
	switch {
	case m.unary != nil:
		return connect.NewUnaryHandler(m.name, serveUnary, protocols, limit)
	case !m.stream.ClientStreams:
		return connect.NewServerStreamHandler(m.name, func(ctx context.Context, req *connect.Request[message], stream *connect.ServerStream[message]) error {
			return serveStream(ctx, stream.Conn(), req.Msg)
		}, protocols, limit)
	default:
		return connect.NewBidiStreamHandler(m.name, func(ctx context.Context, stream *connect.BidiStream[message, message]) error {
			return serveStream(ctx, stream.Conn(), nil)
		}, protocols, limit)
	}
}

// serveConnect serves Connect, gRPC-Web and gRPC.
func (x *exchange) serveConnect(w http.ResponseWriter, r *http.Request) {
	if text := r.Header.Get("Connect-Timeout-Ms"); text != "" { // connect would quote the value
		if _, err := strconv.ParseUint(text, 10, 63); err != nil {
			answer(w, r, x.refuse(invalid("timeout", "Connect-Timeout-Ms is not a whole number of milliseconds such as 1500")))
			return
		}
	}
	if x.unary != nil {
		r.Body = unaryBody{http.MaxBytesReader(w, r.Body, int64(x.handler.maxMessage+envelopeBytes)), r.Context()}
	}
	x.connect.ServeHTTP(w, r)
}

func serveUnary(ctx context.Context, req *connect.Request[message]) (*connect.Response[message], error) {
	x := exchangeOf(ctx)
	resp, err := x.invoke(ctx, req.Msg)
	if err != nil {
		return nil, connectError(ctx, err)
	}
	answer := connect.NewResponse(&message{response: resp})
	x.move(answer.Header(), x.header)
	x.move(answer.Trailer(), x.trailer)
	return answer, nil
}

// connectError converts an error for connect, with the header and the trailer of
// its call.
func connectError(ctx context.Context, err error) error {
	st := translator.Translate(ctx, err).Status
	converted := connect.NewError(connect.Code(st.Code()), errors.New(st.Message()))
	for _, detail := range st.Proto().GetDetails() {
		if added, err := connect.NewErrorDetail(detail); err == nil { // always nil for an Any
			converted.AddDetail(added)
		}
	}
	x := exchangeOf(ctx)
	x.move(converted.Meta(), x.header)
	x.move(converted.Meta(), x.trailer)
	return converted
}
