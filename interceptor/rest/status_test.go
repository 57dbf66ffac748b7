package rest_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/grpc/codes"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

// httpMapping is the mapping that gRPC publishes; all others are Unknown:
// https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
var httpMapping = map[int]codes.Code{
	400: codes.Internal,
	401: codes.Unauthenticated,
	403: codes.PermissionDenied,
	404: codes.Unimplemented,
	429: codes.Unavailable,
	502: codes.Unavailable,
	503: codes.Unavailable,
	504: codes.Unavailable,
}

func TestHTTPStatusWithoutCode(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		httpStatus, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
		if err != nil {
			panic(err)
		}
		answer(httpStatus, "<html>")(w, r)
	}))
	t.Cleanup(server.Close)
	for httpStatus := 200; httpStatus <= 599; httpStatus++ {
		err := rest.Do[Code](server.Client(), newRequest(t, fmt.Sprintf("%s/%d", server.URL, httpStatus)), nil)
		want, ok := httpMapping[httpStatus]
		if !ok {
			want = codes.Unknown
		}
		if got := statusOf(t, err).Code(); got != want {
			t.Errorf("HTTP %d gave %v; want %v", httpStatus, got, want)
		}
		wantFault := codetablev1.Fault_FAULT_UPSTREAM
		if httpStatus/100 == 4 {
			wantFault = codetablev1.Fault_FAULT_OPERATOR
		}
		if got := faultOf(t, err); got != wantFault {
			t.Errorf("HTTP %d is the fault of %v; want %v", httpStatus, got, wantFault)
		}
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, body, want string }{
		{"short", "<h1>bad gateway</h1>", `HTTP 502 with body "<h1>bad gateway</h1>"`},
		{"empty", "", `HTTP 502 with body ""`},
		{"lines", "a\r\nb\x00c\u2028d", `HTTP 502 with body "a  b c d"`},
		{"terminal", "\x1b[31mred", `HTTP 502 with body " [31mred"`},
		{"quotes", `say "hi"`, `HTTP 502 with body "say \"hi\""`},
		{"invalid UTF-8", "a\xff\xfeb", `HTTP 502 with body "a` + "\ufffd" + `b"`},
		{"long", strings.Repeat("x", 300), `HTTP 502 with body "` + strings.Repeat("x", 256) + `"`},
		{"rune at the limit", strings.Repeat("x", 255) + "\u8bed" + "y", `HTTP 502 with body "` + strings.Repeat("x", 255) + `"`},
		{"rune up to the limit", strings.Repeat("x", 253) + "\u8bed" + "y", `HTTP 502 with body "` + strings.Repeat("x", 253) + "\u8bed" + `"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := call(t, answer(http.StatusBadGateway, tt.body), nil)
			const message = "upstream answered HTTP 502 without a response code"
			if got := statusOf(t, err).Message(); got != message {
				t.Errorf("message = %q; want %q: the excerpt is not for the wire", got, message)
			}
			if got, want := err.Error(), message+": "+tt.want; got != want {
				t.Errorf("text = %q\nwant   %q", got, want)
			}
		})
	}
}

// countingTransport counts the bytes that are read of the bodies of replies.
type countingTransport struct {
	http.RoundTripper
	read int64
}

type countingBody struct {
	io.ReadCloser
	read *int64
}

func (c *countingTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := c.RoundTripper.RoundTrip(req)
	if err == nil {
		resp.Body = countingBody{resp.Body, &c.read}
	}
	return resp, err
}

func (b countingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	*b.read += int64(n)
	return n, err
}

func TestEndlessBody(t *testing.T) {
	t.Parallel()
	endless := func(w io.Writer) {
		chunk := []byte(`{"code":9000,"content":"` + strings.Repeat("x", 1<<12))
		for {
			if _, err := w.Write(chunk); err != nil {
				return // the client closed the connection
			}
		}
	}
	tests := []struct {
		name    string
		handler http.HandlerFunc
		opts    []rest.Option
		limit   int64
	}{
		{"default", func(w http.ResponseWriter, _ *http.Request) { endless(w) }, nil, 1 << 20},
		{"WithBodyLimit", func(w http.ResponseWriter, _ *http.Request) { endless(w) }, []rest.Option{rest.WithBodyLimit(100)}, 100},
		{"gzip bomb", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			endless(gzip.NewWriter(w))
		}, nil, 1 << 20},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(tt.handler)
			t.Cleanup(server.Close)
			transport := &countingTransport{RoundTripper: server.Client().Transport}
			err := rest.Do[Code](&http.Client{Transport: transport}, newRequest(t, server.URL), nil, tt.opts...)
			if got := statusOf(t, err).Code(); got != codes.Unknown {
				t.Errorf("gRPC code = %v; want Unknown", got)
			}
			if want := fmt.Sprintf("body exceeds the limit of %d bytes", tt.limit); !strings.HasSuffix(err.Error(), want) {
				t.Errorf("text = %q; want it to end in %q", err, want)
			}
			if transport.read > tt.limit+1 {
				t.Errorf("%d bytes were read; want at most one above the limit %d", transport.read, tt.limit)
			}
		})
	}
}

func TestBodyLimit(t *testing.T) {
	t.Parallel()
	const body = `{"code":9000}`
	tests := []struct {
		name, body string
		limit      int64
		want       codes.Code
	}{
		{"body as long as the limit", body, int64(len(body)), codes.OK},
		{"one byte more", body, int64(len(body)) - 1, codes.Unknown},
		{"white space beyond the limit", body + "\n", int64(len(body)), codes.Unknown},
		{"zero", body, 0, codes.Unknown},
		{"negative", body, -1, codes.Unknown},
		{"greatest", body, math.MaxInt64, codes.OK},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := call(t, answer(http.StatusOK, tt.body), nil, rest.WithBodyLimit(tt.limit))
			got := codes.OK
			if err != nil {
				got = statusOf(t, err).Code()
			}
			if got != tt.want {
				t.Errorf("gRPC code = %v (%v); want %v", got, err, tt.want)
			}
		})
	}
}

// TestCodelessErrorTextIsValid tests the limit with bodies that grow when they
// are made valid and quoted.
func TestCodelessErrorTextIsValid(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"invalid UTF-8":    strings.Repeat("\xffa", 1<<10),
		"invisible runes":  strings.Repeat("\u200b", 1<<10),
		"quotation marks":  strings.Repeat(`"`, 1<<10),
		"several controls": strings.Repeat("\x00\x07\x7f\u0085", 1<<10),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := call(t, answer(http.StatusBadGateway, body), nil).Error()
			if !utf8.ValidString(text) || strings.ContainsAny(text, "\r\n\x00\x07\x7f\u0085") {
				t.Errorf("text = %q; want one line of valid UTF-8", text)
			}
			if len(text) > 1<<10 {
				t.Errorf("text has %d bytes; want at most 1 KiB", len(text))
			}
		})
	}
}

// A log must not contain the phone numbers that an upstream repeats.
func TestExcerptHoldsNoLongNumber(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<p>no account for 13800138000, error 42</p>")
	}))
	defer server.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = rest.Do[Code](server.Client(), req, nil)
	if err == nil || strings.Contains(err.Error(), "13800138000") || !strings.Contains(err.Error(), "no account for #, error 42") {
		t.Errorf("got %v", err)
	}
}
