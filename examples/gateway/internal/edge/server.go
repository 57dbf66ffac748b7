package edge

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor/rest"
)

// NewServer returns a server for a handler of [New]. It speaks HTTP/1.1 and
// HTTP/2, also without TLS. Its timeouts are a minute for a call that is not a
// stream, far above the deadline of the upstream call, and two minutes for an idle
// connection; headers have at most 64 KiB. Set TLSConfig and ErrorLog as needed, and
// see [LimitAge].
func NewServer(handler http.Handler) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:           handler,
		Protocols:         protocols,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		// A stream may be idle for any time, so pings find peers that are gone. The last
		// one finds those that send and never read.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second, WriteByteTimeout: 30 * time.Second},
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

const unknownHost = "this server is not the host that the request names: add the name to the hosts that it serves"

// AllowHosts refuses requests for unknown hosts with 421 Misdirected Request. This
// prevents DNS rebinding: the owner of a page changes the address of its name to
// that of this server, and the browser then takes them for one origin. Only the
// Host header shows the difference.
//
// Always allowed are localhost, loopback addresses, and the address of this server
// on which the request arrived. names adds host names, without ports. "*" allows
// all hosts, for a server behind a proxy that checks them.
func AllowHosts(next http.Handler, names ...string) http.Handler {
	return allowHosts(next, names, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest.WriteError(&statusWriter{ResponseWriter: w, fixed: http.StatusMisdirectedRequest}, r, status.Error(codes.PermissionDenied, unknownHost))
	}))
}

func allowHosts(next http.Handler, names []string, deny http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if allowsHost(r, names) {
			next.ServeHTTP(w, r)
		} else {
			deny.ServeHTTP(w, r)
		}
	})
}

func allowsHost(r *http.Request, names []string) bool {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.Trim(host, "[]"), ".")
	local, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr) // where the request arrived
	if addr, err := netip.ParseAddr(host); err == nil && (addr.IsLoopback() || addr.Unmap() == local.AddrPort().Addr().Unmap()) {
		return true
	}
	return strings.EqualFold(host, "localhost") ||
		slices.ContainsFunc(names, func(name string) bool { return name == "*" || strings.EqualFold(name, host) })
}
