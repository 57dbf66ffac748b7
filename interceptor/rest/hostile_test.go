package rest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

// withoutCode contains bodies without a code. None of them is a success, even
// with WithImplicitSuccess.
var withoutCode = map[string]string{
	"white space":           " \n",
	"HTML":                  "<html><body>502 Bad Gateway</body></html>",
	"HTML with a code":      `<html>{"code":9000}</html>`,
	"truncated":             `{"code":9000,"content":"verify consis`,
	"truncated number":      `{"code":900`,
	"truncated failure":     `{"code":9001,"content":"verify not`,
	"trailing text":         `{"code":9000} oops`,
	"trailing brace":        `{"code":9000}}`,
	"two objects":           `{"code":9000}{"code":9000}`,
	"two lines":             "{\"code\":9000}\n{\"code\":9001}",
	"comment":               `{"code":9000/*ok*/}`,
	"trailing comma":        `{"code":9000,}`,
	"byte order mark":       "\ufeff" + `{"code":9000}`,
	"UTF-16":                "{\x00\"\x00c\x00o\x00d\x00e\x00\"\x00:\x009\x000\x000\x000\x00}\x00",
	"single quotes":         `{'code':9000}`,
	"JSONP":                 `callback({"code":9000})`,
	"NaN":                   `{"code":NaN}`,
	"leading zero":          `{"code":09000}`,
	"hexadecimal":           `{"code":0x2328}`,
	"plus":                  `{"code":+9000}`,
	"deep nesting":          strings.Repeat("[", 20000),
	"deep nesting, closed":  `{"code":9000,"a":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + "}",
	"boolean":               `{"code":true}`,
	"false":                 `{"code":false}`,
	"object":                `{"code":{"code":9000}}`,
	"list":                  `{"code":[9000]}`,
	"empty string":          `{"code":""}`,
	"word":                  `{"code":"success"}`,
	"hexadecimal string":    `{"code":"0x2328"}`,
	"space before":          `{"code":" 9000"}`,
	"space after":           `{"code":"9000 "}`,
	"line after":            `{"code":"9000\n"}`,
	"NUL after":             `{"code":"9000\u0000"}`,
	"plus in a string":      `{"code":"+9000"}`,
	"underscore":            `{"code":"9_000"}`,
	"thousands":             `{"code":"9,000"}`,
	"full-width digits":     `{"code":"９０００"}`,
	"Arabic-Indic digits":   `{"code":"٩٠٠٠"}`,
	"exponent":              `{"code":9e3}`,
	"exponent of a whole":   `{"code":9000e0}`,
	"exponent in a string":  `{"code":"9e3"}`,
	"fraction":              `{"code":9000.5}`,
	"small fraction":        `{"code":9000.0000000000000000000000000001}`,
	"point without zeros":   `{"code":"9000."}`,
	"point first":           `{"code":".9000"}`,
	"two points":            `{"code":"9000.0.0"}`,
	"above int32":           `{"code":2147483648}`,
	"below int32":           `{"code":-2147483649}`,
	"wraps to 9000":         `{"code":4294976296}`,
	"above int64":           `{"code":9223372036854775808}`,
	"1e400":                 `{"code":1e400}`,
	"twice, failure first":  `{"code":9001,"code":9000}`,
	"twice, success first":  `{"code":9000,"code":9001}`,
	"twice, with an escape": `{"code":9001,"\u0063ode":9000}`,
	"twice, one null":       `{"code":null,"code":9000}`,
	"twice, far apart":      `{"code":9001,"a":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `,"code":9000}`,
	"upper case":            `{"CODE":9000}`,
	"failure in upper case": `{"Code":9001}`,
}

// codeless contains bodies without the field "code". With WithImplicitSuccess
// they are successes.
var codeless = map[string]string{
	"empty":       "",
	"array":       `[{"code":9000}]`,
	"number":      `9000`,
	"null":        `null`,
	"no code":     `{"id":1,"content":"success"}`,
	"null code":   `{"code":null}`,
	"nested only": `{"riskCheck":{"code":0}}`,
	"in a string": `{"content":"\",\"code\":9000,\""}`,
}

// TestNoCode demands that a reply without a code is not a success.
func TestNoCode(t *testing.T) {
	t.Parallel()
	check := func(name, body string, opts ...rest.Option) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for httpStatus, want := range map[int]codes.Code{200: codes.Unknown, 503: codes.Unavailable} {
				for _, into := range []any{nil, &verifyReply{Code: int32(consistent)}} {
					err := call(t, answer(httpStatus, body), into, opts...)
					st := statusOf(t, err)
					if st.Code() != want || len(st.Details()) != 0 {
						t.Errorf("HTTP %d: status = %v; want %v", httpStatus, st, want)
					}
					if text := fmt.Sprintf("upstream answered HTTP %d without a response code", httpStatus); st.Message() != text {
						t.Errorf("HTTP %d: message = %q; want %q", httpStatus, st.Message(), text)
					}
					if code, ok := codetable.CodeOf[Code](err); ok {
						t.Errorf("HTTP %d: code %v came out of nowhere", httpStatus, code)
					}
				}
			}
		})
	}
	for name, body := range codeless {
		check(name, body)
	}
	for name, body := range withoutCode {
		check(name, body)
		check(name+", implicit success", body, rest.WithImplicitSuccess())
	}
}

// With WithImplicitSuccess, a reply with a code in an unexpected place is not a
// success.
func TestImplicitSuccessFailsClosed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body, path string
		success          bool
	}{
		{"no object", `{"sid":1}`, "response.code", true},
		{"null object", `{"response":null}`, "response.code", true},
		{"empty object", `{"response":{}}`, "response.code", true},
		{"another field", `{"response":{"sid":1}}`, "response.code", true},
		{"null", `{"response":{"code":null}}`, "response.code", true},
		{"empty list", `{"errors":[]}`, "errors.0.code", true},
		{"null element", `{"errors":[null]}`, "errors.0.code", true},
		{"top is no object", `"text"`, "code", false},
		{"string for an object", `{"response":"code 51"}`, "response.code", false},
		{"number for an object", `{"response":51}`, "response.code", false},
		{"list for an object", `{"response":[{"code":51}]}`, "response.code", false},
		{"empty list for an object", `{"response":[]}`, "response.code", true},
		{"list at the top", `[{"code":51}]`, "code", true},
		{"shorter list", `{"errors":[{"sid":1}]}`, "errors.1.code", true},
		{"object for a list", `{"errors":{"code":51}}`, "errors.0.code", false},
		{"empty object for a list", `{"errors":{}}`, "errors.0.code", true},
		{"object for a list at the top", `{"code":51}`, "0.code", false},
		{"string in a list", `{"errors":["51"]}`, "errors.0.code", false},
		{"object in another case", `{"Response":{"code":51}}`, "response.code", false},
		{"two objects", `{"response":{"code":51},"response":{}}`, "response.code", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := callFor[twilioCode](t, answer(200, tt.body), nil, rest.WithCodeField(tt.path), rest.WithImplicitSuccess())
			if (err == nil) != tt.success {
				t.Errorf("error = %v; want success: %t", err, tt.success)
			}
			if _, ok := codetable.CodeOf[twilioCode](err); ok {
				t.Errorf("a code came out of nowhere: %v", err)
			}
		})
	}
}

// An earlier content of `into` has no effect.
func TestStaleInto(t *testing.T) {
	t.Parallel()
	var reply verifyReply
	if err := call(t, answer(200, `{"code":9000,"id":1}`), &reply); err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{`{}`, `{"code":null}`, `null`, `{"id":2}`, `{"code":{}}`, ""} {
		if err := call(t, answer(200, body), &reply); err == nil {
			t.Errorf("%q was taken for a success", body)
		}
	}
	if err := call(t, answer(200, `{"code":9001}`), &reply); !codetable.Is(err, notConsistent) {
		t.Errorf("error = %v; want code 9001", err)
	}
}

// If `into` can't be filled, a success becomes a failure. A failing code is
// returned unchanged.
func TestIntoThatCannotBeFilled(t *testing.T) {
	t.Parallel()
	for name, into := range map[string]any{
		"nil pointer": (*verifyReply)(nil), "no pointer": verifyReply{}, "function": func() {}, "channel": new(chan int),
		"own error": &failing{},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := call(t, answer(200, `{"code":9000}`), into)
			if got := statusOf(t, err).Code(); got != codes.Internal {
				t.Errorf("gRPC code = %v (%v); want Internal", got, err)
			}
			if err := call(t, answer(200, `{"code":9001}`), into); !codetable.Is(err, notConsistent) {
				t.Errorf("error = %v; want code 9001", err)
			}
			if err := callFor[twilioCode](t, answer(200, `{"sid":1}`), into, rest.WithImplicitSuccess()); err == nil {
				t.Error("a reply that could not be decoded was taken for a success")
			}
		})
	}
}

var errMine = errors.New("no such phone: 13800138000")

type failing struct{}

func (*failing) UnmarshalJSON([]byte) error { return errMine }

// A decoding error unwraps to its cause. Its text contains no long number of
// the reply.
func TestDecodingErrorHasNoLongNumber(t *testing.T) {
	t.Parallel()
	for _, code := range []Code{consistent, notConsistent} {
		var reply struct {
			Phone int32 `json:"phone"`
		}
		body := fmt.Sprintf(`{"code":%d,"phone":13800138000}`, code)
		err := call(t, answer(200, body), &reply)
		if _, ok := errors.AsType[*json.UnmarshalTypeError](err); !ok || strings.Contains(err.Error(), "138") {
			t.Errorf("text = %q; want the fault of the JSON without its value", err)
		}
		err = call(t, answer(200, body), &failing{})
		if !errors.Is(err, errMine) || strings.Contains(err.Error(), "138") {
			t.Errorf("text = %q; want the caller's fault without its value", err)
		}
	}
}

// The cost of a large reply depends only on its size, not on its structure.
func TestLargeReplies(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	for name, body := range map[string]string{
		"many fields":   `{` + strings.Repeat(`"a":0,`, size/6-8) + `"code":9001}`,
		"many elements": `{"a":[` + strings.Repeat(`0,`, size/2-16) + `0],"code":9001}`,
		"long string":   `{"a":"` + strings.Repeat(`\"`, size/2-16) + `","code":9001}`,
		"long name":     `{"` + strings.Repeat(`x`, size-64) + `":0,"code":9001}`,
		"nested":        `{"a":` + strings.Repeat(`{"a":`, 9000) + "0" + strings.Repeat("}", 9000) + `,"code":9001}`,
		"long code":     `{"code":"` + strings.Repeat("0", size-64) + `9001"}`,
		"long fraction": `{"code":9001.` + strings.Repeat("0", size-64) + `}`,
		"long id":       `{"code":9001,"id":` + strings.Repeat("7", size-64) + `}`,
		"white space":   strings.Repeat(" ", size-64) + `{"code":9001}`,
		"long text":     `{"code":9001,"content":"` + strings.Repeat("13800138000 ", size/12-8) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := rest.Do[Code](canned(http.StatusOK, []byte(body)), newRequest(t, "http://upstream.test"), nil, rest.WithContentField("content"))
			if !codetable.Is(err, notConsistent) {
				t.Fatalf("error = %.200v; want code 9001", err)
			}
			if n := len(err.Error()); n > 1<<10 {
				t.Errorf("the text has %d bytes; want at most 1 KiB", n)
			}
		})
	}
}
