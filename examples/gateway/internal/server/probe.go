package server

import (
	"io"
	"net/http"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/edge"
)

// operations is what the metrics listener serves. A page of another site can't read it:
// see also onlyAdmin. Probes get their answer whatever host they name, since some
// name none, and it tells nothing of callers.
func (s *servers) operations() http.Handler {
	guarded := http.NewServeMux()
	guarded.Handle("/", s.signals.handler())
	s.administer(guarded)
	mux := http.NewServeMux()
	mux.Handle("/", edge.AllowHosts(guarded, s.set.AllowedHosts...))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answerProbe(w, nil) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { answerProbe(w, s.gateway.Ready()) })
	return mux
}

// answerProbe says why a probe fails. What answers at all is alive.
func answerProbe(w http.ResponseWriter, err error) {
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		http.Error(w, "not ready: "+err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "ok\n") // the probe may have left
}
