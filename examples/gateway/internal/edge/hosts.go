package edge

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor/rest"
)

const unknownHost = "this server is not the host that the request names: add the name to the hosts that it serves"

// AllowHosts refuses requests for other hosts with 421 Misdirected Request. A
// page whose owner has its name point to this server (DNS rebinding) is of the
// same origin for its browser, and only the Host header tells it apart.
//
// Allowed are the names given, without ports, and by default localhost, every
// loopback address, and the address on which the request arrived. "*" allows
// all, for a server behind a proxy that checks.
func AllowHosts(next http.Handler, names ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if allowsHost(r, names) {
			next.ServeHTTP(w, r)
			return
		}
		rest.WriteError(&fixedStatus{w, http.StatusMisdirectedRequest}, r, status.Error(codes.PermissionDenied, unknownHost))
	})
}

func allowsHost(r *http.Request, names []string) bool {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.Trim(host, "[]"), ".")
	if addr, err := netip.ParseAddr(host); err == nil && (addr.IsLoopback() || addr.Unmap() == arrivedOn(r)) {
		return true
	}
	return strings.EqualFold(host, "localhost") ||
		slices.ContainsFunc(names, func(name string) bool { return name == "*" || strings.EqualFold(name, host) })
}

// arrivedOn is the address of this server that the caller has connected to.
func arrivedOn(r *http.Request) netip.Addr {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return local.AddrPort().Addr().Unmap() // not valid where there is none
}
