package rest_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

// BenchmarkDo measures the cost of a reply without the network. The body is
// parsed once, and the code is found in its bytes. The baseline "parse=twice"
// parses the body again to find the code.
func BenchmarkDo(b *testing.B) {
	const success = `{"id":117270465679982593,"code":9000,"content":"verify consistent","exID":"e-1"}`
	for _, bb := range []struct {
		name, body string
		into       func() any
		opts       []rest.Option
	}{
		{"reply=success/parse=once", success, func() any { return &verifyReply{} }, nil},
		{"reply=success/parse=twice", success, func() any { return &verifyReply{} }, []rest.Option{rest.WithCode(parsedCode)}},
		{"reply=success/into=nil", success, func() any { return nil }, nil},
		{"reply=failure", `{"id":117270465679982593,"code":9001,"content":"verify not consistent","exID":"e-1"}`, func() any { return &verifyReply{} }, nil},
		{"reply=no-code", `<html><body>502 Bad Gateway</body></html>`, func() any { return nil }, nil},
	} {
		b.Run(bb.name, func(b *testing.B) {
			client := canned(http.StatusOK, []byte(bb.body))
			req := newRequest(b, "http://upstream.test")
			b.ReportAllocs()
			for b.Loop() {
				if err := rest.Do[Code](client, req, bb.into(), bb.opts...); (err == nil) != (bb.body == success) {
					b.Fatal(err)
				}
			}
		})
	}
}

// parsedCode parses the body to read the code.
func parsedCode(_ *http.Response, body []byte) (number int32, ok bool) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var document map[string]any
	if decoder.Decode(&document) != nil {
		return 0, false
	}
	code, ok := document["code"].(json.Number)
	if !ok {
		return 0, false
	}
	n, err := code.Int64()
	return int32(n), err == nil && int64(int32(n)) == n
}

func BenchmarkWriteError(b *testing.B) {
	req := httptest.NewRequest(http.MethodGet, "/", nil)
	req.Header.Set("Accept-Language", "zh-CN,zh;q=0.9,en;q=0.8")
	err := codetable.NewError(tokenExpired)
	b.ReportAllocs()
	for b.Loop() {
		rest.WriteError(httptest.NewRecorder(), req, err)
	}
}
