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
		rest.WriteError(&fixedStatus{w, http.StatusMisdirectedRequest}, r, status.Error(codes.PermissionDenied, unknownHost))
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
	if addr, err := netip.ParseAddr(host); err == nil && (addr.IsLoopback() || addr.Unmap() == arrivedOn(r)) {
		return true
	}
	return strings.EqualFold(host, "localhost") ||
		slices.ContainsFunc(names, func(name string) bool { return name == "*" || strings.EqualFold(name, host) })
}

// arrivedOn is the address of this server to which the caller connected.
func arrivedOn(r *http.Request) netip.Addr {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return local.AddrPort().Addr().Unmap() // not valid where there is none
}
