package rest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

// Headers that the handler set for its own body do not spoil the answer. HEAD
// gets only the header.
func TestWriteErrorOverHTTP(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		w.Header().Set("Content-Length", "3")
		w.Header().Set("Cache-Control", "public, max-age=86400")
		rest.WriteError(w, r, codetable.NewError(tooSoon))
	}))
	t.Cleanup(server.Close)
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		req, err := http.NewRequestWithContext(t.Context(), method, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") != "30" || resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: HTTP %d %v, %v", method, resp.StatusCode, resp.Header, err)
		}
		if got := json.Valid(body); got != (method == http.MethodGet) || !got && len(body) > 0 {
			t.Errorf("%s: body = %q", method, body)
		}
	}
}

// Seconds are rounded up, so that no caller retries too early.
func TestWriteErrorRetryAfter(t *testing.T) {
	t.Parallel()
	for delay, want := range map[time.Duration]string{
		0:                                  "0",
		1:                                  "1",
		time.Second:                        "1",
		time.Second + 1:                    "2",
		90*time.Second + time.Millisecond:  "91",
		day:                                "86400",
		time.Duration(1<<63 - 1):           "9223372036",
		-time.Second:                       "0",
		-time.Nanosecond:                   "0",
		2*time.Hour - 500*time.Microsecond: "7200",
	} {
		raw, err := anypb.New(&errdetails.RetryInfo{RetryDelay: durationpb.New(delay)})
		if err != nil {
			t.Fatal(err)
		}
		st := &spb.Status{Code: int32(codes.Unavailable), Message: "m", Details: []*anypb.Any{raw}}
		if got := write(status.FromProto(st).Err(), "").Header().Get("Retry-After"); got != want {
			t.Errorf("Retry-After of %v = %q; want %q", delay, got, want)
		}
		if delay < 0 {
			continue // the delay is not valid
		}
		err = codetable.NewError(qpsLimit, codetable.WithRetryAfter(delay))
		if got := write(err, "").Header().Get("Retry-After"); got != want {
			t.Errorf("Retry-After of QPS_LIMIT after %v = %q; want %q", delay, got, want)
		}
	}
	for _, err := range []error{codetable.NewError(notConsistent), status.Error(codes.Unavailable, "m")} {
		if got, ok := write(err, "").Header()["Retry-After"]; ok {
			t.Errorf("Retry-After of %v = %q; want none", err, got)
		}
	}
}

func TestWriteErrorLanguage(t *testing.T) {
	t.Parallel()
	spec, _ := codetable.Lookup(tokenExpired)
	english, _ := spec.UserMessage("en")
	chinese, _ := spec.UserMessage("zh-CN")
	for header, want := range map[string]string{
		"":                                       "",
		"en":                                     "en",
		"en-GB":                                  "en",
		"zh-CN":                                  "zh-CN",
		"zh":                                     "zh-CN",
		"zh-Hans":                                "zh-CN",
		"de":                                     "en", // the default locale of the table
		"*":                                      "en",
		"de, zh-CN;q=0.5, en;q=0.4":              "zh-CN",
		"en;q=0.4, zh-CN;q=0.5":                  "zh-CN",
		"de;q=1, *;q=0.1":                        "en",
		"zh-CN;q=0.001":                          "zh-CN",
		"zh-CN;q=x":                              "en",
		";;;,,,":                                 "en",
		"\xff\xfe":                               "en",
		"en\r\nX-Injected: 1":                    "en",
		strings.Repeat("x", 1<<16):               "en",
		"zh-CN, " + strings.Repeat("en, ", 1000): "zh-CN",
	} {
		w := write(codetable.NewError(tokenExpired), header)
		if got := w.Header().Get("Content-Language"); got != want {
			t.Errorf("Accept-Language %.40q: Content-Language = %q; want %q", header, got, want)
		}
		if body := w.Body.String(); strings.Contains(body, english) != (want == "en") || strings.Contains(body, chinese) != (want == "zh-CN") {
			t.Errorf("Accept-Language %.40q: body = %s; want the sentence in %q", header, body, want)
		}
		if len(w.Header()["X-Injected"]) > 0 {
			t.Errorf("header = %v", w.Header())
		}
	}
}

// Several Accept-Language lines form one list. They have priority over the
// metadata in the context, which is not changed.
func TestWriteErrorLanguageLines(t *testing.T) {
	t.Parallel()
	incoming := metadata.Pairs("accept-language", "en", "x-tenant", "t-1")
	req := httptest.NewRequest(http.MethodGet, "/", nil)
	req = req.WithContext(metadata.NewIncomingContext(req.Context(), incoming))
	serve := func() string {
		w := httptest.NewRecorder()
		rest.WriteError(w, req, codetable.NewError(tokenExpired))
		return w.Header().Get("Content-Language")
	}
	if got := serve(); got != "en" {
		t.Errorf("Content-Language = %q; want the language in the metadata", got)
	}
	plain := req
	req = req.WithContext(metadata.NewIncomingContext(req.Context(), metadata.Pairs("grpcgateway-accept-language", "zh-CN")))
	if got := serve(); got != "zh-CN" {
		t.Errorf("Content-Language = %q; want the language in the metadata of grpc-gateway", got)
	}
	req = plain
	req.Header["Accept-Language"] = []string{"de", "zh-CN;q=0.5"}
	if got := serve(); got != "zh-CN" {
		t.Errorf("Content-Language = %q; want the language of the second line", got)
	}
	if got := incoming.Get("accept-language"); len(got) != 1 || got[0] != "en" {
		t.Errorf("the metadata of the context was changed to %q", got)
	}
}

// The LocalizedMessage of another server may have no language.
func TestWriteErrorOfForeignSentence(t *testing.T) {
	t.Parallel()
	for locale, want := range map[string][]string{"": nil, "fr": {"fr"}} {
		raw, err := anypb.New(&errdetails.LocalizedMessage{Locale: locale, Message: "m"})
		if err != nil {
			t.Fatal(err)
		}
		st := &spb.Status{Code: int32(codes.NotFound), Message: "m", Details: []*anypb.Any{raw}}
		if got := write(status.FromProto(st).Err(), "de").Header()["Content-Language"]; !reflect.DeepEqual(got, want) {
			t.Errorf("Content-Language of %q = %q; want %q", locale, got, want)
		}
	}
}
