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
	upstream := variables{"JVERIFICATION_UPSTREAM_URL": "http://127.0.0.1:1", "JVERIFICATION_APP_KEY": "key", "JVERIFICATION_MASTER_SECRET": secret}
	tests := []struct {
		name    string
		env     variables
		args    []string
		page    string // the start of /
		told    string
		invites bool
	}{
		{"simulator", nil, nil, "<!doctype html>", `{"simulated":true}`, true},
		{"real upstream", upstream, nil, "<!doctype html>", `{"simulated":false}`, false},
		{"off", nil, []string{"-page=false"}, "404", "404 page not found\n", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := runGateway(t, tt.env, tt.args...)
			if got := fetch(t, http.DefaultClient, http.MethodGet, r.web(t)+"/", ""); !strings.HasPrefix(got, tt.page) {
				t.Errorf("/ is %q", got)
			}
			if got := fetch(t, http.DefaultClient, http.MethodGet, r.web(t)+"/page.json", ""); got != tt.told {
				t.Errorf("/page.json is %q", got)
			}
			r.stop()
			if got := strings.Contains(r.stdout.String(), "in a browser"); got != tt.invites {
				t.Errorf("invited = %v: %s", got, r.stdout)
			}
		})
	}
}
