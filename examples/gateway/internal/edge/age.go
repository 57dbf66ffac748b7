package edge

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"time"
)

type expiryKey struct{}

// LimitAge has a server end each connection with the first answer after its age,
// as [google.golang.org/grpc/keepalive.ServerParameters] does, so that clients
// see new replicas and addresses that have moved. HTTP/2 tells the client to go
// (GOAWAY) and finishes what is under way. A stream is not cut, and one without
// calls ends after the IdleTimeout of the server. The age is up to a tenth more
// or less, so that clients do not all come back at once. Call it before the
// server serves; it replaces ConnContext.
func LimitAge(server *http.Server, age time.Duration) {
	server.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		spread := time.Duration((rand.Float64() - 0.5) / 5 * float64(age)) //nolint:gosec // no secret
		return context.WithValue(ctx, expiryKey{}, time.Now().Add(age+spread))
	}
	server.Handler = aged{server.Handler}
}

// aged ends connections that have expired.
type aged struct{ next http.Handler }

// ServeHTTP implements [http.Handler].
func (h aged) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if expiry, ok := r.Context().Value(expiryKey{}).(time.Time); ok && !time.Now().Before(expiry) {
		w.Header().Set("Connection", "close") // net/http sends it as a GOAWAY in HTTP/2
	}
	h.next.ServeHTTP(w, r)
}
