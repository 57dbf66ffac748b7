package edge

import (
	"context"
	"errors"
	"net/http"

	"connectrpc.com/connect"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// Refusal is a request that the edge answered by itself. The interceptors of
// the server have not seen it, unless it was a stream that had begun.
type Refusal struct {
	// Method is the full name of the method, such as "/package.Service/Method",
	// or "" where the path is that of none.
	Method string
	// Cause is what is wrong with the request: its "body", "size",
	// "compression", "path", "verb", "media_type" or "origin", a "timeout" that
	// is none, the "http_version", that it is "incomplete", or "other".
	Cause string
	// Err is the status of the answer or, where that is one of HTTP, the status
	// that stands for it. It quotes nothing of the request.
	Err error
	// Peer is the address that the request came from.
	Peer string
}

// watch tells an observer what never reached the server.
type watch struct {
	observe func(context.Context, Refusal)
	methods map[string]string // their full names, by path
	next    http.Handler
}

// ServeHTTP implements [http.Handler].
func (h watch) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p := &passage{}
	sw := &statusWriter{ResponseWriter: w}
	path, ctx := r.URL.Path, r.Context() // the former becomes another one on the way
	h.next.ServeHTTP(sw, r.WithContext(context.WithValue(ctx, passageKey{}, p)))
	refusal := Refusal{Method: h.methods[path], Peer: r.RemoteAddr}
	switch err := p.refusal(); {
	case err != nil:
		refusal.Cause, refusal.Err = causeOf(err)
	case sw.status >= http.StatusBadRequest && !p.passed.Load():
		code, _ := refusalOf(sw.status)
		refusal.Cause, refusal.Err = causeOfStatus(sw.status), status.Error(code, http.StatusText(sw.status))
	default:
		return
	}
	h.observe(ctx, refusal)
}

// causeOf reads an error of the body, and drops what vanguard may have written
// into its text.
func causeOf(err error) (cause string, refusal error) {
	if coded, ok := codetable.FromError(err); ok {
		return "body", coded
	}
	code := codes.Code(connect.CodeOf(err))
	switch {
	case errors.Is(err, errIncomplete):
		return "incomplete", status.Error(code, errIncomplete.Error())
	case errors.Is(err, errNotGzip):
		return "compression", status.Error(code, errNotGzip.Error())
	case code == codes.ResourceExhausted:
		return "size", status.Error(code, "the message is too large")
	default:
		return "body", status.Error(code, "the body is malformed")
	}
}

func causeOfStatus(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "timeout" // nothing else in a header is refused so
	case http.StatusForbidden:
		return "origin"
	case http.StatusNotFound:
		return "path"
	case http.StatusMethodNotAllowed:
		return "verb"
	case http.StatusUnsupportedMediaType:
		return "media_type"
	case http.StatusHTTPVersionNotSupported:
		return "http_version"
	default:
		return "other"
	}
}

// statusWriter remembers the status of a response.
type statusWriter struct {
	http.ResponseWriter

	status int
}

// Unwrap lets [http.ResponseController] find the writer of the server.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush implements [http.Flusher], which a gRPC server insists on.
func (w *statusWriter) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// WriteHeader implements [http.ResponseWriter].
func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}
