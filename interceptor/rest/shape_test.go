package rest_test

import (
	"encoding/xml"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

// Twilio sends no code with a 2xx status, and a failure has its code in the
// body.
func TestUpstreamWithoutSuccessCode(t *testing.T) {
	t.Parallel()
	const failure = `{"code":20404,"message":"The requested resource /Messages/13800138000 was not found",` +
		`"more_info":"https://www.twilio.com/docs/errors/20404","status":404}`
	implicit := []rest.Option{rest.WithImplicitSuccess(), rest.WithContentField("message")}
	tests := []struct {
		name    string
		handler http.HandlerFunc
		opts    []rest.Option
		want    twilioCode // 0: no code
		status  codes.Code
	}{
		{"success", answer(201, `{"sid":"SM1","status":"queued"}`), implicit, 0, codes.OK},
		{"success with null code", answer(200, `{"sid":"SM1","code":null}`), implicit, 0, codes.OK},
		{"list", answer(200, `[{"sid":"SM1"}]`), implicit, 0, codes.OK},
		{"empty 200", answer(200, ""), implicit, 0, codes.OK},
		{"204", answer(204, ""), implicit, 0, codes.OK},
		{"success without the option", answer(201, `{"sid":"SM1"}`), nil, 0, codes.Unknown},
		{"empty 200 without the option", answer(200, ""), nil, 0, codes.Unknown},
		{"204 without the option", answer(204, ""), nil, 0, codes.Unknown},
		{"failure", answer(404, failure), implicit, 20404, codes.NotFound},
		{"failure on a 2xx", answer(200, failure), implicit, 20404, codes.NotFound},
		{"code that the table does not list", answer(200, `{"code":29999}`), implicit, 29999, codes.Unknown},
		{"500 without a code", answer(500, `{"status":500}`), implicit, 0, codes.Unknown},
		{"503 without a body", answer(503, ""), implicit, 0, codes.Unavailable},
		{"304", answer(304, ""), implicit, 0, codes.Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := callFor[twilioCode](t, tt.handler, nil, tt.opts...)
			if tt.status == codes.OK {
				if err != nil {
					t.Errorf("error = %v; want a success", err)
				}
				return
			}
			if got := statusOf(t, err).Code(); got != tt.status {
				t.Errorf("gRPC code = %v (%v); want %v", got, err, tt.status)
			}
			if got, ok := codetable.CodeOf[twilioCode](err); ok != (tt.want != 0) || ok && got != tt.want {
				t.Errorf("CodeOf = %d, %t; want %d", got, ok, tt.want)
			}
		})
	}
}

// The upstream's text for people is for logs only, without the long number that
// it repeats.
func TestContentIsTheCause(t *testing.T) {
	t.Parallel()
	handler := answer(404, `{"code":20404,"message":"no account\nfor 138-0013-8000"}`)
	err := callFor[twilioCode](t, handler, nil, rest.WithContentField("message"))
	const want = ": upstream says: no account for #"
	if err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("text = %q; want it to end in %q", err, want)
	}
	if got := codedOf(t, err).Metadata(); len(got) != 1 {
		t.Errorf("metadata = %v; want the number alone", got)
	}
}

// No content of a reply is sent unless an option names it.
func TestPublishesNothingByDefault(t *testing.T) {
	t.Parallel()
	body := `{"id":1,"code":9003,"content":"c","message":"m","exID":"e","request_id":"r","phone":"13800138000"}`
	for name, opts := range map[string][]rest.Option{
		"no option":              nil,
		"content for logs":       {rest.WithContentField("content")},
		"content without a path": {rest.WithContent()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := call(t, answer(200, body, "Retry-After", "0", "X-Request-Id", "r"), nil, opts...)
			want := codedOf(t, codetable.NewError(tokenExpired))
			if got := codedOf(t, err); !got.Equal(want) {
				t.Errorf("error = %v; want only the values of the table for 9003", got)
			}
		})
	}
}

// Gateways for ISO 8583 use codes that are strings of two digits.
func TestNumericStringsAndPaths(t *testing.T) {
	t.Parallel()
	nested := rest.WithCodeField("response.code")
	tests := []struct {
		name, body string
		opt        rest.Option
		want       isoCode
	}{
		{"approved", `{"code":"00"}`, nil, 0},
		{"zero", `{"code":0}`, nil, 0},
		{"digits", `{"code":"51"}`, nil, 51},
		{"three digits", `{"code":"051"}`, nil, 51},
		{"without a fraction", `{"code":51.0}`, nil, 51},
		{"approved without a fraction", `{"code":0.00}`, nil, 0},
		{"escaped", `{"code":"\u0035\u0031"}`, nil, 51},
		{"nested", `{"code":"00","response":{"code":51}}`, nested, 51},
		{"nested string", `{"response":{"text":"{\"code\":0}","code":"51"},"code":0}`, nested, 51},
		{"nested approved", `{"response":{"code":"00"},"code":51}`, nested, 0},
		{"other white space", "\r\n\t{ \"response\" :\t{ \"code\"\n:\r51 } }\n", nested, 51},
		{"deeper", `{"a":{"b":{"c":{"d":51}}}}`, rest.WithCodeField("a.b.c.d"), 51},
		{"first of a list", `{"errors":[{"code":51},{"code":0}]}`, rest.WithCodeField("errors.0.code"), 51},
		{"second of a list", `{"errors":[[0,{"code":0}],{"code":51}]}`, rest.WithCodeField("errors.1.code"), 51},
		{"list at the top", `[0, 51]`, rest.WithCodeField("1"), 51},
		{"eleventh of a list", `[0,0,0,0,0,0,0,0,0,0,51]`, rest.WithCodeField("10"), 51},
		{"empty name", `{"":51}`, rest.WithCodeField(""), 51},
		{"name with an escape", `{"co\u0064e":51}`, nil, 51},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var opts []rest.Option
			if tt.opt != nil {
				opts = append(opts, tt.opt)
			}
			err := callFor[isoCode](t, answer(200, tt.body), &map[string]any{}, opts...)
			if tt.body[0] == '[' {
				err = callFor[isoCode](t, answer(200, tt.body), nil, opts...)
			}
			if got, ok := codetable.CodeOf[isoCode](err); (err == nil) != (tt.want == 0) || ok && got != tt.want {
				t.Errorf("error = %v; want code %d", err, tt.want)
			}
		})
	}
}

func TestCodeField(t *testing.T) {
	t.Parallel()
	field := rest.WithCodeField("status")
	all := []rest.Option{field, rest.WithMetadataField("serial", "serial"), rest.WithContentField("msg"), rest.WithContent()}
	tests := []struct {
		name, body string
		opts       []rest.Option
		want       map[string]string // nil: no code
	}{
		{
			"all", `{"status":9003,"msg":"spent","serial":7,"code":9000,"content":"c","id":1,"exID":"e"}`, all,
			map[string]string{"code": "9003", "content": "spent", "serial": "7"},
		},
		{"the code alone", `{"status":9003,"msg":"spent","serial":7}`, all[:1], map[string]string{"code": "9003"}},
		{"the default is not read", `{"code":9003}`, all, nil},
		{
			"a field of a field", `{"status":9003,"meta":{"ids":["a",{"n":9007199254740993}]}}`,
			[]rest.Option{field, rest.WithMetadataField("meta.ids.1.n", "serial"), rest.WithMetadataField("meta.ids.2", "none")},
			map[string]string{"code": "9003", "serial": "9007199254740993"},
		},
		{
			"key that AIP-193 does not allow", `{"status":9003,"serial":7}`,
			[]rest.Option{field, rest.WithMetadataField("serial", "Serial No")},
			map[string]string{"code": "9003"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := call(t, answer(http.StatusOK, tt.body), nil, tt.opts...)
			if tt.want == nil {
				if _, ok := codetable.FromError(err); ok || statusOf(t, err).Code() != codes.Unknown {
					t.Errorf("error = %v; want one without a code", err)
				}
				return
			}
			if got := codedOf(t, err).Metadata(); !maps.Equal(got, tt.want) {
				t.Errorf("metadata = %v; want %v", got, tt.want)
			}
		})
	}
}

// xmlCode reads a code from a reply that is not JSON.
func xmlCode(_ *http.Response, body []byte) (number int32, ok bool) {
	var reply struct {
		Code *int32 `xml:"code"`
	}
	if xml.Unmarshal(body, &reply) != nil || reply.Code == nil {
		return 0, false
	}
	return *reply.Code, true
}

func headerCode(reply *http.Response, _ []byte) (number int32, ok bool) {
	n, err := strconv.ParseInt(reply.Header.Get("X-Code"), 10, 32)
	return int32(n), err == nil
}

func TestWithCode(t *testing.T) {
	t.Parallel()
	implicit := rest.WithImplicitSuccess()
	tests := []struct {
		name    string
		handler http.HandlerFunc
		into    any
		opts    []rest.Option
		want    isoCode // -1 for a failure without a code
	}{
		{"XML", answer(200, `<r><code>51</code></r>`), nil, []rest.Option{rest.WithCode(xmlCode)}, 51},
		{"XML success", answer(200, `<r><code>0</code></r>`), nil, []rest.Option{rest.WithCode(xmlCode)}, 0},
		{"XML success into JSON", answer(200, `<r><code>0</code></r>`), &map[string]any{}, []rest.Option{rest.WithCode(xmlCode)}, -1},
		{"XML without a code", answer(200, `<r></r>`), nil, []rest.Option{rest.WithCode(xmlCode)}, -1},
		{"XML without a code is no implicit success", answer(200, `<r></r>`), nil, []rest.Option{rest.WithCode(xmlCode), implicit}, -1},
		{"header", answer(200, `{"code":0}`, "X-Code", "51"), nil, []rest.Option{rest.WithCode(headerCode)}, 51},
		{"header of an empty reply", answer(204, "", "X-Code", "0"), &map[string]any{}, []rest.Option{rest.WithCode(headerCode)}, 0},
		{"no header", answer(200, `{"code":0}`), nil, []rest.Option{rest.WithCode(headerCode)}, -1},
		{"no header is an implicit success", answer(200, `{"code":51}`), nil, []rest.Option{rest.WithCode(headerCode), implicit}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := callFor[isoCode](t, tt.handler, tt.into, tt.opts...)
			got, ok := codetable.CodeOf[isoCode](err)
			switch {
			case tt.want == 0 && err != nil, tt.want == -1 && (err == nil || ok), tt.want > 0 && got != tt.want:
				t.Errorf("error = %v; want %d", err, tt.want)
			}
		})
	}
}

// Do does not recover a panic of the function, but it closes the reply.
func TestWithCodeThatPanics(t *testing.T) {
	t.Parallel()
	closed := false
	client := canned(200, []byte(`{}`))
	inner := client.Transport
	client.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
		resp, err := inner.RoundTrip(req)
		resp.Body = closer{resp.Body, &closed}
		return resp, err
	})
	defer func() {
		if p := recover(); p != "mine" || !closed {
			t.Errorf("recovered %v, closed: %t; want the caller's panic and a closed body", p, closed)
		}
	}()
	_ = rest.Do[Code](client, newRequest(t, "http://upstream.test"), nil,
		rest.WithCode(func(*http.Response, []byte) (int32, bool) { panic("mine") }))
	t.Error("no panic")
}

type closer struct {
	io.Reader
	closed *bool
}

func (c closer) Close() error {
	*c.closed = true
	return nil
}

// The outcome of a late response is unknown. The advice is sent with the delay
// of the upstream.
func TestLateResponse(t *testing.T) {
	t.Parallel()
	err := callFor[isoCode](t, answer(200, `{"code":"68"}`, "Retry-After", "30"), nil)
	retry := codedOf(t, err).Retry()
	if retry.Action != codetablev1.RetryAction_RETRY_ACTION_CONFIRM_OUTCOME || retry.Delay != 30*time.Second {
		t.Errorf("retry = %v; want CONFIRM_OUTCOME after 30s", retry)
	}
}
