package simulator

import (
	"encoding/json"
	"net/http"
	"time"
)

// maxAdvance is longer than any wait that the model asks for.
const maxAdvance = 24 * time.Hour

// Advance moves the clock of the model forward, so that a test or a person need not
// wait for a limit or a token to end. A negative d does nothing.
func (s *Simulator) Advance(d time.Duration) { s.ahead.Add(int64(max(d, 0))) }

// now is the time of the model.
func (s *Simulator) now() time.Time { return s.config.Clock().Add(time.Duration(s.ahead.Load())) }

// ServeAdvance answers POST with the body {"seconds": 30}, from 1 second to a
// day, by [Simulator.Advance]. It is no path of the upstream: mount it where the
// page of a simulated gateway can call it.
func (s *Simulator) ServeAdvance(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Seconds int64 `json:"seconds"`
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&body)
	if err != nil || body.Seconds < 1 || body.Seconds > int64(maxAdvance/time.Second) {
		http.Error(w, `want {"seconds": N} with N from 1 to 86400`, http.StatusBadRequest)
		return
	}
	s.Advance(time.Duration(body.Seconds) * time.Second)
	w.WriteHeader(http.StatusNoContent)
}
