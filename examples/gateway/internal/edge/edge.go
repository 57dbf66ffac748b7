package edge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"connectrpc.com/connect"
	connectcors "connectrpc.com/cors"
	"github.com/rs/cors"
	"google.golang.org/grpc/metadata"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

const (
	// preflightAge is the longest time that browsers cache a preflight.
	preflightAge = 2 * time.Hour
	// anyDetails is a budget that no status exceeds. The interceptors have already
	// cut the details to their own budget.
	anyDetails = 1 << 20
)

// handler serves the methods of a backend. ServeHTTP calls guarded and reports
// refusals to the observer; guarded checks host and origin, and calls route.
type handler struct {
	settings

	backend     *Backend
	guarded     http.Handler
	procedures  map[string]http.Handler // the handlers of connect, by path
	routes      map[string]method       // the methods of REST, by path
	methodNames map[string]string       // the full names of the methods, by path of either kind
	errors      *connect.ErrorWriter
	translator  *interceptor.Translator
	sameStatus  rest.WriteOption
}

// New returns the handler of all services of a backend, which must include
// VerificationService. Serve it with [NewServer], or with another server that has
// HTTP/2 without TLS enabled.
func New(backend *Backend, opts ...Option) (http.Handler, error) {
	h := &handler{
		settings: settings{maxMessage: DefaultMaxMessage, fallback: http.NotFoundHandler(), observe: func(context.Context, Refusal) {}},
		backend:  backend, procedures: map[string]http.Handler{}, routes: map[string]method{}, methodNames: map[string]string{},
		translator: interceptor.NewTranslator(interceptor.WithDetailBudget(anyDetails), interceptor.WithoutRetryPushback()),
	}
	for _, opt := range opts {
		opt(&h.settings)
	}
	if h.maxMessage == 0 {
		return nil, errors.New("edge: WithMaxMessage is 0 and would refuse every call; leave it out for the default")
	}
	h.sameStatus = rest.WithTranslator(h.translator)
	options := connectOptions(h.maxMessage)
	h.errors = connect.NewErrorWriter(options)
	for name, m := range backend.methods {
		h.procedures[name], h.methodNames[name] = h.connectHandler(m, options), name
	}
	for name, path := range routes {
		m, ok := backend.methods[name]
		if !ok {
			return nil, fmt.Errorf("edge: the backend has no method %s; call Gateway.Register before New", name)
		}
		h.routes[path], h.methodNames[path] = m, name
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
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.refuseHTTP(w, r, http.StatusForbidden, "a browser sends this for a page of another origin: add it to the allowed origins")
	}))
	admitted := protection.Handler(http.HandlerFunc(h.route))
	if len(h.origins) > 0 {
		admitted = cors.New(cors.Options{
			AllowedOrigins: h.origins,
			AllowedMethods: connectcors.AllowedMethods(),
			AllowedHeaders: append(connectcors.AllowedHeaders(), serverTimeout),
			ExposedHeaders: connectcors.ExposedHeaders(),
			MaxAge:         int(preflightAge.Seconds()),
		}).Handler(admitted)
	}
	h.guarded = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if allowsHost(r, h.hosts) {
			admitted.ServeHTTP(w, r)
			return
		}
		h.refuseHTTP(w, r, http.StatusMisdirectedRequest, unknownHost)
	})
	return nil
}

// route serves a request by its path.
func (h *handler) route(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	if m, ok := h.routes[path]; ok {
		h.serveREST(w, r, m)
		return
	}
	if procedure, ok := h.procedures[path]; ok {
		h.serveConnect(w, r, procedure)
		return
	}
	if strings.HasPrefix(path, restPrefix) {
		h.refuseHTTP(w, r, http.StatusNotFound, "no method has this path")
		return
	}
	h.fallback.ServeHTTP(w, r)
}

// serveConnect serves Connect, gRPC-Web and gRPC.
func (h *handler) serveConnect(w http.ResponseWriter, r *http.Request, procedure http.Handler) {
	x := exchangeOf(r.Context())
	if text := r.Header.Get("Connect-Timeout-Ms"); text != "" { // connect would quote the value
		if _, err := strconv.ParseUint(text, 10, 63); err != nil {
			err := noTimeout("Connect-Timeout-Ms is not a whole number of milliseconds such as 1500")
			h.answer(w, r, http.StatusBadRequest, x.refuse(err))
			return
		}
	}
	if h.backend.methods[r.URL.Path].unary != nil {
		r.Body = h.bound(w, r, func(err error) error { return h.connectError(r.Context(), x.refuse(err), nil) })
	}
	procedure.ServeHTTP(w, r)
}

// withLanguages adds the languages of the caller for a translator, to a context
// that has no metadata yet.
func withLanguages(ctx context.Context) context.Context {
	languages := exchangeOf(ctx).http.Header["Accept-Language"]
	if len(languages) == 0 {
		return ctx
	}
	return metadata.NewIncomingContext(ctx, metadata.MD{"accept-language": languages})
}
