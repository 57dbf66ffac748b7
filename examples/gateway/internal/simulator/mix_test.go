package simulator_test

import (
	"compress/gzip"
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
)

func parseMix(t *testing.T, text string) simulator.Mix {
	t.Helper()
	mix, err := simulator.ParseMix(text)
	if err != nil {
		t.Fatal(err)
	}
	return mix
}

// answers returns the results of a number of calls with a token that was not issued:
// codes, or 502 for a page.
func answers(t *testing.T, text string, seed uint64, calls int) []int {
	t.Helper()
	s, _ := newSimulator(t, func(c *simulator.Config) { c.Mix, c.Seed = parseMix(t, text), seed })
	var got []int
	for range calls {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, newRequest(t, "/v1/web/verify", object{"token": "never issued", "phone": phone}))
		var body struct {
			Code int `json:"code"`
		}
		if json.Unmarshal(w.Body.Bytes(), &body) != nil {
			body.Code = w.Code
		}
		got = append(got, body.Code)
	}
	return got
}

func TestMixKeepsItsShares(t *testing.T) {
	t.Parallel()
	const calls = 4000
	counts := map[int]int{}
	for _, code := range answers(t, "success=70,1804=10, 77=4.5,fault-html502=5", 1, calls) {
		counts[code]++
	}
	want := map[int]float64{9000: 70, 1804: 10, 77: 4.5, 502: 5, 9003: 10.5} // the rest is the model's
	for code, percent := range want {
		if got := 100 * float64(counts[code]) / calls; got < percent-1.5 || got > percent+1.5 {
			t.Errorf("%d has a share of %.1f %%, want %.1f %%", code, got, percent)
		}
	}
	if len(counts) != len(want) {
		t.Errorf("answers %v, want only those of the mix", counts)
	}
}

func TestMixIsRepeatable(t *testing.T) {
	t.Parallel()
	const mix = "success=50,1804=50"
	first := answers(t, mix, 1, 100)
	if again := answers(t, mix, 1, 100); !slices.Equal(first, again) {
		t.Errorf("with the same seed:\n%v\n%v", first, again)
	}
	if other := answers(t, mix, 2, 100); slices.Equal(first, other) {
		t.Errorf("with another seed too: %v", other)
	}
}

func TestMixKnowsEachSuccess(t *testing.T) {
	t.Parallel()
	successes := map[string]int{"token": 9000, "loginToken": 8000, "phone": 0, "captchaContent": 0, "app_key": 9200}
	s, _ := newSimulator(t, func(c *simulator.Config) { c.Mix = parseMix(t, "success=100") })
	for path, field := range endpoints {
		wantCode(t, post(t, s, path, object{field: "x"}), successes[field])
	}
}

// TestMixLeavesAlone checks calls that are refused at once, and reserved tokens.
func TestMixLeavesAlone(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t, func(c *simulator.Config) { c.Mix = parseMix(t, "1804=100") })
	wantCode(t, post(t, s, "/v1/web/verify", object{"token": ""}), 9012)
	wantCode(t, post(t, s, "/v1/web/verify", object{"token": "code-9003"}), 9003)
	wantCode(t, post(t, s, "/v1/web/verify", object{"token": "any"}), 1804)
}

// TestMixedFaultSpendsTheToken uses a fault with a readable answer.
func TestMixedFaultSpendsTheToken(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t, func(c *simulator.Config) { c.Mix = parseMix(t, "fault-gzip=100") })
	token := s.IssueToken(phone)
	for _, want := range []int{9000, 9003} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, newRequest(t, "/v1/web/verify", object{"token": token, "phone": phone}))
		unpacked, err := gzip.NewReader(w.Body)
		if err != nil || w.Header().Get("Content-Encoding") != "gzip" {
			t.Fatalf("no gzip: %v, headers %v", err, w.Header())
		}
		decoder := json.NewDecoder(unpacked)
		decoder.UseNumber()
		var reply object
		if err := decoder.Decode(&reply); err != nil {
			t.Fatal(err)
		}
		wantCode(t, reply, want)
	}
}

func TestParseMixRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                        "want NAME=PERCENT",
		"9003":                    "want NAME=PERCENT",
		"9003=5,":                 "want NAME=PERCENT",
		"9003=x":                  "want a percentage",
		"9003=0":                  "want a percentage",
		"9003=-1":                 "want a percentage",
		"9003=101":                "want a percentage",
		"9003=NaN":                "want a percentage",
		"x=1":                     "want a code",
		"2147483648=1":            "want a code",
		"fault-=1":                "want a code",
		"fault-x=1":               "gzip, hang, html502, latency, mediatype, reset, slow, truncated",
		"9003=60,fault-reset=60":  "adds up to 120 percent",
		"9003=5,code-9003=5":      `mix entry "code-9003=5"`,
		"9003=50,fault-reset=x50": `mix entry "fault-reset=x50"`,
	} {
		if _, err := simulator.ParseMix(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseMix(%q) = %v, want %q", text, err, want)
		}
	}
	for _, text := range []string{"9003=100", "-1=1", "0=33.3,1=33.3,2=33.4", "0=19.8,1=29.6,2=27.9,3=22.7"} {
		if _, err := simulator.ParseMix(text); err != nil {
			t.Errorf("ParseMix(%q) = %v", text, err)
		}
	}
}
