package edge_test

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/edge"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

const verifyRoute = "/v1/numbers:verify"

// maxAnswer bounds an answer: a status is in it once or twice, in base64 or in JSON.
const maxAnswer = 32 << 10

// FuzzRequest sends anything to the edge, by each protocol. A request that the
// service never saw is not answered with a success, nothing of a request is
// repeated, and what REST reads is what protojson reads.
func FuzzRequest(f *testing.F) {
	var seen *jverificationv1.VerifyNumberRequest
	served := false
	service := stubbed(func(_ context.Context, req *jverificationv1.VerifyNumberRequest) error {
		seen, served = req, true
		return nil
	})
	handler, err := edge.New(service.backend(), edge.Config{})
	if err != nil {
		f.Fatal(err)
	}
	const unary, stream = jverificationv1.VerificationService_VerifyNumber_FullMethodName, jverificationv1.VerificationService_VerifyNumbers_FullMethodName
	paths := append(slices.Sorted(maps.Values(edge.Routes())), unary, stream, "/v1/none", "/")
	route := uint8(slices.Index(paths, verifyRoute))
	f.Add(route, "POST", "application/json", "Accept-Language", locale, []byte(`{"phone":"`+phone+`","token":"`+token+`"}`))
	f.Add(route, "POST", "application/json", "X-Server-Timeout", "1e9", []byte(`{"phone":[1],"surface":"NEW","assess_risk":{}}`))
	f.Add(route, "POST", "application/json; charset=utf-8", "Content-Encoding", "gzip", []byte("\x1f\x8b"))
	f.Add(route, "GET", "text/plain", "Trace-Bin", "!", []byte(`{"assessRisk":true,"assess_risk":false}`))
	for i, path := range paths {
		for _, media := range []string{"application/grpc-web+proto", "application/grpc-web-text", "application/grpc+proto", "application/proto", "application/json", "application/connect+json"} {
			if path == unary || path == stream {
				f.Add(uint8(i), "POST", media, "Grpc-Timeout", "1S", []byte("\x00\x00\x00\x00\x04\x0a\x02\x31\x33"))
				f.Add(uint8(i), "POST", media, "Connect-Timeout-Ms", "x", []byte("\x80\xff\xff\xff\xff{}"))
			}
		}
	}
	f.Fuzz(func(t *testing.T, path uint8, verb, media, name, value string, body []byte) {
		seen, served = nil, false
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/", bytes.NewReader(body))
		r.Method, r.URL.Path, r.Proto, r.ProtoMajor = verb, paths[int(path)%len(paths)], "HTTP/2.0", 2
		r.Header = http.Header{"Content-Type": {media}}
		r.Header[http.CanonicalHeaderKey(name)] = []string{value}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		answer := w.Result()
		text := w.Body.String()
		header := answer.Header.Clone()
		maps.Copy(header, answer.Trailer)
		if len(text) > maxAnswer {
			t.Errorf("the answer has %d bytes", len(text))
		}
		for _, secret := range []string{phone, token} {
			if strings.Contains(text, secret) {
				t.Errorf("%s is repeated in %s", secret, text)
			}
		}
		if !served && succeeded(w.Code, header, text, r) {
			t.Errorf("%s %s %s was answered %d %v %q, but not served", verb, r.URL.Path, media, w.Code, header, text)
		}
		if strings.HasPrefix(r.URL.Path, "/v1/") {
			checkREST(t, w, body, seen, r.Header.Get("Content-Encoding") == "")
		}
	})
}

// succeeded reports whether a client of any protocol reads a success: a stream
// may have ended without a message.
func succeeded(status int, header http.Header, text string, r *http.Request) bool {
	number := header.Get("Grpc-Status") + header.Get(http.TrailerPrefix+"Grpc-Status")
	switch {
	case status != http.StatusOK || number != "" && number != "0":
		return false
	case strings.Contains(text, `"error":`), strings.Contains(strings.ToLower(text), "grpc-status: "): // the end of a stream in the body
		return strings.Contains(strings.ToLower(text), "grpc-status: 0\r\n")
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc-web-text"):
		return false // base64 hides the end
	default:
		return r.Method != http.MethodOptions
	}
}

func checkREST(t *testing.T, w *httptest.ResponseRecorder, body []byte, seen *jverificationv1.VerifyNumberRequest, plain bool) {
	t.Helper()
	if text := w.Body.Bytes(); len(text) > 0 && !json.Valid(text) {
		t.Errorf("%d %q is not JSON", w.Code, text)
	}
	if seen == nil || !plain {
		return
	}
	want := &jverificationv1.VerifyNumberRequest{}
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(body, want); len(body) > 0 && err != nil || !proto.Equal(want, seen) {
		t.Errorf("%q was read as %v, want %v, %v", body, seen, want, err)
	}
}
