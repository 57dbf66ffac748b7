package rest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

// fields reads the top level of a document in another way than the package
// does. It returns each value of each name, and nil for a document that is not
// an object.
func fields(body []byte) (names map[string][]json.RawMessage) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if first, err := decoder.Token(); !json.Valid(body) || err != nil || first != json.Delim('{') {
		return nil
	}
	names = map[string][]json.RawMessage{}
	for decoder.More() {
		name, _ := decoder.Token()
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return nil
		}
		names[name.(string)] = append(names[name.(string)], value)
	}
	return names
}

// wantCode reads the field "code" and reports whether it contains anything.
func wantCode(body []byte) (code int64, ok, present bool) {
	names := fields(body)
	for name := range names {
		present = present || strings.EqualFold(name, "code")
	}
	values := names["code"]
	if len(values) == 0 {
		return 0, false, present
	}
	for _, value := range values {
		if !bytes.Equal(value, values[0]) {
			return 0, false, true
		}
	}
	var number json.Number
	if values[0][0] != '"' && json.Unmarshal(values[0], &number) != nil {
		return 0, false, true
	}
	s := number.String()
	if values[0][0] == '"' && json.Unmarshal(values[0], &s) != nil {
		return 0, false, true
	}
	if string(values[0]) == "null" {
		return 0, false, false
	}
	if before, after, point := strings.Cut(s, "."); point && len(after) > 0 && strings.Count(after, "0") == len(after) {
		s = before
	}
	code, err := strconv.ParseInt(s, 10, 64)
	return code, err == nil && s[0] != '+' && int64(int32(code)) == code, true
}

// FuzzDo demands that only a success code in a JSON object is a success, or a
// 2xx reply without a code if the option allows it. The status must contain
// nothing of a reply except the code, the HTTP status and the delay.
func FuzzDo(f *testing.F) {
	for _, list := range []map[string]string{withoutCode, codeless} {
		for _, body := range list {
			if len(body) < 1<<10 {
				f.Add(uint16(http.StatusBadGateway), []byte(body), "7", false)
				f.Add(uint16(http.StatusOK), []byte(body), "", true)
			}
		}
	}
	for code := range codetable.All[Code]() {
		f.Add(uint16(http.StatusOK), fmt.Appendf(nil, `{"id":117270465679982593,"code":%d,"content":"c","exID":"e"}`, code), "Wed, 21 Oct 2099 07:28:00 GMT", false)
	}
	f.Add(uint16(http.StatusOK), []byte("{\"code\":\"-1\",\"content\":\"\xff\",\"id\":[],\"riskCheck\":{\"code\":0}}"), "99999999999999999999", true)
	f.Fuzz(func(t *testing.T, httpStatus uint16, body []byte, retryAfter string, implicit bool) {
		opts := []rest.Option{rest.WithContentField("content")}
		if implicit {
			opts = append(opts, rest.WithImplicitSuccess())
		}
		number, coded, present := wantCode(body)
		spec, _ := codetable.Lookup(Code(number))
		err := rest.Do[Code](canned(int(httpStatus), body, "Retry-After", retryAfter), newRequest(t, "http://upstream.test"), nil, opts...)
		if err == nil {
			silent := implicit && httpStatus/100 == 2 && !present && (len(body) == 0 || json.Valid(body))
			if !silent && (!coded || spec.GRPCCode() != codes.OK) {
				t.Fatalf("%q was taken for a success", body)
			}
			return
		}
		got, ok := codetable.CodeOf[Code](err)
		if ok != coded || coded && int64(got) != number {
			t.Fatalf("code = %d, %t; want %d, %t", got, ok, number, coded)
		}
		if st := statusOf(t, err).Proto(); st.GetCode() == 0 || !proto.Equal(withoutRetryInfo(st), withoutRetryInfo(bare(httpStatus, spec, coded))) {
			t.Errorf("status = %v; want nothing of the body", st)
		}
		if text := err.Error(); !utf8.ValidString(text) || strings.Contains(text, "\n") || len(text) > 2<<10 {
			t.Errorf("text = %q; want one short line of valid UTF-8", text)
		}
		if retry, _ := retryInfoOf(statusOf(t, err)); retry < 0 || retry > 24*time.Hour {
			t.Errorf("delay = %v; want at most a day", retry)
		}
	})
}

// bare returns the status that contains only the code or the HTTP status.
func bare(httpStatus uint16, spec codetable.Spec, coded bool) *spb.Status {
	if coded {
		coded, _ := errors.AsType[*codetable.Error](spec.NewError())
		return coded.GRPCStatus().Proto()
	}
	code := codes.Unknown
	if mapped, ok := httpMapping[int(httpStatus)]; ok {
		code = mapped
	}
	return status.New(code, fmt.Sprintf("upstream answered HTTP %d without a response code", httpStatus)).Proto()
}

func retryInfoOf(st *status.Status) (time.Duration, bool) {
	for _, detail := range st.Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok {
			return retry.GetRetryDelay().AsDuration(), true
		}
	}
	return 0, false
}

func withoutRetryInfo(st *spb.Status) *spb.Status {
	list := st.Details
	st.Details = nil
	for _, detail := range list {
		if !detail.MessageIs((*errdetails.RetryInfo)(nil)) {
			st.Details = append(st.Details, detail)
		}
	}
	return st
}

// FuzzPath demands that a field of the top level is found as by encoding/json.
func FuzzPath(f *testing.F) {
	f.Add([]byte(`{"code":9001,"id":"\u0061","a\n":{"b":[1,"]}",{"c":-1.5e3}]}}`), "id")
	f.Add([]byte(` {"co\u0064e" : 1 , "" : "\\\"" } `), "")
	f.Fuzz(func(t *testing.T, body []byte, name string) {
		if !utf8.ValidString(name) || strings.Contains(name, ".") || strings.ContainsRune(name, utf8.RuneError) || !utf8.Valid(body) {
			t.Skip("a dot makes a path; encoding/json makes text valid")
		}
		if len(body) > 0 && strings.Trim(name, "0123456789") == "" && fields(body) == nil {
			t.Skip("a place in a list")
		}
		failed := rest.WithCode(func(*http.Response, []byte) (int32, bool) { return int32(notConsistent), true })
		err := rest.Do[Code](canned(200, body), newRequest(t, "http://upstream.test"), nil, failed, rest.WithMetadataField(name, "found"))
		want := ""
		if values := fields(body)[name]; len(values) == 1 {
			switch decoder := json.NewDecoder(bytes.NewReader(values[0])); values[0][0] {
			case '"':
				_ = decoder.Decode(&want)
			case '{', '[', 't', 'f', 'n':
			default:
				want = string(values[0])
			}
		} else if len(values) > 1 {
			t.Skip("doubled")
		}
		if got := codedOf(t, err).Metadata()["found"]; got != want && !strings.ContainsRune(want, utf8.RuneError) {
			t.Errorf("%q of %q = %q; want %q", name, body, got, want)
		}
	})
}

// FuzzWriteError demands that an answer is valid JSON with a failing HTTP
// status for any status.
func FuzzWriteError(f *testing.F) {
	f.Add(int32(5), "not found", "type.googleapis.com/google.rpc.RetryInfo", []byte("\x0a\x02\x08\x07"), "en", int64(time.Second), false, false)
	f.Add(int32(0), "", "x/unknown.Type", []byte{0xff}, "*", int64(-1), true, true)
	f.Add(int32(-1), "\xff</script>", "\xff", []byte(nil), "zh;q=2,,", int64(1)<<62, true, false)
	f.Add(int32(13), "a", "type.googleapis.com/google.rpc.LocalizedMessage", []byte("\x0a\x02\xff\n"), "de\r\nX: y", int64(1), false, true)
	f.Fuzz(func(t *testing.T, code int32, message, url string, value []byte, language string, delay int64, envelope, public bool) {
		retry, _ := anypb.New(&errdetails.RetryInfo{RetryDelay: durationpb.New(time.Duration(delay))})
		st := status.FromProto(&spb.Status{Code: code, Message: message, Details: []*anypb.Any{{TypeUrl: url, Value: value}, retry}})
		var opts []rest.WriteOption
		if envelope {
			opts = append(opts, rest.WithErrorEnvelope())
		}
		if public {
			opts = append(opts, rest.WithTranslator(interceptor.NewTranslator(interceptor.WithPublicBoundary())))
		}
		req := httptest.NewRequest(http.MethodGet, "/", nil)
		req.Header["Accept-Language"] = []string{language, language}
		for _, err := range []error{holder{st}, codetable.NewError(tokenExpired, codetable.WithMessage(message), codetable.WithMetadata("text", url))} {
			w := httptest.NewRecorder()
			rest.WriteError(w, req, err, opts...)
			if w.Code < 400 || w.Code > 599 {
				t.Errorf("HTTP status = %d; want a failure", w.Code)
			}
			if body := w.Body.Bytes(); !json.Valid(body) || !utf8.Valid(body) || bytes.IndexByte(body, '\n') != len(body)-1 {
				t.Errorf("body = %q; want one line of JSON", body)
			}
			if after := w.Header().Get("Retry-After"); after != "" {
				if n, err := strconv.ParseInt(after, 10, 64); err != nil || n < 0 {
					t.Errorf("Retry-After = %q; want seconds", after)
				}
			}
		}
	})
}

// holder is an error with any status, even OK.
type holder struct{ st *status.Status }

func (h holder) Error() string              { return "held" }
func (h holder) GRPCStatus() *status.Status { return h.st }
