package edge

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/codetable/grpc-codetable/interceptor/rest"
)

// restPrefix is what all routes begin with.
const restPrefix = "/v1/"

//go:embed http.yaml
var httpYAML []byte

// Routes returns the REST path of each method that has one, by full name such as
// "/package.Service/Method". Each is a POST, with the whole request as its body.
// They are those of http.yaml.
var Routes = sync.OnceValue(func() map[string]string {
	routes, err := parseRoutes(httpYAML)
	if err != nil {
		panic("edge: http.yaml: " + err.Error()) // the file is part of the program
	}
	return routes
})

// parseRoutes reads a gRPC API configuration. It takes no rule that the edge
// would not serve as it is written.
func parseRoutes(text []byte) (map[string]string, error) {
	var service struct {
		Type          string `yaml:"type"`
		ConfigVersion int    `yaml:"config_version"`
		HTTP          struct {
			Rules []struct {
				Selector string `yaml:"selector"`
				Post     string `yaml:"post"`
				Body     string `yaml:"body"`
			} `yaml:"rules"`
		} `yaml:"http"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&service); err != nil {
		return nil, err
	}
	routes := map[string]string{}
	for _, rule := range service.HTTP.Rules {
		dot := strings.LastIndexByte(rule.Selector, '.')
		if dot < 0 || !strings.HasPrefix(rule.Post, restPrefix) || strings.ContainsAny(rule.Post, "{*}") || rule.Body != "*" {
			return nil, fmt.Errorf(`rule of %q: want a selector, a post path below %s without variables, and body: "*"`, rule.Selector, restPrefix)
		}
		routes["/"+rule.Selector[:dot]+"/"+rule.Selector[dot+1:]] = rule.Post
	}
	return routes, nil
}

// serveREST serves a unary method: JSON in, JSON out.
func (h *handler) serveREST(w http.ResponseWriter, r *http.Request, m method) {
	switch encoding := r.Header.Get("Content-Encoding"); {
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		h.refuseHTTP(w, r, http.StatusMethodNotAllowed, "want POST")
		return
	case !isJSON(r.Header.Get("Content-Type")), encoding != "" && encoding != "gzip":
		h.refuseHTTP(w, r, http.StatusUnsupportedMediaType, "want a body of Content-Type application/json in UTF-8, as it is or in gzip")
		return
	}
	body, err := h.callREST(r, m)
	var refused *refusedError
	switch {
	case err == nil:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write(body) //nolint:gosec // JSON, as its media type says; the caller may have left
	case errors.As(err, &refused) && refused.cause == "size":
		h.answer(w, r, http.StatusRequestEntityTooLarge, err)
	default:
		rest.WriteError(w, r, err, h.sameStatus)
	}
}

func (h *handler) callREST(r *http.Request, m method) ([]byte, error) {
	ctx, cancel, err := withServerTimeout(r)
	defer cancel()
	x := exchangeOf(ctx)
	if err != nil {
		return nil, x.refuse(err)
	}
	body, err := readMessage(r.Body, h.maxMessage, r.Header.Get("Content-Encoding") == "gzip")
	if err != nil {
		return nil, x.refuse(err)
	}
	resp, err := h.invoke(ctx, m, &call{method: m.name}, &message{encoded: body, decode: unmarshalJSON})
	if err != nil {
		return nil, err
	}
	return protojson.Marshal(resp)
}

// isJSON reports whether a body is JSON in UTF-8, however the header spells
// that. One that does not say what it is may be.
func isJSON(contentType string) bool {
	if contentType == "" || contentType == "application/json" {
		return true
	}
	media, params, err := mime.ParseMediaType(contentType)
	return err == nil && media == "application/json" &&
		(params["charset"] == "" || strings.EqualFold(params["charset"], "utf-8"))
}

const (
	serverTimeout  = "X-Server-Timeout" // of a REST call, in seconds
	connectTimeout = "Connect-Timeout-Ms"
	// maxTimeout is far beyond what a call may take, and within a [time.Duration].
	maxTimeout = 1e9 // seconds
)

// withServerTimeout applies the deadline of a REST call.
func withServerTimeout(r *http.Request) (context.Context, context.CancelFunc, error) {
	text := r.Header.Get(serverTimeout)
	if text == "" {
		return r.Context(), func() {}, nil
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || !(seconds >= 0 && seconds <= maxTimeout) {
		return r.Context(), func() {}, noTimeout(serverTimeout + " is not a number of seconds such as 1.5")
	}
	ctx, cancel := context.WithTimeout(r.Context(), time.Duration(seconds*float64(time.Second)))
	return ctx, cancel, nil
}

// checkConnectTimeout finds what connect would quote.
func checkConnectTimeout(r *http.Request) error {
	if text := r.Header.Get(connectTimeout); text != "" {
		if _, err := strconv.ParseUint(text, 10, 63); err != nil {
			return noTimeout(connectTimeout + " is not a whole number of milliseconds such as 1500")
		}
	}
	return nil
}

func noTimeout(text string) error {
	return &refusedError{"timeout", status.Error(codes.InvalidArgument, text)}
}
