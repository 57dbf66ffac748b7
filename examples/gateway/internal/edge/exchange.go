package edge

import (
	"cmp"
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

// exchange is a request, its progress and the header of its answer. It is the
// [google.golang.org/grpc.ServerTransportStream] of its method.
type exchange struct {
	method // empty if the path is that of no method

	handler  *handler
	writer   statusWriter
	accepted bool                         // connect accepted the header and reads the body
	called   bool                         // the method was called
	refused  atomic.Pointer[refusedError] // the first error, which may cause others

	mu              sync.Mutex
	header, trailer http.Header
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange { return ctx.Value(exchangeKey{}).(*exchange) }

// serve serves a request for a method, by each protocol.
func (x *exchange) serve(w http.ResponseWriter, r *http.Request) {
	ctx, err := incoming(r, x)
	if admit := x.handler.Admit; err == nil && admit != nil {
		var leave func()
		if leave, err = admit(ctx); err == nil {
			defer leave()
		} else {
			err = &refusedError{"calls", err}
		}
	}
	switch {
	case err != nil:
		answer(w, r, err)
	case x.connect != nil:
		x.serveConnect(w, r.WithContext(ctx))
	default:
		x.serveREST(ctx, w, r)
	}
}

// invoke calls a unary method.
func (x *exchange) invoke(ctx context.Context, req *message) (proto.Message, error) {
	return x.handler.backend.invoke(ctx, x.method, func(request any) error {
		err := req.into(request)
		x.called = err == nil
		return err
	})
}

// record remembers an error for the observer if it is a refusal.
func (x *exchange) record(err error) {
	if refused, ok := errors.AsType[*refusedError](err); ok {
		x.refused.CompareAndSwap(nil, refused)
	}
}

// refusal says why the request was refused, or returns nil. Refusals by connect
// and by the fallback show only in the response.
func (x *exchange) refusal() *refusedError {
	if refused := x.refused.Load(); refused != nil || x.called {
		return refused
	}
	header := x.writer.Header()
	number := header.Get("Grpc-Status") + header.Get(http.TrailerPrefix+"Grpc-Status") // one is empty
	if x.writer.status < http.StatusBadRequest && number == "" {
		return nil
	}
	refused := refusalOf(x.writer.status, http.StatusText(x.writer.status))
	if code, err := strconv.ParseUint(number, 10, 32); err == nil {
		refused.error = status.Error(codes.Code(code), "the request can't be read")
	}
	switch {
	case refused.cause != "other":
	case status.Code(refused.error) == codes.ResourceExhausted:
		refused.cause = "size"
	case x.accepted:
		refused.cause = "body"
	}
	return refused
}

func (x *exchange) Method() string                  { return x.name }
func (x *exchange) SetHeader(md metadata.MD) error  { return x.add(x.header, md) }
func (x *exchange) SendHeader(md metadata.MD) error { return x.add(x.header, md) } // with the first message
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

// move adds header or trailer to what is sent, once.
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

	fixed  int // replaces the status unless it is 0
	status int
}

// Unwrap lets [http.ResponseController] find the writer of the server.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush implements [http.Flusher], which connect requires for streams.
func (w *statusWriter) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

func (w *statusWriter) WriteHeader(status int) {
	status = cmp.Or(w.fixed, status)
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}
