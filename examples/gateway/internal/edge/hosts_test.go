package edge_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/edge"
)

// arrivedOn is the address of the server in a request that no listener accepted.
func arrivedOn(t *testing.T, ip string) context.Context {
	t.Helper()
	return context.WithValue(t.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.ParseIP(ip), Port: 8081})
}

// TestHosts serves the names that are this server's alone: a page on a name
// that an attacker points here is of the same origin for its browser.
func TestHosts(t *testing.T) {
	t.Parallel()
	served := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	tests := []struct {
		host    string
		names   []string
		allowed bool
	}{
		{"localhost", nil, true},
		{"LocalHost:8081", nil, true},
		{"localhost.:8081", nil, true},
		{"127.0.0.1:8081", nil, true},
		{"127.1.2.3", nil, true},
		{"[::1]:8081", nil, true},
		{"[::1]", nil, true},
		{"10.0.0.7:8081", nil, true}, // where the request arrived
		{"[::ffff:10.0.0.7]", nil, true},
		{"10.0.0.8:8081", nil, false},
		{"evil.example", nil, false},
		{"localhost.evil.example", nil, false},
		{"127.0.0.1.evil.example", nil, false},
		{"", nil, false},
		{"api.example.com", []string{"api.example.com"}, true},
		{"API.example.com:443", []string{"api.example.com"}, true},
		{"sub.api.example.com", []string{"api.example.com"}, false},
		{"evil.example", []string{"api.example.com", "*"}, true},
	}
	for _, tt := range tests {
		r := httptest.NewRequestWithContext(arrivedOn(t, "10.0.0.7"), http.MethodGet, "http://replaced/metrics", http.NoBody)
		r.Host = tt.host
		w := httptest.NewRecorder()
		edge.AllowHosts(served, tt.names...).ServeHTTP(w, r)
		want := http.StatusOK
		if !tt.allowed {
			want = http.StatusMisdirectedRequest
		}
		if w.Code != want {
			t.Errorf("%q with %v: status %d, want %d", tt.host, tt.names, w.Code, want)
		}
		if !tt.allowed && codes.Code(restStatus(t, w.Body.Bytes()).GetCode()) != codes.PermissionDenied {
			t.Errorf("%q: body %s", tt.host, w.Body)
		}
	}
}

// TestForeignHost has the error of each protocol, and an observer that sees it.
func TestForeignHost(t *testing.T) {
	t.Parallel()
	page := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	for _, names := range [][]string{nil, {"rebound.example"}} {
		var seen []string
		handler, err := edge.New(stubbed(fine).backend(), edge.Config{
			Hosts: names, Fallback: page,
			Observe: func(_ context.Context, r edge.Refusal) { seen = append(seen, r.Cause) },
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []struct {
			path, media string
			status      int
		}{
			{verifyNumber.route, "application/json", http.StatusMisdirectedRequest},
			{verifyNumber.procedure, "application/json", http.StatusMisdirectedRequest},
			{verifyNumber.procedure, "application/grpc-web+json", http.StatusOK}, // whose status is not that of HTTP
			{"/", "", http.StatusMisdirectedRequest},
		} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://rebound.example:8081"+at.path, strings.NewReader(framed("{}")))
			if !strings.Contains(at.media, "grpc") {
				r.Body = http.NoBody
			}
			r.Header.Set("Content-Type", at.media)
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if names != nil {
				if w.Code != http.StatusOK {
					t.Errorf("%s: status %d of a host that is allowed: %s", at.path, w.Code, w.Body)
				}
				continue
			}
			const text = "add the name to the hosts"
			if w.Code != at.status || !strings.Contains(w.Body.String()+w.Header().Get("Grpc-Message"), text) {
				t.Errorf("%s: status %d: %v %s", at.path, w.Code, w.Header(), w.Body)
			}
		}
		want := 0
		if names == nil {
			want = 4
		}
		if len(seen) != want || strings.Count(strings.Join(seen, " "), "host") != want {
			t.Errorf("with %v the observer saw %q, want %d hosts", names, seen, want)
		}
	}
}
