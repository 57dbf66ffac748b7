package simulator_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
)

func advance(s *simulator.Simulator, body string) int {
	w := httptest.NewRecorder()
	s.ServeAdvance(w, httptest.NewRequest(http.MethodPost, "/simulator/advance", strings.NewReader(body)))
	return w.Code
}

func TestAdvanceEndsAWait(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t)
	wantCode(t, verify(t, s, phone), 9000)
	for _, tt := range []struct {
		body         string
		status, code int
	}{
		{`{"seconds":29}`, http.StatusNoContent, 9005},
		{`{"seconds":1}`, http.StatusNoContent, 9000},
		{`{"seconds":0}`, http.StatusBadRequest, 9005},
		{`{"seconds":-30}`, http.StatusBadRequest, 9005},
		{`{"seconds":86401}`, http.StatusBadRequest, 9005},
		{`{"seconds":"30"}`, http.StatusBadRequest, 9005},
		{``, http.StatusBadRequest, 9005},
		{`{"seconds":86400}`, http.StatusNoContent, 9000},
	} {
		if got := advance(s, tt.body); got != tt.status {
			t.Errorf("advance by %s = %d, want %d", tt.body, got, tt.status)
		}
		wantCode(t, verify(t, s, phone), tt.code)
	}
	s.Advance(-1)
	wantCode(t, verify(t, s, phone), 9005)
}
