package server

import (
	"encoding/json"
	"net/http"
	"net/http/pprof"
	"slices"
	"strings"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// setAdmin follows the setting, and warns of what it opens.
func (s *servers) setAdmin(on bool) {
	if s.admin.Swap(on) != on && on {
		s.log.Warn("admin is on: whoever reaches the metrics address can take profiles and end cool-downs")
	}
}

// administer adds the state of the cool-down, and what the setting admin allows: to
// end it, and the profiles of package net/http/pprof, which take as long as they are
// asked to.
func (s *servers) administer(mux *http.ServeMux) {
	mux.HandleFunc("GET /cooldown", s.showHeld)
	for _, path := range []string{"DELETE /cooldown", "DELETE /cooldown/{product}"} {
		mux.Handle(path, s.onlyAdmin(s.liftHeld))
	}
	for path, profile := range map[string]http.HandlerFunc{
		"": pprof.Index, "cmdline": pprof.Cmdline, "profile": pprof.Profile, "symbol": pprof.Symbol, "trace": pprof.Trace,
	} {
		mux.Handle("/debug/pprof/"+path, s.onlyAdmin(profile))
	}
}

// onlyAdmin also refuses what a browser sends for a page of another site, whatever the
// method is: a GET of a profile takes time of the gateway.
func (s *servers) onlyAdmin(next http.HandlerFunc) http.Handler {
	protection := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		changing := r.WithContext(r.Context())
		changing.Method = http.MethodPost // the check lets GET pass
		if err := protection.Check(changing); err != nil {
			http.Error(w, "a browser sends this for a page of another origin", http.StatusForbidden)
			return
		}
		if !s.admin.Load() {
			http.Error(w, "this needs the setting admin: true", http.StatusForbidden)
			return
		}
		next(w, r)
	})
}

// held is the cool-down of a product in JSON.
type held struct {
	Product     string  `json:"product"`
	Code        int32   `json:"code"`
	Reason      string  `json:"reason"`
	SecondsLeft float64 `json:"secondsLeft"`
	Resolution  string  `json:"resolution,omitempty"` // what clears the fault
}

func heldOf(product string, code *codetable.Error) held {
	return held{product, code.Number(), code.Reason(), code.Retry().Delay.Seconds(), code.Spec().Resolution()}
}

// showHeld lists the products whose calls are answered from memory.
func (s *servers) showHeld(w http.ResponseWriter, r *http.Request) {
	list := []held{} // null is no list
	for product, code := range s.gateway.Held(r.Context()) {
		if code != nil {
			list = append(list, heldOf(product, code))
		}
	}
	writeJSON(w, map[string]any{"enabled": s.set.coolsDown(), "held": list})
}

// liftHeld ends the cool-down of one product, or of all.
func (s *servers) liftHeld(w http.ResponseWriter, r *http.Request) {
	lifted, products := []held{}, []string{}
	var failure error
	only := r.PathValue("product")
	for product, code := range s.gateway.Held(r.Context()) {
		products = append(products, product)
		if only != "" && only != product {
			continue
		}
		if code != nil {
			lifted = append(lifted, heldOf(product, code))
		}
		if err := s.gateway.Lift(r.Context(), product); err != nil {
			failure = err
		}
	}
	if only != "" && !slices.Contains(products, only) {
		http.Error(w, "no such product: want one of "+strings.Join(products, ", "), http.StatusNotFound)
		return
	}
	s.logLifted(r, lifted, failure)
	if failure != nil {
		http.Error(w, "ended in this gateway only, and only until the shared store answers again, which goes on to hold the calls: try again then", http.StatusServiceUnavailable)
		return
	}
	writeJSON(w, map[string]any{"lifted": lifted})
}

func (s *servers) logLifted(r *http.Request, lifted []held, failure error) {
	names := make([]string, 0, len(lifted))
	for _, h := range lifted {
		names = append(names, h.Product+"="+h.Reason)
	}
	log := s.log.With("lifted", names, "peer.address", r.RemoteAddr)
	if failure != nil {
		log.Error("the cool-down was ended here, but not in the shared store", "error", failure)
		return
	}
	log.Warn("the cool-down was ended on request")
}

func writeJSON(w http.ResponseWriter, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(answer) // the client may have left
}
