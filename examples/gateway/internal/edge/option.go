package edge

import (
	"context"
	"net/http"
)

// DefaultMaxMessage bounds a message where [WithMaxMessage] names no bound.
const DefaultMaxMessage = 64 << 10

// Option changes what [New] returns.
type Option func(*settings)

type settings struct {
	hosts      []string
	origins    []string
	maxMessage int
	fallback   http.Handler
	observe    func(context.Context, Refusal)
}

// WithHosts adds names of this server, in the form that [AllowHosts] takes. Default
// none.
func WithHosts(names ...string) Option {
	return func(s *settings) { s.hosts = append(s.hosts, names...) }
}

// WithOrigins allows calls from pages of other origins, such as
// "https://app.example.com". It takes no wildcards. Default none: only pages of
// this server may call. Clients other than browsers may always call.
func WithOrigins(origins ...string) Option {
	return func(s *settings) { s.origins = append(s.origins, origins...) }
}

// WithMaxMessage bounds a message of a caller, as it is sent and decompressed; a
// larger one is ResourceExhausted. Default [DefaultMaxMessage].
func WithMaxMessage(bytes uint32) Option {
	return func(s *settings) { s.maxMessage = int(bytes) }
}

// WithFallback serves all paths that are not below /v1/ and name no method, such
// as a page. Default 404. The observer also sees what the fallback refuses.
func WithFallback(handler http.Handler) Option {
	return func(s *settings) { s.fallback = handler }
}

// WithObserver calls observe for each request that the edge refuses, in the
// goroutine of the request, after the answer. Default none. It does not see what
// net/http refuses, such as headers that are too large.
func WithObserver(observe func(context.Context, Refusal)) Option {
	return func(s *settings) { s.observe = observe }
}
