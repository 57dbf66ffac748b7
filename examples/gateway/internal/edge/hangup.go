package edge

import (
	"io"
	"net/http"
	"time"
)

// hangup lets the server end a stream that its caller keeps open. The gRPC
// server closes the body when its handler is done, and answers after that.
// Vanguard's Close waits for the Read that waits for the caller (v0.4.0), who
// in turn waits for the answer.
type hangup struct {
	streams map[string]bool // by path
	next    http.Handler
}

// ServeHTTP implements [http.Handler].
func (h hangup) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.streams[r.URL.Path] {
		r.Body = interrupted{r.Body, http.NewResponseController(w)}
	}
	h.next.ServeHTTP(w, r)
}

type interrupted struct {
	io.ReadCloser

	controller *http.ResponseController
}

// Close implements [io.Closer]. A deadline in the past ends the Read.
func (b interrupted) Close() error {
	_ = b.controller.SetReadDeadline(time.Unix(0, 0)) // a writer without deadlines waits for the caller
	return b.ReadCloser.Close()
}
