package rest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/grpc/codes"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

// canned answers every request alike.
func canned(httpStatus int, body []byte) *http.Client {
	return &http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: httpStatus,
			Header:     http.Header{},
			Body:       io.NopCloser(bytes.NewReader(body)),
			Request:    req,
		}, nil
	})}
}

// wantCode reads the code in another way than the package does.
func wantCode(body []byte) (code int64, ok bool) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var object map[string]any
	if !json.Valid(body) || decoder.Decode(&object) != nil {
		return 0, false
	}
	number, ok := object["code"].(json.Number)
	if !ok {
		return 0, false
	}
	code, err := number.Int64()
	return code, err == nil && int64(int32(code)) == code
}

// FuzzDo holds that only a numeric code in a JSON object is a success, and
// that nothing of a body without one gets to the wire.
func FuzzDo(f *testing.F) {
	for _, body := range bodiesWithoutCode {
		f.Add(uint16(http.StatusBadGateway), []byte(body))
	}
	for code := range codetable.All[Code]() {
		f.Add(uint16(http.StatusOK), fmt.Appendf(nil, `{"id":117270465679982593,"code":%d,"content":"c","exID":"e"}`, code))
	}
	f.Add(uint16(http.StatusOK), []byte("{\"code\":-1,\"content\":\"\xff\",\"id\":[],\"riskCheck\":{\"code\":0}}"))
	f.Fuzz(func(t *testing.T, httpStatus uint16, body []byte) {
		number, coded := wantCode(body)
		spec, _ := codetable.Lookup(Code(number))
		err := rest.Do[Code](canned(int(httpStatus), body), newRequest(t, "http://upstream.test"), nil)
		if err == nil {
			if !coded || spec.GRPCCode() != codes.OK {
				t.Fatalf("%q was taken for a success", body)
			}
			return
		}
		got, ok := codetable.CodeOf[Code](err)
		if ok != coded || coded && int64(got) != number {
			t.Fatalf("code = %d, %t; want %d, %t", got, ok, number, coded)
		}
		st := statusOf(t, err)
		message := fmt.Sprintf("upstream answered HTTP %d without a response code", httpStatus)
		if coded {
			message = spec.Notes()
		}
		if st.Code() == codes.OK || st.Message() != message {
			t.Errorf("status = %v; want a failure with the message %q", st, message)
		}
		if text := err.Error(); !coded && (!utf8.ValidString(text) || strings.Contains(text, "\n") || len(text) > 1<<10) {
			t.Errorf("text = %q; want one short line of valid UTF-8", text)
		}
	})
}
