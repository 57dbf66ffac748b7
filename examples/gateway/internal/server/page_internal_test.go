package server

import (
	"net/http"
	"strings"
	"testing"
)

// TestPage shows that the page knows which upstream answers, and where there is
// none.
func TestPage(t *testing.T) {
	t.Parallel()
	const upstream = "upstream-url: http://127.0.0.1:1\napp-key: key\n"
	const notFound = "404 page not found\n"
	tests := []struct {
		name, file string
		args       []string
		page       string // the start of /
		told       string
		advanced   string // the answer to a wait that is skipped
		invites    bool
	}{
		{"simulator", "", []string{"-simulate"}, "<!doctype html>", `{"simulated":true,"login":true}`, "", true},
		{"real upstream", upstream, nil, "<!doctype html>", `{"simulated":false,"login":false}`, notFound, false},
		{"real upstream, on", upstream, []string{"-page", "on"}, "<!doctype html>", `{"simulated":false,"login":true}`, notFound, false},
		{"off", "page: off", []string{"-simulate"}, "404", notFound, notFound, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var env environment
			if tt.file == upstream {
				env = environment{"JVERIFICATION_MASTER_SECRET": secret}
			}
			r := runGateway(t, env, tt.file, tt.args...)
			if got := fetch(t, http.DefaultClient, http.MethodGet, r.web(t)+"/", ""); !strings.HasPrefix(got, tt.page) {
				t.Errorf("/ is %q", got)
			}
			if got := fetch(t, http.DefaultClient, http.MethodGet, r.web(t)+"/page.json", ""); got != tt.told {
				t.Errorf("/page.json is %q", got)
			}
			if got := fetch(t, http.DefaultClient, http.MethodGet, r.web(t)+"/openapi.yaml", ""); !strings.Contains(got, "\nopenapi: 3.") {
				t.Errorf("/openapi.yaml is %.99q", got)
			}
			if got := fetch(t, http.DefaultClient, http.MethodPost, r.web(t)+"/simulator/advance", `{"seconds":60}`); got != tt.advanced {
				t.Errorf("/simulator/advance is %q", got)
			}
			r.stop()
			if got := strings.Contains(r.stdout.String(), "in a browser"); got != tt.invites {
				t.Errorf("invited = %v: %s", got, r.stdout)
			}
		})
	}
}
