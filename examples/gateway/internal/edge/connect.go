package edge

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/codetable/grpc-codetable/interceptor/connectcodetable"
)

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

// codec implements [connect.Codec] for messages.
type codec struct {
	name   string
	encode func(proto.Message) ([]byte, error)
	decode func([]byte, proto.Message) error
}

func (c codec) Name() string { return c.name }

// Marshal encodes a message, or a status of connect.
func (c codec) Marshal(v any) ([]byte, error) {
	if m, ok := v.(*message); ok {
		return c.encode(m.response)
	}
	return c.encode(v.(proto.Message)) //nolint:forcetypeassert // connect passes nothing else
}

func (c codec) Unmarshal(data []byte, v any) error {
	m := v.(*message) //nolint:forcetypeassert // connect passes nothing else
	m.encoded, m.decode = bytes.Clone(data), c.decode
	return nil
}

// protocols configures the handlers of connect.
var protocols = connect.WithHandlerOptions(
	connect.WithInterceptors(connectcodetable.NewInterceptor(asSent...)),
	connect.WithRequestGate(func(ctx context.Context, _ connect.Spec, _ connect.Peer, _ http.Header) (context.Context, error) {
		exchangeOf(ctx).accepted = true
		return ctx, nil
	}),
	connect.WithCodec(codec{"proto", proto.Marshal, unmarshalProto}),
	connect.WithCodec(codec{"json", protojson.Marshal, unmarshalJSON}),
	connect.WithCodec(codec{"json; charset=utf-8", protojson.Marshal, unmarshalJSON}),
	connect.WithCompressMinBytes(1<<10), // gzip saves too little of less
)

// connectHandler serves a method by Connect, gRPC-Web and gRPC.
func (h *handler) connectHandler(m method) http.Handler {
	limit := connect.WithHandlerOptions(connect.WithReadMaxBytes(int(h.MaxMessage)), connect.WithCompression("gzip",
		func() connect.Decompressor { return &boundedGzip{limit: int64(h.MaxMessage) + 1} },
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
			answer(w, r, invalid("timeout", "Connect-Timeout-Ms is not a whole number of milliseconds such as 1500"))
			return
		}
	}
	if x.unary != nil {
		limit := int64(x.handler.MaxMessage) + 5 // and the prefix of a message of gRPC
		r.Body = unaryBody{http.MaxBytesReader(w, r.Body, limit), r.Context()}
	}
	x.connect.ServeHTTP(w, r)
}

// unaryBody replaces the errors of connect for a body that can't be read.
type unaryBody struct {
	io.ReadCloser

	ctx context.Context //nolint:containedctx // of the call
}

func (b unaryBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = connectError(b.ctx, exchangeOf(b.ctx).readError(err))
	}
	return n, err
}

// boundedGzip stops at a limit, since a few kilobytes of gzip can expand to
// megabytes. connect itself would inflate the rest to tell its length.
type boundedGzip struct {
	gzip.Reader

	limit   int64
	bounded io.LimitedReader
}

func (g *boundedGzip) Reset(r io.Reader) error {
	g.bounded = io.LimitedReader{R: &g.Reader, N: g.limit}
	return g.Reader.Reset(r)
}

func (g *boundedGzip) Read(p []byte) (int, error) { return g.bounded.Read(p) }

func serveUnary(ctx context.Context, req *connect.Request[message]) (*connect.Response[message], error) {
	x := exchangeOf(ctx)
	resp, err := x.invoke(ctx, req.Msg)
	info, _ := connect.CallInfoForHandlerContext(ctx)
	x.move(info.ResponseHeader(), x.header)
	x.move(info.ResponseTrailer(), x.trailer)
	x.record(err)
	return connect.NewResponse(&message{response: resp}), err
}

// connectError converts an error that no interceptor of connect sees.
func connectError(ctx context.Context, err error) error {
	exchangeOf(ctx).record(err)
	return connectcodetable.FromStatus(translator.Translate(ctx, err).Status)
}
