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

// WithHosts adds names under which the server is reached, as [AllowHosts] has
// them.
func WithHosts(names ...string) Option {
	return func(s *settings) { s.hosts = append(s.hosts, names...) }
}

// WithOrigins lets pages of other origins call, such as
// "https://app.example.com". There is no wildcard. Default none: browsers then
// call from pages of the edge itself only, and calls that are not a browser's
// are not concerned.
func WithOrigins(origins ...string) Option {
	return func(s *settings) { s.origins = append(s.origins, origins...) }
}

// WithMaxMessage bounds a message of a caller, as it is sent and decompressed; a
// larger one is ResourceExhausted. Default [DefaultMaxMessage].
func WithMaxMessage(bytes uint32) Option {
	return func(s *settings) { s.maxMessage = int(bytes) }
}

// WithFallback answers the requests that are for no method and not below /v1/:
// the place of a page. Default 404. An observer sees what it refuses, too.
func WithFallback(handler http.Handler) Option {
	return func(s *settings) { s.fallback = handler }
}

// WithObserver calls observe for each request that the edge refuses by itself,
// in the goroutine of the request, once it is answered. Default: none. What
// net/http refuses itself is not among them, such as headers that are too large.
func WithObserver(observe func(context.Context, Refusal)) Option {
	return func(s *settings) { s.observe = observe }
}
