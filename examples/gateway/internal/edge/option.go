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
	origins    []string
	maxMessage uint32
	fallback   http.Handler
	observe    func(context.Context, Refusal)
}

// WithOrigins lets pages of other origins call, such as
// "https://app.example.com". There is no wildcard. Default none: browsers then
// call from pages of the edge itself only, and calls that are not a browser's
// are not concerned.
func WithOrigins(origins ...string) Option {
	return func(s *settings) { s.origins = append(s.origins, origins...) }
}

// WithMaxMessage bounds what the edge holds of a message, decompressed, in
// either direction; a larger one is ResourceExhausted. The limits of the gRPC
// server apply as well. Default [DefaultMaxMessage].
func WithMaxMessage(bytes uint32) Option {
	return func(s *settings) { s.maxMessage = bytes }
}

// WithFallback answers the requests that are for no method: the place of a
// page. Default 404. An observer sees what it refuses, too.
func WithFallback(handler http.Handler) Option {
	return func(s *settings) { s.fallback = handler }
}

// WithObserver calls observe for each request that the edge refuses by itself,
// in the goroutine of the request, once it is answered. Default: none. What
// net/http or the gRPC server refuse themselves is not among them, such as
// headers that are too large, or bytes that are no protobuf.
func WithObserver(observe func(context.Context, Refusal)) Option {
	return func(s *settings) { s.observe = observe }
}
