package edge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	connectcors "connectrpc.com/cors"
	"github.com/rs/cors"
)

// preflightAge is the longest time that browsers cache a preflight.
const preflightAge = 2 * time.Hour

// handler serves the methods of a backend. A request passes ServeHTTP, which
// reports refusals; guarded, which checks host and origin; and route.
type handler struct {
	settings

	backend   *Backend
	guarded   http.Handler
	endpoints map[string]endpoint // by path
}

// endpoint is a method at one of its paths.
type endpoint struct {
	method
	connect http.Handler // nil at the path of REST
}

// New returns the handler of all services of a backend, which must include
// VerificationService. Serve it with [NewServer], or with another server that has
// HTTP/2 without TLS enabled.
func New(backend *Backend, opts ...Option) (http.Handler, error) {
	h := &handler{
		settings: settings{maxMessage: DefaultMaxMessage, fallback: http.NotFoundHandler(), observe: func(context.Context, Refusal) {}},
		backend:  backend, endpoints: map[string]endpoint{},
	}
	for _, opt := range opts {
		opt(&h.settings)
	}
	if h.maxMessage == 0 {
		return nil, errors.New("edge: WithMaxMessage is 0 and would refuse every call; leave it out for the default")
	}
	for name, m := range backend.methods {
		h.endpoints[name] = endpoint{m, h.connectHandler(m)}
	}
	for name, path := range routes {
		m, ok := backend.methods[name]
		if !ok {
			return nil, fmt.Errorf("edge: the backend has no method %s; call Gateway.Register before New", name)
		}
		h.endpoints[path] = endpoint{method: m}
	}
	return h, h.guard()
}

// guard makes the handler that checks host and origin. CORS alone is not enough:
// it hides the answer from the page of another origin, but the call has already
// spent a token.
func (h *handler) guard() error {
	protection := http.NewCrossOriginProtection()
	for _, origin := range h.origins {
		if err := protection.AddTrustedOrigin(origin); err != nil {
			return fmt.Errorf("edge: WithOrigins needs origins such as https://app.example.com: %w", err)
		}
	}
	protection.SetDenyHandler(refuse(http.StatusForbidden, "a browser sends this for a page of another origin: add it to the allowed origins"))
	h.guarded = protection.Handler(http.HandlerFunc(h.route))
	if len(h.origins) > 0 {
		h.guarded = cors.New(cors.Options{
			AllowedOrigins: h.origins,
			AllowedMethods: connectcors.AllowedMethods(),
			AllowedHeaders: append(connectcors.AllowedHeaders(), serverTimeout),
			ExposedHeaders: connectcors.ExposedHeaders(),
			MaxAge:         int(preflightAge.Seconds()),
		}).Handler(h.guarded)
	}
	h.guarded = allowHosts(h.guarded, h.hosts, refuse(http.StatusMisdirectedRequest, unknownHost))
	return nil
}

// ServeHTTP implements [http.Handler].
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	limitLanguages(r.Header)
	x := &exchange{
		handler: h, endpoint: h.endpoints[r.URL.Path], writer: &statusWriter{ResponseWriter: w},
		header: http.Header{}, trailer: http.Header{},
	}
	ctx := r.Context()
	h.guarded.ServeHTTP(x.writer, r.WithContext(context.WithValue(ctx, exchangeKey{}, x)))
	if refused := x.refusal(); refused != nil {
		h.observe(ctx, Refusal{Method: x.name, Cause: refused.cause, Err: refused.error, Peer: r.RemoteAddr})
	}
}

// route serves a request by its path.
func (h *handler) route(w http.ResponseWriter, r *http.Request) {
	x := exchangeOf(r.Context())
	if x.server != nil {
		x.serve(w, r)
		return
	}
	if strings.HasPrefix(r.URL.Path, restPrefix) {
		refuse(http.StatusNotFound, "no method has this path").ServeHTTP(w, r)
		return
	}
	h.fallback.ServeHTTP(w, r)
}
