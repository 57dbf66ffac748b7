package edge

import (
	"encoding/json"
	"net/http"
	"strings"

	"google.golang.org/grpc/codes"
)

// restPrefix is what all routes begin with.
const restPrefix = "/v1/"

// refusals answers what HTTP itself refuses under the REST paths, such as a
// verb or a media type, with the JSON of google.rpc.Status: a client of REST
// then has one form of error to read. Vanguard and net/http answer in plain
// text. Other protocols read the HTTP status there.
type refusals struct{ next http.Handler }

// ServeHTTP implements [http.Handler].
func (h refusals) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, restPrefix) {
		h.next.ServeHTTP(w, r)
		return
	}
	rw := &refusalWriter{ResponseWriter: w}
	h.next.ServeHTTP(rw, r)
	rw.finish()
}

// refusalWriter holds a refusal in plain text back until all of it is known.
type refusalWriter struct {
	http.ResponseWriter

	status int // of a refusal, or 0
	text   []byte
}

// Unwrap lets [http.ResponseController] find the writer of the server.
func (w *refusalWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// FlushError implements what [http.ResponseController] looks for.
func (w *refusalWriter) FlushError() error {
	if w.status != 0 {
		return nil
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// WriteHeader implements [http.ResponseWriter].
func (w *refusalWriter) WriteHeader(status int) {
	if status >= http.StatusBadRequest && strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		w.status = status
		return
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (w *refusalWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		return w.ResponseWriter.Write(p)
	}
	w.text = append(w.text, p...)
	return len(p), nil
}

func (w *refusalWriter) finish() {
	if w.status == 0 {
		return
	}
	code, text := refusalOf(w.status)
	if text == "" {
		text = strings.TrimSpace(string(w.text))
	}
	body, err := json.Marshal(struct {
		Code    codes.Code `json:"code"`
		Message string     `json:"message"`
	}{code, text})
	if err != nil { // no text makes it fail
		body = nil
	}
	w.Header().Del("Content-Length")
	w.Header().Set("Content-Type", "application/json")
	w.ResponseWriter.WriteHeader(w.status)
	_, _ = w.ResponseWriter.Write(body) // a client that has gone is its own loss
}

// refusalOf has a text where that of the refusal does not tell the remedy.
func refusalOf(status int) (codes.Code, string) {
	switch status {
	case http.StatusBadRequest:
		return codes.InvalidArgument, ""
	case http.StatusForbidden:
		return codes.PermissionDenied, ""
	case http.StatusNotFound:
		return codes.NotFound, "no method has this path"
	case http.StatusMethodNotAllowed:
		return codes.Unimplemented, "want POST"
	case http.StatusUnsupportedMediaType:
		return codes.InvalidArgument, "want a body of Content-Type application/json in UTF-8, as it is or in gzip"
	case http.StatusHTTPVersionNotSupported:
		return codes.Unimplemented, ""
	default:
		return codes.Unknown, ""
	}
}
