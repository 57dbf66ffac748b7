package edge

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"connectrpc.com/connect"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// exchange is a request and its progress. It implements
// [google.golang.org/grpc.ServerTransportStream].
type exchange struct {
	endpoint // empty if the path is that of no method

	handler  *handler
	writer   *statusWriter
	accepted bool                         // connect accepted the header and reads the body
	called   bool                         // the method was called
	refused  atomic.Pointer[refusedError] // the first error, which may cause others

	mu              sync.Mutex
	header, trailer http.Header // of the answer
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange { return ctx.Value(exchangeKey{}).(*exchange) }

// serve serves a request for a method, by each protocol.
func (x *exchange) serve(w http.ResponseWriter, r *http.Request) {
	ctx, err := incoming(r, x)
	switch {
	case err != nil:
		answer(w, r, x.refuse(err))
	case x.connect != nil:
		x.serveConnect(w, r.WithContext(ctx))
	default:
		x.serveREST(w, r.WithContext(ctx))
	}
}

// invoke calls a unary method.
func (x *exchange) invoke(ctx context.Context, req *message) (proto.Message, error) {
	return x.handler.backend.invoke(ctx, x.method, func(request any) error {
		err := x.refuse(req.into(request))
		x.called = err == nil
		return err
	})
}

// refuse records err if it is a refusal, and returns it.
func (x *exchange) refuse(err error) error {
	if refused, ok := errors.AsType[*refusedError](err); ok {
		x.refused.CompareAndSwap(nil, refused)
	}
	return err
}

// refusal says why the request was refused, or returns nil. Refusals by connect
// and by the fallback show only in the response.
func (x *exchange) refusal() *refusedError {
	refused := x.refused.Load()
	if refused != nil || x.called || !x.writer.failed() {
		return refused
	}
	refused = refusalOf(x.writer.status, http.StatusText(x.writer.status))
	code := status.Code(refused.error)
	if number, err := strconv.ParseUint(x.writer.grpcStatus(), 10, 32); err == nil {
		code = codes.Code(number)
	}
	switch {
	case refused.cause != "other":
		return refused
	case code == codes.ResourceExhausted:
		return &refusedError{"size", status.Error(code, "the message is too large")}
	case x.accepted:
		return &refusedError{"body", status.Error(code, "the body can't be read")}
	default:
		return &refusedError{"other", status.Error(code, "the request can't be read")}
	}
}

// Method implements [google.golang.org/grpc.ServerTransportStream].
func (x *exchange) Method() string { return x.name }

// SetHeader implements [google.golang.org/grpc.ServerTransportStream].
func (x *exchange) SetHeader(md metadata.MD) error { return x.add(x.header, md) }

// SendHeader implements [google.golang.org/grpc.ServerTransportStream]. The header
// is sent with the first message.
func (x *exchange) SendHeader(md metadata.MD) error { return x.add(x.header, md) }

// SetTrailer implements [google.golang.org/grpc.ServerTransportStream].
func (x *exchange) SetTrailer(md metadata.MD) error { return x.add(x.trailer, md) }

func (x *exchange) add(to http.Header, md metadata.MD) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	for name, values := range md {
		for _, value := range values {
			if strings.HasSuffix(name, "-bin") {
				value = connect.EncodeBinaryHeader([]byte(value))
			}
			to.Add(name, value)
		}
	}
	return nil
}

// move adds the values of from to a header that is sent, once.
func (x *exchange) move(to, from http.Header) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for name, values := range from {
		to[name] = append(to[name], values...)
	}
	clear(from)
}

// statusWriter remembers the status of a response.
type statusWriter struct {
	http.ResponseWriter

	status int
}

// Unwrap lets [http.ResponseController] find the writer of the server.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush implements [http.Flusher], which connect requires for streams.
func (w *statusWriter) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// WriteHeader implements [http.ResponseWriter].
func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// failed reports whether the response is an error, of HTTP or of gRPC.
func (w *statusWriter) failed() bool {
	return w.status >= http.StatusBadRequest || w.grpcStatus() != ""
}

// grpcStatus is the gRPC code of an error of gRPC or gRPC-Web. It is empty after
// a message of gRPC-Web, whose trailers are in the body.
func (w *statusWriter) grpcStatus() string {
	return w.Header().Get("Grpc-Status") + w.Header().Get(http.TrailerPrefix+"Grpc-Status")
}
