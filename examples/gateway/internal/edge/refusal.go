package edge

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor/rest"
)

// Refusal is a request that the edge answered by itself. The interceptors have
// not seen it, unless it was a stream that had begun.
type Refusal struct {
	// Method is the full name of the method, such as "/package.Service/Method",
	// or "" where the path is that of none.
	Method string
	// Cause is what is wrong with the request: its "body", "size", "compression",
	// "header", "path", "verb", "media_type", "origin" or "host", a "timeout"
	// that is none, the "http_version", that it is "incomplete", or "other".
	Cause string
	// Err is the status of the answer or, where that is one of HTTP, the status
	// that stands for it. It quotes nothing of the request.
	Err error
	// Peer is the address that the request came from.
	Peer string
}

// refusedError is why a request is refused. The error inside is a status.
type refusedError struct {
	cause string
	error
}

func (e *refusedError) Unwrap() error { return e.error }

// exchange is a request and what becomes of it.
type exchange struct {
	http    *http.Request
	writer  http.ResponseWriter
	called  atomic.Bool                  // a method of the backend
	refused atomic.Pointer[refusedError] // the first, since others may follow from it
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange { return ctx.Value(exchangeKey{}).(*exchange) }

// refuse notes why a request is refused, if err is that.
func (x *exchange) refuse(err error) error {
	if refused, ok := errors.AsType[*refusedError](err); ok {
		x.refused.CompareAndSwap(nil, refused)
	}
	return err
}

// ServeHTTP implements [http.Handler]. It tells the observer of a request that
// is refused.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	limitLanguages(r.Header)
	sw := &statusWriter{ResponseWriter: w}
	x := &exchange{writer: sw}
	path, ctx := r.URL.Path, r.Context() // a fallback may change the former
	x.http = r.WithContext(context.WithValue(ctx, exchangeKey{}, x))
	h.guarded.ServeHTTP(sw, x.http)
	refusal := Refusal{Method: h.methodNames[path], Peer: r.RemoteAddr}
	switch refused := x.refused.Load(); {
	case refused != nil:
		refusal.Cause, refusal.Err = refused.cause, refused.error
	case x.called.Load():
		return
	case sw.status >= http.StatusBadRequest:
		refusal.Cause, refusal.Err = refusalOf(sw.status)
	case r.Method == http.MethodPost && h.procedures[path] != nil: // by connect, whose status is not that of HTTP
		refusal.Cause, refusal.Err = "other", status.Error(codes.InvalidArgument, "the call can't be read")
	default:
		return
	}
	h.observe(ctx, refusal)
}

// refuseHTTP answers what HTTP itself refuses in the one form of errors that the
// protocol has.
func (h *handler) refuseHTTP(w http.ResponseWriter, r *http.Request, httpStatus int, text string) {
	cause, err := refusalOf(httpStatus)
	if text != "" {
		err = status.Error(status.Code(err), text)
	}
	h.answer(w, r, httpStatus, exchangeOf(r.Context()).refuse(&refusedError{cause, err}))
}

// answer writes an error with an HTTP status that gRPC has no code for. Callers
// of gRPC and gRPC-Web read their status alone.
func (h *handler) answer(w http.ResponseWriter, r *http.Request, httpStatus int, err error) {
	if !isGRPC(r) {
		w = &fixedStatus{w, httpStatus}
	}
	if _, rpc := h.procedures[r.URL.Path]; rpc {
		_ = h.errors.Write(w, r, h.connectError(r.Context(), err, nil)) // the caller may have left
		return
	}
	rest.WriteError(w, r, err, h.sameStatus)
}

// isGRPC is true for gRPC-Web too.
func isGRPC(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc")
}

// refusalOf is what an HTTP status says, for one that the edge, the connect
// handlers or the fallback answer with.
func refusalOf(httpStatus int) (cause string, err error) {
	code := codes.Unknown
	switch httpStatus {
	case http.StatusBadRequest:
		cause, code = "timeout", codes.InvalidArgument // nothing else in a header is refused so
	case http.StatusForbidden:
		cause, code = "origin", codes.PermissionDenied
	case http.StatusMisdirectedRequest:
		cause, code = "host", codes.PermissionDenied
	case http.StatusNotFound:
		cause, code = "path", codes.NotFound
	case http.StatusMethodNotAllowed:
		cause, code = "verb", codes.Unimplemented
	case http.StatusUnsupportedMediaType:
		cause, code = "media_type", codes.InvalidArgument
	case http.StatusHTTPVersionNotSupported:
		cause, code = "http_version", codes.Unimplemented
	default:
		cause = "other"
	}
	return cause, status.Error(code, http.StatusText(httpStatus))
}

// statusWriter remembers the status of a response.
type statusWriter struct {
	http.ResponseWriter

	status int
}

// Unwrap lets [http.ResponseController] find the writer of the server.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush implements [http.Flusher], which connect insists on for streams.
func (w *statusWriter) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// WriteHeader implements [http.ResponseWriter].
func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// fixedStatus has a status of its own, whatever is written.
type fixedStatus struct {
	http.ResponseWriter

	status int
}

// WriteHeader implements [http.ResponseWriter].
func (w *fixedStatus) WriteHeader(int) { w.ResponseWriter.WriteHeader(w.status) }
