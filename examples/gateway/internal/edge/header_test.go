package edge_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/edge"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// TestMetadata wants headers as metadata, without those that speak of the
// request itself: a Grpc- header of a REST caller is neither obeyed nor handed
// on.
func TestMetadata(t *testing.T) {
	t.Parallel()
	seen := make(chan metadata.MD, 1)
	s := serve(t, stubbed(func(ctx context.Context, _ *jverificationv1.VerifyNumberRequest) error {
		md, _ := metadata.FromIncomingContext(ctx)
		if from, ok := peer.FromContext(ctx); !ok || !strings.HasPrefix(from.Addr.String(), "127.0.0.1:") || from.Addr.Network() != "tcp" {
			t.Errorf("peer %v", from)
		}
		seen <- md
		return nil
	}))
	for _, path := range []string{verifyNumber.route, verifyNumber.procedure} {
		header := header("Content-Type", "application/json", "Authorization", "Bearer x", "Trace-Bin", "AP8,AQ==",
			"Grpc-Timeout", "1n", "Grpc-Encoding", "br", "Grpc-Status", "7", "Grpc-Trace-Bin", "***", "Connect-Accept-Encoding", "br",
			"Accept-Encoding", "br", "Keep-Alive", "timeout=5", "Te", "trailers")
		got := post(t, newWire(t, false).Client, s.url+path, header, strings.NewReader("{}"))
		if got.status != http.StatusOK {
			t.Fatalf("%s: status %d: %s", path, got.status, got.body)
		}
		for name := range got.header {
			if strings.HasPrefix(name, "Grpc-") {
				t.Errorf("%s: the answer has %s", path, name)
			}
		}
		md := <-seen
		if diff := cmp.Diff([]string{":authority", "authorization", "content-type", "trace-bin", "user-agent"}, slices.Sorted(maps.Keys(md))); diff != "" {
			t.Errorf("%s: metadata (-want +got):\n%s", path, diff)
		}
		if diff := cmp.Diff([]string{"\x00\xff", "\x01"}, md["trace-bin"]); diff != "" {
			t.Errorf("%s: trace-bin (-want +got):\n%s", path, diff)
		}
	}
}

// TestGarbage blames the caller for a header that is not base64 and for bytes
// that are no protobuf, by each protocol, and tells the observer.
func TestGarbage(t *testing.T) {
	t.Parallel()
	const json, proto, web = "application/json", "application/proto", "application/grpc-web+proto"
	const bytes = "\xff\xff\xff\xff"
	tests := []struct {
		name, path, media, body string
		broken                  bool // the header
		want                    refusal
	}{
		{"header of REST", verifyNumber.route, json, "{}", true, refusal{"header", verifyNumber.procedure, codes.InvalidArgument, ""}},
		{"header of Connect", verifyNumber.procedure, json, "{}", true, refusal{"header", verifyNumber.procedure, codes.InvalidArgument, ""}},
		{"header of gRPC-Web", verifyNumber.procedure, web, framed(""), true, refusal{"header", verifyNumber.procedure, codes.InvalidArgument, ""}},
		{"header of a stream", verifyNumbers, "application/connect+json", "", true, refusal{"header", verifyNumbers, codes.InvalidArgument, ""}},
		{"Connect", verifyNumber.procedure, proto, bytes, false, refusal{"body", verifyNumber.procedure, codes.InvalidArgument, "PARAMETER_INVALID"}},
		{"gRPC-Web", verifyNumber.procedure, web, framed(bytes), false, refusal{"body", verifyNumber.procedure, codes.InvalidArgument, "PARAMETER_INVALID"}},
		{"gRPC", verifyNumber.procedure, "application/grpc", framed(bytes), false, refusal{"body", verifyNumber.procedure, codes.InvalidArgument, "PARAMETER_INVALID"}},
		{"a stream", verifyNumbers, "application/connect+proto", framed(bytes), false, refusal{"body", verifyNumbers, codes.InvalidArgument, "PARAMETER_INVALID"}},
		{"another service", reflectionpb.ServerReflection_ServerReflectionInfo_FullMethodName, "application/grpc", framed(bytes), false, refusal{"body", reflectionpb.ServerReflection_ServerReflectionInfo_FullMethodName, codes.InvalidArgument, ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var seen []refusal
			handler, err := edge.New(stubbed(fine).backend(), edge.Config{Observe: func(_ context.Context, r edge.Refusal) { seen = append(seen, refusalOf(r)) }})
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost"+tt.path, strings.NewReader(tt.body))
			r.ProtoMajor = 2
			r.Header.Set("Content-Type", tt.media)
			if tt.broken {
				r.Header.Set("Trace-Bin", "***")
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if diff := cmp.Diff([]refusal{tt.want}, seen); diff != "" {
				t.Errorf("observed (-want +got):\n%s", diff)
			}
			inBody := !strings.Contains(tt.media, "grpc") && !strings.Contains(tt.media, "connect+")
			grpcStatus := w.Header().Get("Grpc-Status") + w.Header().Get(http.TrailerPrefix+"Grpc-Status")
			switch {
			case inBody && w.Code != http.StatusBadRequest, strings.Contains(tt.media, "grpc") && grpcStatus != "3",
				strings.Contains(tt.media, "connect+") && !strings.Contains(w.Body.String(), `"invalid_argument"`):
				t.Errorf("status %d, gRPC status %q: %v %s", w.Code, grpcStatus, w.Header(), w.Body)
			}
		})
	}
}

// TestLanguagesAreCut keeps the first languages of a list that is too long, and
// what is kept is still a list.
func TestLanguagesAreCut(t *testing.T) {
	t.Parallel()
	s := serve(t, stubbed(func(ctx context.Context, _ *jverificationv1.VerifyNumberRequest) error {
		return status.Error(codes.Aborted, "saw "+strings.Join(metadata.ValueFromIncomingContext(ctx, "accept-language"), "|"))
	}))
	long := "zh-CN" + strings.Repeat(",en;q=0.5", 200)
	tests := map[string]struct {
		lines []string
		want  string
	}{
		"short":           {[]string{"zh-CN, en;q=0.5"}, "zh-CN, en;q=0.5"},
		"two lines":       {[]string{"zh-CN", "en"}, "zh-CN|en"},
		"long":            {[]string{long}, "zh-CN" + strings.Repeat(",en;q=0.5", 13)},
		"one long word":   {[]string{strings.Repeat("z", 1000)}, ""},
		"many long lines": {[]string{"zh-CN", long, long}, "zh-CN,zh-CN" + strings.Repeat(",en;q=0.5", 13)},
	}
	for name, tt := range tests {
		for _, path := range []string{verifyNumber.route, verifyNumber.procedure} {
			header := http.Header{"Content-Type": {"application/json"}, "Accept-Language": tt.lines}
			got := post(t, newWire(t, false).Client, s.url+path, header, strings.NewReader("{}"))
			if text := statusOf(t, path, got.body).GetMessage(); text != "saw "+tt.want {
				t.Errorf("%s: the method saw %q, want %q", name, text, tt.want)
			}
		}
	}
}

// BenchmarkLanguages fails calls in each language, of which the longest header
// that net/http takes is to cost not much more than a short one.
func BenchmarkLanguages(b *testing.B) {
	handler, err := edge.New(stubbed(func(context.Context, *jverificationv1.VerifyNumberRequest) error {
		return status.Error(codes.Aborted, "why")
	}).backend(), edge.Config{})
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range []int{1, 12, 1000} {
		languages := strings.TrimPrefix(strings.Repeat(",x-"+strings.Repeat("y", 5), n), ",")
		b.Run(fmt.Sprint(len(languages)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "http://localhost"+verifyNumber.route, strings.NewReader(`{"phone":1}`))
				r.Header = http.Header{"Content-Type": {"application/json"}, "Accept-Language": {languages}}
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				if w.Code != http.StatusBadRequest {
					b.Fatalf("status %d", w.Code)
				}
			}
		})
	}
}

// TestClientCertificate wants the peer of a call over TLS to be the one that a
// gRPC server shows, since its certificate may identify a caller.
func TestClientCertificate(t *testing.T) {
	t.Parallel()
	certificate := &x509.Certificate{Subject: pkix.Name{CommonName: "a caller"}}
	var names []string
	handler, err := edge.New(stubbed(func(ctx context.Context, _ *jverificationv1.VerifyNumberRequest) error {
		from, _ := peer.FromContext(ctx)
		if info, ok := from.AuthInfo.(credentials.TLSInfo); ok && info.SecurityLevel == credentials.PrivacyAndIntegrity {
			names = append(names, info.State.PeerCertificates[0].Subject.CommonName)
		}
		return nil
	}).backend(), edge.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{verifyNumber.route, verifyNumber.procedure} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://localhost"+path, strings.NewReader("{}"))
		r.Header.Set("Content-Type", "application/json")
		r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{certificate}}
		handler.ServeHTTP(httptest.NewRecorder(), r)
	}
	if diff := cmp.Diff([]string{"a caller", "a caller"}, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

// TestRetryAfter wants the delay of RetryInfo as the header of HTTP.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	s := simulate(t, false)
	for _, path := range []string{verifyNumber.procedure, "/v1/numbers:verify"} {
		for token, want := range map[string]string{"code-1804": "1", "code-9018": ""} {
			got := post(t, newWire(t, false).Client, s.url+path, jsonHeader(), strings.NewReader(`{"phone":"13800138000","token":"`+token+`"}`))
			if got.status < http.StatusBadRequest || got.header.Get("Retry-After") != want {
				t.Errorf("%s, %s: %d, %v", path, token, got.status, got.header)
			}
		}
	}
}
