package edge

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	connectcors "connectrpc.com/cors"
	"github.com/rs/cors"
)

// DefaultMaxMessage bounds a message where [Config] has no bound.
const DefaultMaxMessage = 64 << 10

// Config changes what [New] returns. The zero value is complete.
type Config struct {
	// Hosts are names of this server, in the form that [AllowHosts] takes.
	Hosts []string
	// Origins are other origins whose pages may call, such as
	// "https://app.example.com", without wildcards. Pages of this server, and clients
	// other than browsers, may always call.
	Origins []string
	// MaxMessage bounds the bytes of a request message, as it is sent and
	// decompressed; a larger one is ResourceExhausted. Default [DefaultMaxMessage].
	MaxMessage uint32
	// Admit is asked before the body of a call is read, with the metadata and the peer
	// of the call in its context, and refuses it with an error. leave is called at the end
	// of the call. Default: all are admitted.
	Admit func(context.Context) (leave func(), err error)
	// Fallback serves all paths that are not below /v1/ and name no method, such as
	// a page. Default 404.
	Fallback http.Handler
	// Observe is called after each request that the edge or the fallback refuses, in
	// its goroutine. It does not see what net/http refuses, such as headers that are
	// too large.
	Observe func(context.Context, Refusal)
}

// handler serves the methods of a backend. A request passes ServeHTTP, which
// reports refusals; guarded, which checks host and origin; and route.
type handler struct {
	Config

	backend *Backend
	guarded http.Handler
	methods map[string]method // by path
}

// New returns the handler of all services of a backend, which must include
// VerificationService. Serve it with [NewServer], or with another server that has
// HTTP/2 without TLS enabled.
func New(backend *Backend, config Config) (http.Handler, error) {
	h := &handler{Config: config, backend: backend, methods: map[string]method{}}
	h.MaxMessage = cmp.Or(h.MaxMessage, DefaultMaxMessage)
	if h.Fallback == nil {
		h.Fallback = http.NotFoundHandler()
	}
	for name, m := range backend.methods {
		m.connect = h.connectHandler(m)
		h.methods[name] = m
	}
	for name, path := range routes {
		m, ok := backend.methods[name]
		if !ok {
			return nil, fmt.Errorf("edge: the backend has no method %s; call Gateway.Register before New", name)
		}
		h.methods[path] = m
	}
	return h, h.guard()
}

// guard makes the handler that checks host and origin. CORS alone is not enough:
// it hides the answer from the page of another origin, but the call has already
// spent a token.
func (h *handler) guard() error {
	protection := http.NewCrossOriginProtection()
	for _, origin := range h.Origins {
		if err := protection.AddTrustedOrigin(origin); err != nil {
			return fmt.Errorf("edge: Origins needs origins such as https://app.example.com: %w", err)
		}
	}
	protection.SetDenyHandler(refuse(http.StatusForbidden, "a browser sends this for a page of another origin: add it to the allowed origins"))
	h.guarded = protection.Handler(http.HandlerFunc(h.route))
	if len(h.Origins) > 0 {
		h.guarded = cors.New(cors.Options{
			AllowedOrigins: h.Origins,
			AllowedMethods: connectcors.AllowedMethods(),
			AllowedHeaders: append(connectcors.AllowedHeaders(), serverTimeout),
			ExposedHeaders: connectcors.ExposedHeaders(),
			MaxAge:         int((2 * time.Hour).Seconds()), // the most that browsers accept
		}).Handler(h.guarded)
	}
	h.guarded = allowHosts(h.guarded, h.Hosts, refuse(http.StatusMisdirectedRequest, unknownHost))
	return nil
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	limitLanguages(r.Header)
	x := &exchange{
		method: h.methods[r.URL.Path], handler: h, writer: statusWriter{ResponseWriter: w},
		header: http.Header{}, trailer: http.Header{},
	}
	ctx := r.Context()
	h.guarded.ServeHTTP(&x.writer, r.WithContext(context.WithValue(ctx, exchangeKey{}, x)))
	if refused := x.refusal(); refused != nil && h.Observe != nil {
		h.Observe(ctx, Refusal{Method: x.name, Cause: refused.cause, Err: refused.error, Peer: r.RemoteAddr})
	}
}

// route serves a request by its path.
func (h *handler) route(w http.ResponseWriter, r *http.Request) {
	x := exchangeOf(r.Context())
	switch {
	case x.server != nil:
		x.serve(w, r)
	case strings.HasPrefix(r.URL.Path, restPrefix):
		refuse(http.StatusNotFound, "no method has this path").ServeHTTP(w, r)
	default:
		h.Fallback.ServeHTTP(w, r)
	}
}
