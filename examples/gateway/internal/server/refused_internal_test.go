package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// TestRefusalsAreSeen has clients that send garbage. The operator sees them in
// the metrics and in the log, and nothing of what they sent.
func TestRefusalsAreSeen(t *testing.T) {
	t.Parallel()
	r := runGateway(t, nil, "", "-simulate")
	url := r.web(t)
	fetch(t, http.DefaultClient, http.MethodPost, url+"/v1/numbers:verify", `{"phone":"`+phone+`","token":`)
	fetch(t, http.DefaultClient, http.MethodPost, url+"/v1/numbers:verify", `{"token":"`+strings.Repeat(token, 1<<12)+`"}`)
	fetch(t, http.DefaultClient, http.MethodGet, url+"/v1/"+phone, "")
	for _, cause := range []string{"body", "size", "path"} { // they are counted before they are logged
		r.log.Await(t, `("cause":"`+cause+`"|exit code)`)
	}
	got := fetch(t, http.DefaultClient, http.MethodGet, r.log.Await(t, `"metrics are listening","url":"([^"]+)"`), "")
	for _, want := range []string{
		`gateway_edge_refused_total{cause="body",grpc_code="InvalidArgument",grpc_method="VerifyNumber"} 1`,
		`gateway_edge_refused_total{cause="size",grpc_code="ResourceExhausted",grpc_method="VerifyNumber"} 1`,
		`gateway_edge_refused_total{cause="path",grpc_code="NotFound",grpc_method=""} 1`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the metrics do not hold %s", want)
		}
	}
	r.stop()
	if log := r.log.String(); strings.Contains(log, phone) || strings.Contains(log, token) {
		t.Errorf("the log tells something on: %s", log)
	}
	for line := range strings.Lines(r.log.String()) {
		var entry map[string]any
		if json.Unmarshal([]byte(line), &entry) == nil && entry["cause"] == "body" && entry["codetable.code"] == 9012.0 &&
			entry["codetable.reason"] == "PARAMETER_INVALID" && entry["grpc.method"] == "VerifyNumber" && entry["peer.address"] != "" {
			return
		}
	}
	t.Errorf("no line has the code and the reason:\n%s", r.log)
}
