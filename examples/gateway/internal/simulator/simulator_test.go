package simulator_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
)

const phone = "13912345679"

// endpoints maps each path to the field that holds its token.
var endpoints = map[string]string{
	"/v1/web/verify":              "token",
	"/v2/web/verify":              "token",
	"/v1/web/h5/verify":           "token",
	"/v2/web/h5/verify":           "token",
	"/v1/web/loginTokenVerify":    "loginToken",
	"/v2/web/loginTokenVerify":    "loginToken",
	"/v1/web/h5/loginTokenVerify": "loginToken",
	"/v2/web/h5/loginTokenVerify": "loginToken",
	"/v2/web/queryBusinessRisk":   "phone",
	"/action/check":               "captchaContent",
	"/v1/admin/open":              "app_key",
}

// keyPair has the size that the upstream documents.
var keyPair = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		panic(err)
	}
	return key
})

// clock is a clock that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

func (c *clock) Advance(d time.Duration) { c.Set(c.Now().Add(d)) }

// newSimulator returns a simulator whose clock stands still, a second short of
// noon in Shanghai.
func newSimulator(t *testing.T, change ...func(*simulator.Config)) (*simulator.Simulator, *clock) {
	t.Helper()
	now := &clock{now: time.Date(2025, time.March, 1, 3, 59, 59, 0, time.UTC)}
	config := simulator.DefaultConfig()
	config.Clock = now.Now
	config.PublicKey = &keyPair().PublicKey
	for _, f := range change {
		f(&config)
	}
	s, err := simulator.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return s, now
}

// object is a JSON object, as sent or received.
type object map[string]any

func (o object) code(t *testing.T) int {
	t.Helper()
	n, err := o["code"].(json.Number).Int64()
	if err != nil {
		t.Fatalf("code %v: %v", o["code"], err)
	}
	return int(n)
}

// keys returns the field names in order, as one string.
func (o object) keys() string {
	return strings.Join(slices.Sorted(maps.Keys(o)), " ")
}

// newRequest returns a valid request for a path.
func newRequest(t *testing.T, path string, body object) *http.Request {
	t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(string(data)))
	r.Header.Set("Content-Type", "application/json")
	config := simulator.DefaultConfig()
	if path == "/v1/admin/open" {
		r.SetBasicAuth(config.DevKey, config.DevSecret)
	} else {
		r.SetBasicAuth(config.AppKey, config.MasterSecret)
	}
	return r
}

// send returns the HTTP status and the body, with its numbers as they came.
func send(t *testing.T, s http.Handler, r *http.Request) (int, object) {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	var body object
	decoder := json.NewDecoder(w.Body)
	decoder.UseNumber()
	if err := decoder.Decode(&body); err != nil {
		t.Fatalf("%s: decode reply: %v", r.URL.Path, err)
	}
	return w.Code, body
}

func post(t *testing.T, s http.Handler, path string, body object) object {
	t.Helper()
	_, reply := send(t, s, newRequest(t, path, body))
	return reply
}

func wantCode(t *testing.T, reply object, want int) {
	t.Helper()
	if got := reply.code(t); got != want {
		t.Errorf("code = %d (%v), want %d", got, reply["content"], want)
	}
}
