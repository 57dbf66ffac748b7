package edge_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/edge"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/telemetry"
)

var verifyNumber = methods[0]

// TestUnknownDetails sends details that the edge can't read: of a type that is
// not linked in, and of one that is, but is malformed.
func TestUnknownDetails(t *testing.T) {
	t.Parallel()
	info, err := anypb.New(&errdetails.ErrorInfo{Reason: "WHY", Domain: "example.com", Metadata: map[string]string{"k": "<v>"}})
	if err != nil {
		t.Fatal(err)
	}
	want := &statuspb.Status{
		Code: int32(codes.FailedPrecondition), Message: `a "message" with <marks>, 中文`,
		Details: []*anypb.Any{
			info,
			{TypeUrl: "type.googleapis.com/example.v1.Unlinked", Value: []byte{0xff, 0, 0xfe}},
			{TypeUrl: "type.googleapis.com/google.rpc.RetryInfo", Value: []byte{0xff}},
		},
	}
	s := serve(t, stubbed(func(context.Context, *jverificationv1.VerifyNumberRequest) error { return status.FromProto(want).Err() }))
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			if strings.HasPrefix(p.name, "REST") {
				got := post(t, newWire(t, p.http2).Client, s.url+verifyNumber.route, jsonHeader(), strings.NewReader("{}"))
				checkUnknownInJSON(t, got.body)
				return
			}
			_, got := p.call(t, s, newWire(t, p.http2), verifyNumber, &jverificationv1.VerifyNumberRequest{})
			if !proto.Equal(want, got) {
				t.Errorf("status %v, want %v", got, want)
			}
		})
	}
}

func checkUnknownInJSON(t *testing.T, text []byte) {
	t.Helper()
	var got any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	want := map[string]any{
		"code": 9., "message": `a "message" with <marks>, 中文`,
		"details": []any{
			map[string]any{
				"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "WHY",
				"domain": "example.com", "metadata": map[string]any{"k": "<v>"},
			},
			map[string]any{"@type": "type.googleapis.com/example.v1.Unlinked", "value": "/wD+"},
			map[string]any{"@type": "type.googleapis.com/google.rpc.RetryInfo", "value": "/w=="},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

// TestStatusWithoutDetails covers every gRPC code over every protocol.
func TestStatusWithoutDetails(t *testing.T) {
	t.Parallel()
	for code := codes.Canceled; code <= codes.Unauthenticated; code++ {
		t.Run(code.String(), func(t *testing.T) {
			t.Parallel()
			s := serve(t, stubbed(func(context.Context, *jverificationv1.VerifyNumberRequest) error { return status.Error(code, "why") }))
			for _, p := range protocols {
				_, got := p.call(t, s, newWire(t, p.http2), verifyNumber, &jverificationv1.VerifyNumberRequest{})
				want := &statuspb.Status{Code: int32(code), Message: "why"}
				if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
					t.Errorf("%s (-want +got):\n%s", p.name, diff)
				}
			}
		})
	}
}

// TestAcceptLanguage wants the header as metadata, as the caller sent it.
func TestAcceptLanguage(t *testing.T) {
	t.Parallel()
	s := serve(t, stubbed(func(ctx context.Context, _ *jverificationv1.VerifyNumberRequest) error {
		return status.Error(codes.Aborted, fmt.Sprint(metadata.ValueFromIncomingContext(ctx, "accept-language")))
	}))
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			_, got := p.call(t, s, newWire(t, p.http2), verifyNumber, &jverificationv1.VerifyNumberRequest{})
			if want := "[" + locale + "]"; got.GetMessage() != want {
				t.Errorf("accept-language = %s, want %s", got.GetMessage(), want)
			}
		})
	}
	for _, p := range streamings {
		t.Run(p.name+" stream", func(t *testing.T) {
			t.Parallel()
			open := p.open(t, s)
			if err := open.Send(&jverificationv1.VerifyNumbersRequest{}); err != nil && !errors.Is(err, io.EOF) { // the server may have answered
				t.Fatal(err)
			}
			_, err := open.Receive()
			if got, want := p.status(t, err).GetMessage(), "["+locale+"]"; got != want {
				t.Errorf("accept-language = %s, want %s", got, want)
			}
		})
	}
}

// TestMessageIsTooLarge tells the sizes before and after decompression apart,
// and a body of known length from one of unknown length.
func TestMessageIsTooLarge(t *testing.T) {
	t.Parallel()
	s := serve(t, stubbed(fine))
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			for _, size := range []int{edge.DefaultMaxMessage / 2, edge.DefaultMaxMessage + 1} {
				req := &jverificationv1.VerifyNumberRequest{Phone: strings.Repeat("1", size)}
				_, got := p.call(t, s, newWire(t, p.http2), verifyNumber, req)
				want := codes.OK
				if size > edge.DefaultMaxMessage {
					want = codes.ResourceExhausted
				}
				if codes.Code(got.GetCode()) != want {
					t.Errorf("%d bytes: %v, want %v", size, got, want)
				}
			}
		})
	}
	t.Run("REST without a length", func(t *testing.T) {
		t.Parallel()
		body := io.MultiReader(strings.NewReader(padded()))
		got := post(t, newWire(t, false).Client, s.url+verifyNumber.route, jsonHeader(), body)
		if got.status != http.StatusRequestEntityTooLarge || codes.Code(restStatus(t, got.body).GetCode()) != codes.ResourceExhausted {
			t.Errorf("status %d: %s", got.status, got.body)
		}
	})
	t.Run("REST with a bomb", func(t *testing.T) {
		t.Parallel()
		var body bytes.Buffer
		compressed := gzip.NewWriter(&body)
		if _, err := io.WriteString(compressed, padded()); err != nil {
			t.Fatal(err)
		}
		if err := compressed.Close(); err != nil {
			t.Fatal(err)
		}
		header := jsonHeader()
		header.Set("Content-Encoding", "gzip")
		got := post(t, newWire(t, false).Client, s.url+verifyNumber.route, header, &body)
		if got.status != http.StatusRequestEntityTooLarge || codes.Code(restStatus(t, got.body).GetCode()) != codes.ResourceExhausted {
			t.Errorf("status %d: %s", got.status, got.body)
		}
	})
}

// TestMalformedJSON wants a position, and nothing of the body.
func TestMalformedJSON(t *testing.T) {
	t.Parallel()
	s := serve(t, stubbed(fine))
	const refusal = "the body is not the JSON of a VerifyNumberRequest"
	tests := []struct{ name, body, want string }{
		{"a number for a text", `{"phone":` + phone + `}`, refusal + " (line 1:10)"},
		{"twice", `{"phone":"` + phone + `","phone":"` + phone + `"}`, refusal + " (line 1:"},
		{"no end", `{"phone":"` + phone, refusal},
		{"no object", `"` + token + `"`, refusal + " (line 1:1)"},
	}
	for _, tt := range tests {
		for _, path := range []string{verifyNumber.route, verifyNumber.procedure} {
			t.Run(tt.name+" at "+path, func(t *testing.T) {
				t.Parallel()
				got := post(t, newWire(t, false).Client, s.url+path, jsonHeader(), strings.NewReader(tt.body))
				if got.status != http.StatusBadRequest || !strings.Contains(string(got.body), `"message":"`+tt.want) {
					t.Errorf("status %d: %s", got.status, got.body)
				}
				if strings.Contains(string(got.body), phone) || strings.Contains(string(got.body), token) {
					t.Errorf("the error quotes the body: %s", got.body)
				}
			})
		}
	}
}

// TestPlainHTTP is what people do with curl.
func TestPlainHTTP(t *testing.T) {
	t.Parallel()
	fallback := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "a page") })
	s := configured(t, stubbed(fine), edge.Config{Fallback: fallback})
	tests := []struct {
		name        string
		verb        string
		path        string
		contentType string
		want        int
		body        string
	}{
		{"Connect without a version", http.MethodPost, verifyNumber.procedure, "application/json", http.StatusOK, "{}"},
		{"Connect, spelt otherwise", http.MethodPost, verifyNumber.procedure, "application/json;charset=UTF-8", http.StatusOK, "{}"},
		{"REST, spelt otherwise", http.MethodPost, verifyNumber.route, "Application/JSON; Charset=utf-8", http.StatusOK, "{}"},
		{"another charset", http.MethodPost, verifyNumber.route, "application/json; charset=gbk", http.StatusUnsupportedMediaType, ""},
		{"a form", http.MethodPost, verifyNumber.route, "application/x-www-form-urlencoded", http.StatusUnsupportedMediaType, ""},
		{"GET of a method", http.MethodGet, verifyNumber.route, "", http.StatusMethodNotAllowed, ""},
		{"a page", http.MethodGet, "/", "", http.StatusOK, "a page"},
		{"no method", http.MethodPost, "/v1/numbers:verifyAll", "application/json", http.StatusNotFound, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			req, err := http.NewRequestWithContext(t.Context(), tt.verb, s.url+tt.path, strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			if tt.contentType != "" {
				req.Header.Set("Content-Type", tt.contentType)
			}
			resp, err := newWire(t, false).Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != tt.want || tt.body != "" && string(body) != tt.body {
				t.Errorf("status %d: %s, want %d: %s", resp.StatusCode, body, tt.want, tt.body)
			}
		})
	}
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	const ours, theirs = "https://app.example.com", "https://evil.example.com"
	tests := []struct {
		name    string
		origins []string
		from    string
		allowed string // by CORS
		want    int
	}{
		{"no browser", nil, "", "", http.StatusOK},
		{"none by default", nil, ours, "", http.StatusForbidden},
		{"listed", []string{ours}, ours, ours, http.StatusOK},
		{"not listed", []string{ours}, theirs, "", http.StatusForbidden},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := configured(t, stubbed(fine), edge.Config{Origins: tt.origins})
			header := http.Header{"Content-Type": {"application/json"}}
			if tt.from != "" {
				header.Set("Origin", tt.from)
				header.Set("Sec-Fetch-Site", "cross-site")
				checkPreflight(t, s.url+verifyNumber.procedure, tt.from, tt.allowed)
			}
			got := post(t, newWire(t, false).Client, s.url+verifyNumber.procedure, header, strings.NewReader("{}"))
			if got.status != tt.want {
				t.Errorf("status %d, want %d", got.status, tt.want)
			}
			if origin := got.header.Get("Access-Control-Allow-Origin"); origin != tt.allowed {
				t.Errorf("allowed origin %q, want %q", origin, tt.allowed)
			}
			exposed := strings.Contains(got.header.Get("Access-Control-Expose-Headers"), "Grpc-Status-Details-Bin")
			if exposed != (tt.allowed != "") {
				t.Errorf("exposed headers: %q", got.header.Get("Access-Control-Expose-Headers"))
			}
		})
	}
}

func checkPreflight(t *testing.T, url, origin, allowed string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{
		"Origin": {origin}, "Access-Control-Request-Method": {"POST"},
		"Access-Control-Request-Headers": {"connect-protocol-version,content-type,x-grpc-web"},
	}
	resp, err := newWire(t, false).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if got := resp.Header.Get("Access-Control-Allow-Origin"); got != allowed {
		t.Errorf("preflight allows %q, want %q", got, allowed)
	}
	if got := resp.Header.Get("Access-Control-Allow-Headers"); (got != "") != (allowed != "") {
		t.Errorf("preflight allows the headers %q", got)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		backend *edge.Backend
		origins []string
		want    string
	}{
		{"no service", edge.NewBackend(telemetry.Chain{}), nil, "call Gateway.Register before New"},
		{"a host for an origin", stubbed(fine).backend(), []string{"app.example.com"}, "Origins needs origins such as https://app.example.com"},
		{"a wildcard", stubbed(fine).backend(), []string{"*"}, "Origins needs origins such as"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := edge.New(tt.backend, edge.Config{Origins: tt.origins}); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
		})
	}
}

// TestShutdown finishes a call that is under way.
func TestShutdown(t *testing.T) {
	t.Parallel()
	entered, finish := make(chan struct{}), make(chan struct{})
	server := stubbed(func(context.Context, *jverificationv1.VerifyNumberRequest) error {
		close(entered)
		<-finish
		return nil
	})
	handler, err := edge.New(server.backend(), edge.Config{})
	if err != nil {
		t.Fatal(err)
	}
	front, listener := edge.NewServer(handler), gatewaytest.Listen(t)
	served, called, stopped := make(chan error, 1), make(chan error, 1), make(chan error, 1)
	go func() { served <- front.Serve(listener) }()
	client := newWire(t, false).Client
	go func() {
		_, err := verifyNumber.connect(context.Background(), client, "http://"+listener.Addr().String(),
			&jverificationv1.VerifyNumberRequest{}, connect.WithGRPCWeb())
		called <- err
	}()
	<-entered
	front.RegisterOnShutdown(func() { close(finish) })
	go func() { stopped <- front.Shutdown(context.Background()) }()
	for name, err := range map[string]error{"call": <-called, "shutdown": <-stopped} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := <-served; err != http.ErrServerClosed {
		t.Errorf("serve: %v", err)
	}
}

// TestBombIsNotInflated has connect read no more of a message than its limit: the
// text of the error has what connect has read.
func TestBombIsNotInflated(t *testing.T) {
	t.Parallel()
	s := configured(t, stubbed(fine), edge.Config{MaxMessage: 100})
	var body bytes.Buffer
	bomb := gzip.NewWriter(&body)
	if _, err := bomb.Write(make([]byte, 10_000)); err != nil || bomb.Close() != nil {
		t.Fatal(err)
	}
	got := post(t, newWire(t, false).Client, s.url+verifyNumber.procedure, header("Content-Type", "application/proto", "Content-Encoding", "gzip"), &body)
	if text := string(got.body); got.status != http.StatusTooManyRequests || strings.Contains(text, "10000") {
		t.Errorf("status %d: %s", got.status, text)
	}
}
