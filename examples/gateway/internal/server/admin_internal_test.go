package server

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/cooldown"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/redistest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/shared"
)

// operations is the metrics address of a gateway.
func (r *running) operations(t *testing.T) string {
	t.Helper()
	return strings.TrimSuffix(r.log.Await(t, `"metrics are listening","url":"([^"]+)"`), "/metrics")
}

// operate asks the metrics address of a gateway, with pairs of header fields.
func operate(t *testing.T, method, url string, header ...string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return send(t, http.DefaultTransport, r)
}

// TestAdminIsOff wants nothing of what the setting opens, unless it is set.
func TestAdminIsOff(t *testing.T) {
	t.Parallel()
	s, _ := pipedServers(t, "", consistent{})
	try := func(method, path string) int {
		r := httptest.NewRequestWithContext(t.Context(), method, "http://localhost"+path, http.NoBody)
		w := httptest.NewRecorder()
		s.metricsServer.Handler.ServeHTTP(w, r)
		return w.Code
	}
	for _, path := range []string{
		"DELETE /cooldown", "DELETE /cooldown/risk", "GET /debug/pprof/", "GET /debug/pprof/heap", "GET /debug/pprof/cmdline",
		"GET /debug/pprof/profile?seconds=1", "GET /debug/pprof/symbol", "POST /debug/pprof/symbol", "GET /debug/pprof/trace?seconds=1",
	} {
		method, path, _ := strings.Cut(path, " ")
		if got := try(method, path); got != http.StatusForbidden {
			t.Errorf("%s %s is %d, want 403", method, path, got)
		}
	}
	if got := try(http.MethodGet, "/cooldown"); got != http.StatusOK {
		t.Errorf("GET /cooldown is %d", got)
	}
}

// TestAdminRefusesForeignPages has a page elsewhere make a browser send each request. No
// page can read the answer, but a profile takes its time all the same.
func TestAdminRefusesForeignPages(t *testing.T) {
	t.Parallel()
	s, _ := pipedServers(t, "admin: true", consistent{})
	for header, want := range map[string]int{
		"Sec-Fetch-Site: cross-site": http.StatusForbidden, "Sec-Fetch-Site: same-site": http.StatusForbidden,
		"Origin: https://evil.example": http.StatusForbidden,
		"Sec-Fetch-Site: none":         http.StatusOK, "Sec-Fetch-Site: same-origin": http.StatusOK,
	} {
		for _, path := range []string{"GET /debug/pprof/cmdline", "GET /debug/pprof/heap", "HEAD /debug/pprof/", "DELETE /cooldown"} {
			method, path, _ := strings.Cut(path, " ")
			r := httptest.NewRequestWithContext(t.Context(), method, "http://localhost"+path, http.NoBody)
			name, value, _ := strings.Cut(header, ": ")
			r.Header.Set(name, value)
			w := httptest.NewRecorder()
			s.metricsServer.Handler.ServeHTTP(w, r)
			if w.Code != want {
				t.Errorf("%s %s with %s is %d, want %d", method, path, header, w.Code, want)
			}
		}
	}
}

// TestAdminIsLive takes a profile of a gateway that was not started for it.
func TestAdminIsLive(t *testing.T) {
	t.Parallel()
	r := runGateway(t, nil, "", "-simulate")
	profile := r.operations(t) + "/debug/pprof/goroutine?debug=1"
	for _, step := range []struct {
		file, changed string
		want          int
	}{
		{"log-level: debug\nadmin: true\n", `\["admin"\]`, http.StatusOK},
		{"log-level: info\nadmin: true\n", `\["log-level"\]`, http.StatusOK},
		{"log-level: debug\n", `\["admin","log-level"\]`, http.StatusForbidden},
	} {
		r.reload(t, step.file, `"changed":`+step.changed+`,"needs_restart":null`)
		if status, _ := operate(t, http.MethodGet, profile); status != step.want {
			t.Errorf("%q: a profile is %d, want %d", step.file, status, step.want)
		}
	}
	r.stop()
	if log := r.log.String(); strings.Count(log, `"level":"WARN","msg":"admin is on`) != 1 {
		t.Errorf("want one warning:\n%s", log)
	}
}

// deadlineRecorder keeps the deadline that a handler sets.
type deadlineRecorder struct {
	*httptest.ResponseRecorder

	deadline time.Time
}

// SetWriteDeadline is for [http.ResponseController].
func (w *deadlineRecorder) SetWriteDeadline(deadline time.Time) error {
	w.deadline = deadline
	return nil
}

// TestProfilesTakeTheirTime asks for profiles that take as long as a scrape may, and
// longer: package pprof moves the deadline, as long as it gets the writer of the server.
func TestProfilesTakeTheirTime(t *testing.T) {
	t.Parallel()
	s, _ := pipedServers(t, "admin: true", consistent{}) // outside: nothing ends its goroutines
	synctest.Test(t, func(t *testing.T) {
		for _, path := range []string{"goroutine?seconds=30", "allocs?seconds=61"} {
			ctx := context.WithValue(t.Context(), http.ServerContextKey, s.metricsServer)
			w, began := &deadlineRecorder{ResponseRecorder: httptest.NewRecorder()}, time.Now()
			s.metricsServer.Handler.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/debug/pprof/"+path, http.NoBody))
			if took := time.Since(began); w.Code != http.StatusOK || took < scrapeTimeout || !w.deadline.After(time.Now()) {
				t.Errorf("%s is %d after %v, with a deadline after %v", path, w.Code, took, w.deadline.Sub(began))
			}
		}
	})
}

// TestCooldownIsSeenAndEnded follows a fault in JSON and in the metrics, and has an
// operator end it, which no page of another site can.
func TestCooldownIsSeenAndEnded(t *testing.T) {
	t.Parallel()
	u := startUpstream(t)
	g := startSharing(t, u, "", "admin: true")
	url := g.operations(t)
	look := func(when, product, reason string) {
		t.Helper()
		_, body := operate(t, http.MethodGet, url+"/cooldown")
		var got struct {
			Enabled bool
			Held    []held
		}
		if err := json.Unmarshal([]byte(body), &got); err != nil || !got.Enabled || got.Held == nil {
			t.Fatalf("%s: %v: %s", when, err, body)
		}
		want := 0
		if product != "" {
			want = 1
		}
		if len(got.Held) != want || want == 1 && (got.Held[0].Product != product || got.Held[0].Reason != reason || got.Held[0].SecondsLeft <= 0 ||
			got.Held[0].SecondsLeft > cooldown.OperatorHold.Seconds() || got.Held[0].Resolution == "") {
			t.Errorf("%s: %s", when, body)
		}
		_, body = operate(t, http.MethodGet, url+"/metrics")
		if n := strings.Count(body, "\ngateway_cooldown_held{"); n != 3*len(cooldown.Reasons()) {
			t.Errorf("%s: %d series of held calls", when, n)
		}
		line := `gateway_cooldown_held{product="` + product + `",reason="` + reason + `"} 1`
		if ones := regexp.MustCompile(`(?m)^gateway_cooldown_held{.*} 1$`).FindAllString(body, -1); len(ones) != want || want == 1 && ones[0] != line {
			t.Errorf("%s: the metrics have %v, want %s", when, ones, line)
		}
		if left := strings.Contains(body, `gateway_cooldown_left_seconds{product="verification"} 0`+"\n"); left != (want == 0) {
			t.Errorf("%s: the time left is 0: %t", when, left)
		}
	}
	look("before", "", "")
	g.expect(t, "code-9018", 9018, false)
	look("held", "verification", "APPKEY_NO_MONEY")
	for _, foreign := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
		if status, body := operate(t, http.MethodDelete, url+"/cooldown", foreign...); status != http.StatusForbidden {
			t.Errorf("%v: %d %s", foreign, status, body)
		}
	}
	if status, body := operate(t, http.MethodDelete, url+"/cooldown/verifications"); status != http.StatusNotFound || !strings.Contains(body, "verification, risk, captcha") {
		t.Errorf("another product: %d %s", status, body)
	}
	if status, body := operate(t, http.MethodDelete, url+"/cooldown/risk"); status != http.StatusOK || body != `{"lifted":[]}`+"\n" {
		t.Errorf("another product: %d %s", status, body)
	}
	g.expect(t, "code-9000", 9018, true)
	if status, body := operate(t, http.MethodDelete, url+"/cooldown/verification"); status != http.StatusOK || !strings.Contains(body, `"reason":"APPKEY_NO_MONEY"`) {
		t.Errorf("ended: %d %s", status, body)
	}
	look("ended", "", "")
	g.expect(t, "code-9000", 0, false)
	g.stop()
	told := regexp.MustCompile(`"level":"WARN","msg":"the cool-down was ended on request","lifted":\["verification=APPKEY_NO_MONEY"\],"peer.address":"127.0.0.1:\d+"`)
	if log := g.log.String(); !told.MatchString(log) {
		t.Errorf("the log does not say who ended it:\n%s", log)
	}
}

// TestCooldownIsEndedForAll ends at one gateway what holds the calls of another.
func TestCooldownIsEndedForAll(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	u := startUpstream(t)
	first, second := startSharing(t, u, "unix://"+server.Socket, "admin: true"), startSharing(t, u, "unix://"+server.Socket, "admin: true")
	first.expect(t, "code-9007", 9007, false)
	first.expectCaptcha(t, "code-9018", 9018, false)
	if _, body := operate(t, http.MethodGet, second.operations(t)+"/cooldown"); strings.Count(body, `"product"`) != 2 {
		t.Errorf("the other gateway shows %s", body)
	}
	if status, body := operate(t, http.MethodDelete, second.operations(t)+"/cooldown"); status != http.StatusOK || strings.Count(body, `"product"`) != 2 {
		t.Errorf("ended: %d %s", status, body)
	}
	first.expect(t, "code-9000", 0, false)
	first.expectCaptcha(t, "code-0", 0, false)
	server.Kill()
	if status, body := operate(t, http.MethodDelete, second.operations(t)+"/cooldown"); status != http.StatusServiceUnavailable || !strings.Contains(body, "this gateway only") {
		t.Errorf("without Redis: %d %s", status, body)
	}
	second.stop()
	if log := second.log.String(); !strings.Contains(log, "the cool-down was ended here, but not in the shared store") {
		t.Errorf("the log does not say so:\n%s", log)
	}
}

// hanging is a shared store that never answers.
type hanging struct{ cooldown.Store }

func (hanging) Look(context.Context, string) (cooldown.Entry, error) {
	time.Sleep(time.Hour)
	return cooldown.Entry{}, nil
}

// TestScrapeDoesNotHang reads the cool-down of a store that does.
func TestScrapeDoesNotHang(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cool := cooldown.NewShared(hanging{}, shared.NewGuard(shared.DefaultTimeout, slog.New(slog.DiscardHandler)))
		g, err := gateway.New(gateway.Config{
			UpstreamURL: "https://api.example", AppKey: "key", MasterSecret: secret, Cooldown: cool, Transport: consistent{},
		})
		if err != nil {
			t.Fatal(err)
		}
		registry := prometheus.NewRegistry()
		registry.MustRegister(heldCollector{g})
		began := time.Now()
		n, err := testutil.GatherAndCount(registry, "gateway_cooldown_held")
		if waited := time.Since(began); err != nil || n != 3*len(cooldown.Reasons()) || waited > 3*shared.DefaultTimeout {
			t.Errorf("%d series after %v, %v", n, waited, err)
		}
		time.Sleep(2 * time.Hour) // no goroutine outlives the bubble
	})
}

// TestOwnMetrics has no cool-down, and a build.
func TestOwnMetrics(t *testing.T) {
	t.Parallel()
	s, _ := pipedServers(t, "cooldown: off", consistent{})
	registry := s.signals.registry
	if n, err := testutil.GatherAndCount(registry, "gateway_cooldown_held", "gateway_cooldown_left_seconds"); n != 0 || err != nil {
		t.Errorf("%d series of a cool-down that is off, %v", n, err)
	}
	if problems, err := testutil.GatherAndLint(registry, "gateway_build_info"); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
	w := httptest.NewRecorder()
	s.metricsServer.Handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/metrics", http.NoBody))
	// A test has no revision.
	if want := `gateway_build_info{goversion="` + runtime.Version() + `",revision="unknown",version="`; !strings.Contains(w.Body.String(), want) {
		t.Errorf("the metrics lack %s", want)
	}
	w = httptest.NewRecorder()
	s.metricsServer.Handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/cooldown", http.NoBody))
	if got := w.Body.String(); got != `{"enabled":false,"held":[]}`+"\n" {
		t.Errorf("/cooldown is %s", got)
	}
}
