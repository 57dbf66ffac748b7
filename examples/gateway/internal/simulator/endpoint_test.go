package simulator_test

import (
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
)

// TestSuccessBodies pins the fields of every documented success.
func TestSuccessBodies(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t, func(c *simulator.Config) { c.NumberGap = 0 })
	verify := func() object { return object{"token": s.IssueToken(phone), "phone": phone, "exID": "x1"} }
	login := func() object { return object{"loginToken": s.IssueLoginToken(phone), "exID": "x1"} }
	tests := []struct {
		path string
		body object
		code int
		keys string
	}{
		{"/v1/web/verify", verify(), 9000, "code content exID id"},
		{"/v1/web/h5/verify", verify(), 9000, "code content exID id"},
		{"/v2/web/verify", verify(), 9000, "code content exID id riskCheck score"},
		{"/v2/web/h5/verify", verify(), 9000, "code content exID id riskCheck score"},
		{"/v1/web/loginTokenVerify", login(), 8000, "code content exID id phone"},
		{"/v1/web/h5/loginTokenVerify", login(), 8000, "code content exID id phone"},
		{"/v2/web/loginTokenVerify", login(), 8000, "code content exID id phone riskCheck score"},
		{"/v2/web/h5/loginTokenVerify", login(), 8000, "code content exID id phone riskCheck score"},
		{"/v2/web/queryBusinessRisk", object{"phone": phone, "exID": "x1"}, 0, "code content detail exID id score tags"},
		{"/action/check", object{"captchaContent": "blob", "exID": "x1"}, 0, "code content exID id"},
		{"/v1/admin/open", activation(), 9200, "code content"},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			reply := post(t, s, tt.path, tt.body)
			wantCode(t, reply, tt.code)
			if got := reply.keys(); got != tt.keys {
				t.Errorf("fields = %s, want %s", got, tt.keys)
			}
			if id, ok := reply["exID"]; ok && id != "x1" {
				t.Errorf("exID = %v, want x1", id)
			}
		})
	}
}

func TestPhoneMayBeANumber(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t)
	reply := post(t, s, "/v1/web/verify", object{"token": s.IssueToken(phone), "phone": json.Number(phone)})
	wantCode(t, reply, 9000)
}

func TestExIDIsSpelledExactly(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t)
	for _, name := range []string{"exId", "exid", "ex_id"} {
		reply := post(t, s, "/v1/web/verify", object{"token": "code-9000", name: "x1"})
		if got := reply["exID"]; got != "" {
			t.Errorf("%s came back as exID %q", name, got)
		}
	}
}

func TestIDsRiseAndDoNotFitAFloat(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t)
	var last int64
	for range 100 {
		id, err := post(t, s, "/v1/web/verify", object{"token": "code-9000"})["id"].(json.Number).Int64()
		if err != nil {
			t.Fatal(err)
		}
		if id <= last {
			t.Fatalf("id %d after %d", id, last)
		}
		if _, accuracy := new(big.Float).SetInt64(id).Float64(); accuracy == big.Exact {
			t.Fatalf("id %d fits a float64", id)
		}
		last = id
	}
}

func TestUnknownPathHasNoCode(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, newRequest(t, "/v3/web/verify", object{}))
	if w.Code != http.StatusNotFound || json.Valid(w.Body.Bytes()) {
		t.Errorf("got %d %q, want a plain 404", w.Code, w.Body)
	}
}

// TestRefusals covers what is refused before the token is read, and the HTTP status in
// both modes.
func TestRefusals(t *testing.T) {
	t.Parallel()
	const verify, risk, open = "/v1/web/verify", "/v2/web/queryBusinessRisk", "/v1/admin/open"
	config := simulator.DefaultConfig()
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	auth := func(key, secret string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(key, secret) }
	}
	body := func(text string) func(*http.Request) {
		return func(r *http.Request) { *r = *withBody(r, text) }
	}
	noAuth := func(r *http.Request) { r.Header.Del("Authorization") }
	get := func(r *http.Request) { r.Method = http.MethodGet }
	tests := []struct {
		name   string
		path   string
		change func(*http.Request)
		code   int
		native int
	}{
		{"method", verify, get, 9013, 405},
		{"method on the risk path", risk, get, 9013, 405},
		{"no media type", verify, header("Content-Type", ""), 9015, 415},
		{"form", verify, header("Content-Type", "application/x-www-form-urlencoded"), 9015, 415},
		{"no credentials", verify, noAuth, 9010, 401},
		{"no credentials on the risk path", risk, noAuth, 1802, 401},
		{"no credentials on the admin path", open, noAuth, 9010, 401},
		{"bearer", verify, header("Authorization", "Bearer x"), 9011, 401},
		{"wrong key", verify, auth("x", config.MasterSecret), 9011, 401},
		{"wrong secret", verify, auth(config.AppKey, "x"), 9011, 401},
		{"wrong secret on the risk path", risk, auth(config.AppKey, "x"), 1802, 401},
		{"application's key on the admin path", open, auth(config.AppKey, config.MasterSecret), 9011, 401},
		{"developer's key on an application path", verify, auth(config.DevKey, config.DevSecret), 9011, 401},
		{"no JSON", verify, body("token=x"), 9012, 200},
		{"cut JSON", verify, body(`{"token":"code-9000"`), 9012, 200},
		{"two objects", verify, body(`{"token":"code-9000"}{}`), 9012, 200},
		{"null", verify, body("null"), 9012, 200},
		{"array", verify, body("[]"), 9012, 200},
		{"empty body", verify, body(""), 9012, 200},
		{"no token", verify, body(`{"phone":"13912345679"}`), 9012, 200},
		{"token of the wrong type", verify, body(`{"token":["code-9000"]}`), 9012, 200},
		{"no phone", verify, body(`{"token":"x"}`), 9012, 200},
		{"phone that is none", verify, body(`{"token":"x","phone":"1.39e10"}`), 9012, 200},
		{"no login token", "/v1/web/loginTokenVerify", body(`{"token":"x"}`), 9012, 200},
		{"no captcha", "/action/check", body(`{}`), 9012, 200},
		{"no JSON on the risk path", risk, body("x"), 1801, 200},
		{"no number on the risk path", risk, body("{}"), 1801, 200},
		{"bad number on the risk path", risk, body(`{"phone":"me"}`), 1801, 200},
		{"no app_key", open, body(`{}`), 9012, 200},
		{"too long", verify, body(`{"token":"code-9000","x":"` + strings.Repeat("x", 1<<20) + `"}`), 9012, 200},
	}
	plain, _ := newSimulator(t)
	native, _ := newSimulator(t, func(c *simulator.Config) { c.NativeStatus = true })
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for s, want := range map[*simulator.Simulator]int{plain: http.StatusOK, native: tt.native} {
				r := newRequest(t, tt.path, object{endpoints[tt.path]: "code-0"})
				tt.change(r)
				status, reply := send(t, s, r)
				wantCode(t, reply, tt.code)
				if status != want {
					t.Errorf("HTTP status = %d, want %d", status, want)
				}
				if got := reply.keys(); got != "code content" {
					t.Errorf("fields = %s, want code content", got)
				}
			}
		})
	}
}

func withBody(r *http.Request, text string) *http.Request {
	replaced := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.Path, strings.NewReader(text))
	replaced.Header = r.Header
	return replaced
}

func TestMediaTypeParametersAreAllowed(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t)
	r := newRequest(t, "/v1/web/verify", object{"token": "code-9000"})
	r.Header.Set("Content-Type", "Application/JSON; charset=UTF-8")
	_, reply := send(t, s, r)
	wantCode(t, reply, 9000)
}

func TestNativeStatusBringsItsHeaders(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t, func(c *simulator.Config) { c.NativeStatus = true })
	for token, header := range map[string]string{"code-9011": "WWW-Authenticate", "code-9013": "Allow"} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, newRequest(t, "/v1/web/verify", object{"token": token}))
		if w.Header().Get(header) == "" {
			t.Errorf("%s: no %s header", token, header)
		}
	}
}
