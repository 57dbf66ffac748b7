package edge

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"time"
)

const (
	headerTimeout = 10 * time.Second
	// unaryTimeout is for a whole unary call, and far above the deadline of the
	// upstream call.
	unaryTimeout = time.Minute
	idleTimeout  = 2 * time.Minute
	// A stream may be idle for any time, so pings find peers that are gone.
	pingAfter   = 30 * time.Second
	pingTimeout = 15 * time.Second
	// maxHeaderBytes is more than browsers send.
	maxHeaderBytes = 64 << 10
)

// NewServer returns a server for a handler of [New]. It speaks HTTP/1.1 and
// HTTP/2, also without TLS. Its timeouts are a minute for a call that is not a
// stream, and two minutes for an idle connection; headers have at most 64 KiB. Set
// TLSConfig and ErrorLog as needed, and see [LimitAge].
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

type expiryKey struct{}

// LimitAge ends each connection after the first answer that follows its age, as
// [google.golang.org/grpc/keepalive.ServerParameters] does. Clients then find new
// replicas and new addresses. HTTP/2 sends GOAWAY and finishes the calls in
// progress; streams are not cut. The age varies by up to a tenth, so that clients
// do not reconnect all at once. Call LimitAge before the server serves: it sets
// ConnContext and Handler.
func LimitAge(server *http.Server, age time.Duration) {
	server.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		spread := time.Duration((rand.Float64() - 0.5) / 5 * float64(age)) //nolint:gosec // no secret
		return context.WithValue(ctx, expiryKey{}, time.Now().Add(age+spread))
	}
	next := server.Handler
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if expiry, ok := r.Context().Value(expiryKey{}).(time.Time); ok && !time.Now().Before(expiry) {
			w.Header().Set("Connection", "close") // net/http sends it as a GOAWAY in HTTP/2
		}
		next.ServeHTTP(w, r)
	})
}
