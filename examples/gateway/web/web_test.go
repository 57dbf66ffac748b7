package web_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/examples/gateway/web"
)

func serve(t *testing.T, method, target, etag string) *httptest.ResponseRecorder {
	t.Helper()
	handler, err := web.Handler(web.Info{Simulated: true})
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequestWithContext(t.Context(), method, target, http.NoBody)
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	resp := httptest.NewRecorder()
	handler.ServeHTTP(resp, req)
	return resp
}

// TestPageIsWhole follows what the page names to the files that were built.
func TestPageIsWhole(t *testing.T) {
	t.Parallel()
	page := serve(t, http.MethodGet, "/", "")
	if page.Code != http.StatusOK || page.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("/: %d, %v", page.Code, page.Header())
	}
	named := regexp.MustCompile(`(?:src|href)="(/[^"]+)"`).FindAllStringSubmatch(page.Body.String(), -1)
	types := map[string]string{}
	for _, match := range named {
		file := serve(t, http.MethodGet, match[1], "")
		if file.Code != http.StatusOK || file.Body.Len() == 0 {
			t.Errorf("%s: %d", match[1], file.Code)
		}
		types[file.Header().Get("Content-Type")] = file.Header().Get("Cache-Control")
	}
	const forever, ask = "public, max-age=31536000, immutable", "no-cache"
	for mediaType, want := range map[string]string{
		"text/javascript; charset=utf-8": forever, "text/css; charset=utf-8": forever, "image/svg+xml": ask,
	} {
		if got := types[mediaType]; got != want {
			t.Errorf("%s: Cache-Control = %q, want %q", mediaType, got, want)
		}
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		method, target string
		code           int
		body           string
	}{
		{http.MethodGet, "/page.json", http.StatusOK, `{"simulated":true,"login":false}`},
		{http.MethodHead, "/", http.StatusOK, ""},
		{http.MethodGet, "/?from=elsewhere", http.StatusOK, `<div id="app">`},
		{http.MethodGet, "/index.html", http.StatusNotFound, ""}, // one page, one address
		{http.MethodGet, "/assets/", http.StatusNotFound, ""},    // no list of files
		{http.MethodGet, "/package.json", http.StatusNotFound, ""},
		{http.MethodPost, "/", http.StatusMethodNotAllowed, ""},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.target, func(t *testing.T) {
			t.Parallel()
			resp := serve(t, tt.method, tt.target, "")
			if resp.Code != tt.code || !strings.Contains(resp.Body.String(), tt.body) {
				t.Errorf("%d: %s", resp.Code, resp.Body)
			}
			policy := resp.Header().Get("Content-Security-Policy")
			if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
				t.Errorf("Content-Security-Policy = %q", policy)
			}
		})
	}
}

// TestAdvance posts to the path with which the page skips a wait.
func TestAdvance(t *testing.T) {
	t.Parallel()
	advance := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	for _, tt := range []struct {
		method  string
		advance http.Handler
		code    int
	}{
		{http.MethodPost, advance, http.StatusNoContent},
		{http.MethodGet, advance, http.StatusMethodNotAllowed},
		{http.MethodPost, nil, http.StatusNotFound},
	} {
		handler, err := web.Handler(web.Info{Advance: tt.advance})
		if err != nil {
			t.Fatal(err)
		}
		resp := httptest.NewRecorder()
		handler.ServeHTTP(resp, httptest.NewRequestWithContext(t.Context(), tt.method, "/simulator/advance", http.NoBody))
		if resp.Code != tt.code {
			t.Errorf("%s with the handler %v: %d, want %d", tt.method, tt.advance != nil, resp.Code, tt.code)
		}
	}
}

func TestUnchangedIsNotSentAgain(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"/", "/page.json"} {
		etag := serve(t, http.MethodGet, target, "").Header().Get("ETag")
		if resp := serve(t, http.MethodGet, target, etag); etag == "" || resp.Code != http.StatusNotModified || resp.Body.Len() > 0 {
			t.Errorf("%s with the ETag %s: %d, %d bytes", target, etag, resp.Code, resp.Body.Len())
		}
		if resp := serve(t, http.MethodGet, target, `"another"`); resp.Code != http.StatusOK {
			t.Errorf("%s with another ETag: %d", target, resp.Code)
		}
	}
}
