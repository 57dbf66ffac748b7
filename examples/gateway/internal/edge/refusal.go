package edge

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor/rest"
)

// Refusal is a request that the edge refused itself. The interceptors did not see
// it, unless it was a stream that had begun.
type Refusal struct {
	// Method is the full name of the method, such as "/package.Service/Method",
	// or "" where the path is that of none.
	Method string
	// Cause says what is wrong with the request: "body", "size", "compression",
	// "incomplete", "header", "timeout", "path", "verb", "media_type", "origin",
	// "host", "http_version" or "other".
	Cause string
	// Err is the status of the answer, or the status that corresponds to the HTTP
	// status. It quotes nothing of the request.
	Err error
	// Peer is the address of the caller.
	Peer string
}

// refusedError says why a request is refused. It wraps a status.
type refusedError struct {
	cause string
	error
}

func (e *refusedError) Unwrap() error { return e.error }

// exchange is a request and its progress.
type exchange struct {
	http     *http.Request
	writer   http.ResponseWriter
	accepted bool                         // connect accepted the header and reads the body
	called   atomic.Bool                  // a method was called
	refused  atomic.Pointer[refusedError] // the first error, which may cause others
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange { return ctx.Value(exchangeKey{}).(*exchange) }

// refuse records err if it is a refusal, and returns it.
func (x *exchange) refuse(err error) error {
	if refused, ok := errors.AsType[*refusedError](err); ok {
		x.refused.CompareAndSwap(nil, refused)
	}
	return err
}

// ServeHTTP implements [http.Handler].
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	limitLanguages(r.Header)
	sw := &statusWriter{ResponseWriter: w}
	x := &exchange{writer: sw}
	path, ctx := r.URL.Path, r.Context() // a fallback may change the path
	x.http = r.WithContext(context.WithValue(ctx, exchangeKey{}, x))
	h.guarded.ServeHTTP(sw, x.http)
	refused := x.refused.Load()
	if refused == nil {
		if x.called.Load() || !sw.failed() {
			return
		}
		refused = x.explain(sw)
	}
	h.observe(ctx, Refusal{Method: h.methodNames[path], Cause: refused.cause, Err: refused.error, Peer: r.RemoteAddr})
}

// explain finds the cause of a refusal by connect or by the fallback.
func (x *exchange) explain(w *statusWriter) *refusedError {
	refused := refusalOf(w.status)
	code := status.Code(refused.error)
	if number, err := strconv.ParseUint(w.grpcStatus(), 10, 32); err == nil {
		code = codes.Code(number)
	}
	switch {
	case refused.cause != "other":
	case code == codes.ResourceExhausted:
		refused = &refusedError{"size", status.Error(code, "the message is too large")}
	case x.accepted:
		refused = &refusedError{"body", status.Error(code, "the body can't be read")}
	default:
		refused.error = status.Error(code, "the request can't be read")
	}
	return refused
}

// refuseHTTP refuses a request with an HTTP status.
func (h *handler) refuseHTTP(w http.ResponseWriter, r *http.Request, httpStatus int, text string) {
	refused := refusalOf(httpStatus)
	refused.error = status.Error(status.Code(refused.error), text)
	h.answer(w, r, httpStatus, exchangeOf(r.Context()).refuse(refused))
}

// answer writes an error in the form of its protocol, with an HTTP status that
// no gRPC code has. gRPC and gRPC-Web always have the HTTP status 200.
func (h *handler) answer(w http.ResponseWriter, r *http.Request, httpStatus int, err error) {
	_, rpc := h.procedures[r.URL.Path]
	if !rpc || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
		w = &fixedStatus{w, httpStatus}
	}
	if !rpc {
		rest.WriteError(w, r, err, h.sameStatus)
		return
	}
	_ = h.errors.Write(w, r, h.connectError(r.Context(), err, nil)) // fails if the caller has left
}

// refusals has the cause and the gRPC code of HTTP statuses.
var refusals = map[int]refusedStatus{
	http.StatusBadRequest:              {"other", codes.InvalidArgument},
	http.StatusForbidden:               {"origin", codes.PermissionDenied},
	http.StatusNotFound:                {"path", codes.NotFound},
	http.StatusMethodNotAllowed:        {"verb", codes.Unimplemented},
	http.StatusUnsupportedMediaType:    {"media_type", codes.InvalidArgument},
	http.StatusMisdirectedRequest:      {"host", codes.PermissionDenied},
	http.StatusTooManyRequests:         {"other", codes.ResourceExhausted},
	http.StatusNotImplemented:          {"other", codes.Unimplemented},
	http.StatusHTTPVersionNotSupported: {"http_version", codes.Unimplemented},
}

type refusedStatus struct {
	cause string
	code  codes.Code
}

func refusalOf(httpStatus int) *refusedError {
	known, ok := refusals[httpStatus]
	if !ok {
		known = refusedStatus{"other", codes.Unknown}
	}
	return &refusedError{known.cause, status.Error(known.code, http.StatusText(httpStatus))}
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

// failed reports whether the response is an error, of HTTP or of gRPC.
func (w *statusWriter) failed() bool {
	return w.status >= http.StatusBadRequest || w.grpcStatus() != ""
}

// grpcStatus is the gRPC code of an error of gRPC or gRPC-Web. It is empty after
// a message of gRPC-Web, whose trailers are in the body.
func (w *statusWriter) grpcStatus() string {
	return w.Header().Get("Grpc-Status") + w.Header().Get(http.TrailerPrefix+"Grpc-Status")
}

// WriteHeader implements [http.ResponseWriter].
func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// fixedStatus replaces the status of a response.
type fixedStatus struct {
	http.ResponseWriter

	status int
}

// WriteHeader implements [http.ResponseWriter].
func (w *fixedStatus) WriteHeader(int) { w.ResponseWriter.WriteHeader(w.status) }
