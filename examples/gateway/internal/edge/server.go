package edge

import (
	"net/http"
	"time"
)

const (
	headerTimeout = 10 * time.Second
	// unaryTimeout is for a call that is not a stream, from its first byte to
	// its last, and thus far above the deadline of the upstream call.
	unaryTimeout = time.Minute
	idleTimeout  = 2 * time.Minute
	// A peer of a quiet HTTP/2 connection is asked whether it is alive, since a
	// stream may be quiet for as long as it likes.
	pingAfter   = 30 * time.Second
	pingTimeout = 15 * time.Second
	// maxHeaderBytes is above what any browser sends, and bounds what a
	// connection holds before there is a request.
	maxHeaderBytes = 64 << 10
)

// NewServer returns a server of the handler that [New] made: HTTP/1.1 and
// HTTP/2, the latter without TLS as well, with a limit for the time of all but
// streams. Set TLSConfig and ErrorLog as needed, limit the age of connections
// with [LimitAge], and serve a listener with it.
func NewServer(handler http.Handler) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:           handler,
		Protocols:         protocols,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       unaryTimeout,
		WriteTimeout:      unaryTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		HTTP2:             &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTimeout},
	}
}
