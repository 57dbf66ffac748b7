package edge

import "net/http"

// DefaultMaxMessage bounds a message where [WithMaxMessage] names no bound.
const DefaultMaxMessage = 64 << 10

// Option changes what [New] returns.
type Option func(*settings)

type settings struct {
	origins    []string
	maxMessage uint32
	fallback   http.Handler
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
// page. Default 404.
func WithFallback(handler http.Handler) Option {
	return func(s *settings) { s.fallback = handler }
}
