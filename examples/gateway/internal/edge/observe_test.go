package edge_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/edge"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// tooLong is far more than a request takes.
const tooLong = 30 * time.Second

// framed is a body of gRPC-Web or of a Connect stream.
func framed(message string) string {
	return string([]byte{0, 0, 0, byte(len(message) >> 8), byte(len(message))}) + message
}

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

// refusal is what an observer is to see.
type refusal struct {
	Cause, Method string
	Code          codes.Code
	Reason        string
}

func refusalOf(r edge.Refusal) refusal {
	reason := ""
	if coded, ok := codetable.FromError(r.Err); ok {
		reason = coded.Reason()
	}
	return refusal{r.Cause, r.Method, status.Code(r.Err), reason}
}

// TestObserver wants one refusal for each request that the edge answers by
// itself, with nothing of the request in it.
func TestObserver(t *testing.T) {
	t.Parallel()
	const jsonType, invalid = "application/json", "PARAMETER_INVALID"
	procedure := verifyNumber.procedure
	var bomb bytes.Buffer
	packed := gzip.NewWriter(&bomb)
	if _, err := io.WriteString(packed, padded()); err != nil {
		t.Fatal(err)
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	garbage := `{"phone":` + phone + `,"token":"` + token
	tests := []struct {
		name, verb, path string
		header           http.Header
		body             string
		http2            bool
		want             refusal
	}{
		{"malformed REST", "POST", verifyNumber.route, header("Content-Type", jsonType), garbage, false, refusal{"body", procedure, codes.InvalidArgument, invalid}},
		{"malformed Connect", "POST", procedure, header("Content-Type", jsonType), garbage, false, refusal{"body", procedure, codes.InvalidArgument, invalid}},
		{"malformed gRPC-Web", "POST", procedure, header("Content-Type", "application/grpc-web+json"), framed(garbage), false, refusal{"body", procedure, codes.InvalidArgument, invalid}},
		{"malformed stream", "POST", verifyNumbers, header("Content-Type", "application/connect+json"), framed(garbage), true, refusal{"body", verifyNumbers, codes.InvalidArgument, invalid}},
		{"no frame", "POST", procedure, header("Content-Type", "application/grpc-web+json"), token, false, refusal{"size", procedure, codes.ResourceExhausted, ""}}, // its bytes are read as a length
		{"half a frame", "POST", procedure, header("Content-Type", "application/grpc-web+json"), framed("{}")[:6], false, refusal{"body", procedure, codes.Internal, ""}},
		{"large JSON", "POST", verifyNumber.route, header("Content-Type", jsonType), padded(), false, refusal{"size", procedure, codes.ResourceExhausted, ""}},
		{"large protobuf", "POST", procedure, header("Content-Type", "application/proto"), padded(), false, refusal{"size", procedure, codes.ResourceExhausted, ""}},
		{"bomb", "POST", verifyNumber.route, header("Content-Type", jsonType, "Content-Encoding", "gzip"), bomb.String(), false, refusal{"size", procedure, codes.ResourceExhausted, ""}},
		{"no gzip", "POST", verifyNumber.route, header("Content-Type", jsonType, "Content-Encoding", "gzip"), garbage, false, refusal{"compression", procedure, codes.InvalidArgument, ""}},
		{"no path", "POST", "/v1/" + phone, header("Content-Type", jsonType), "{}", false, refusal{"path", "", codes.NotFound, ""}},
		{"no method", "POST", procedure + "s/" + phone, header("Content-Type", jsonType), "{}", false, refusal{"path", "", codes.NotFound, ""}},
		{"verb", "GET", verifyNumber.route, nil, "", false, refusal{"verb", procedure, codes.Unimplemented, ""}},
		{"media type", "POST", verifyNumber.route, header("Content-Type", "text/"+phone), "{}", false, refusal{"media_type", procedure, codes.InvalidArgument, ""}},
		{"timeout", "POST", verifyNumber.route, header("Content-Type", jsonType, "X-Server-Timeout", phone), "{}", false, refusal{"timeout", procedure, codes.InvalidArgument, ""}},
		{"timeout of gRPC", "POST", procedure, header("Content-Type", "application/grpc-web+json", "Grpc-Timeout", phone), framed("{}"), false, refusal{"other", procedure, codes.InvalidArgument, ""}},
		{"large gRPC-Web", "POST", procedure, header("Content-Type", "application/grpc-web+json"), "\x00\x00\x02\x00\x00{}", false, refusal{"size", procedure, codes.ResourceExhausted, ""}},
		{"large stream", "POST", verifyNumbers, header("Content-Type", "application/connect+json"), "\x00\x00\x02\x00\x00{}", true, refusal{"size", verifyNumbers, codes.ResourceExhausted, ""}},
		{"half a message of a stream", "POST", verifyNumbers, header("Content-Type", "application/connect+json"), framed("{}")[:6], true, refusal{"incomplete", verifyNumbers, codes.InvalidArgument, ""}},
		{"gzip that ends early", "POST", procedure, header("Content-Type", "application/proto", "Content-Encoding", "gzip"), "\x1f\x8b", false, refusal{"body", procedure, codes.InvalidArgument, ""}},
		{"page", "POST", procedure, header("Content-Type", jsonType, "Sec-Fetch-Site", "cross-site"), "{}", false, refusal{"origin", procedure, codes.PermissionDenied, ""}},
		{"HTTP version", "POST", verifyNumbers, header("Content-Type", "application/connect+json"), "", false, refusal{"http_version", verifyNumbers, codes.Unimplemented, ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			seen := make(chan edge.Refusal, 9)
			s := configured(t, stubbed(fine), edge.Config{Observe: func(_ context.Context, r edge.Refusal) { seen <- r }})
			send(t, s.url+tt.path, tt.verb, tt.header, tt.body, tt.http2)
			var got edge.Refusal
			select {
			case got = <-seen:
			case <-time.After(tooLong):
				t.Fatal("the observer did not see it")
			}
			if diff := cmp.Diff(tt.want, refusalOf(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if strings.Contains(got.Err.Error(), phone) || strings.Contains(got.Err.Error(), token) || got.Peer == "" {
				t.Errorf("refusal %+v", got)
			}
			// What the server answers is none of the edge's.
			send(t, s.url+procedure, http.MethodPost, header("Content-Type", jsonType), "{}", false)
			if len(seen) > 0 {
				t.Errorf("seen as well: %+v", <-seen)
			}
		})
	}
}

// statusOf reads the error of REST or Connect.
func statusOf(t *testing.T, path string, body []byte) *statuspb.Status {
	t.Helper()
	if path == verifyNumber.route {
		return restStatus(t, body)
	}
	return connectJSONStatus(t, body)
}

func send(t *testing.T, url, verb string, header http.Header, body string, http2 bool) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), verb, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	resp, err := newWire(t, http2).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body) // a stream that fails may end without its last frame
	resp.Body.Close()
}

// TestFallbackIsObserved sees what a page refuses, and not what it shows.
func TestFallbackIsObserved(t *testing.T) {
	t.Parallel()
	page := http.NewServeMux()
	page.Handle("GET /{$}", http.NotFoundHandler())
	page.HandleFunc("GET /page", func(http.ResponseWriter, *http.Request) {})
	var got []string
	handler, err := edge.New(stubbed(fine).backend(), edge.Config{
		Fallback: page,
		Observe:  func(_ context.Context, r edge.Refusal) { got = append(got, r.Cause+" "+status.Code(r.Err).String()) },
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, request := range [][2]string{{http.MethodGet, "/page"}, {http.MethodGet, "/"}, {http.MethodGet, "/v1/none"}, {http.MethodPut, "/page"}} {
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), request[0], "http://localhost"+request[1], http.NoBody))
	}
	if diff := cmp.Diff([]string{"path NotFound", "path NotFound", "verb Unimplemented"}, got); diff != "" {
		t.Errorf("observed (-want +got):\n%s", diff)
	}
}

// TestMalformedSpeaks wants the user message that the native answer has.
func TestMalformedSpeaks(t *testing.T) {
	t.Parallel()
	s := simulate(t, true)
	for _, language := range []string{"zh-CN", "en-GB, zh;q=0.5", "fr", ""} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			ctx := metadata.AppendToOutgoingContext(t.Context(), "accept-language", language)
			_, err := jverificationv1.NewVerificationServiceClient(s.native).VerifyNumber(ctx, &jverificationv1.VerifyNumberRequest{})
			want := find[*errdetails.LocalizedMessage](status.Convert(err).Proto())
			if asked := language != ""; (len(want) == 1) != asked {
				t.Fatalf("natively: %v", want)
			}
			header := header("Content-Type", "application/json", "Accept-Language", language)
			for _, path := range []string{verifyNumber.route, verifyNumber.procedure} {
				body := post(t, newWire(t, false).Client, s.url+path, header.Clone(), strings.NewReader(`{"phone":1}`)).body
				st := statusOf(t, path, body)
				if diff := cmp.Diff(want, find[*errdetails.LocalizedMessage](st), protocmp.Transform()); diff != "" {
					t.Errorf("%s (-want +got):\n%s", path, diff)
				}
			}
		})
	}
}

// TestUnknownEnumName wants a violation where a default would be taken, also in
// a stream, and no word of a field that only a newer server knows.
func TestUnknownEnumName(t *testing.T) {
	t.Parallel()
	s := simulate(t, false)
	const rest = `"phone":"13800138000","token":"code-9000"`
	tests := []struct {
		name, body string
		want       []string
	}{
		{"name", `{"surface":"NOPE",` + rest + `}`, []string{"surface"}},
		{"number as a text", `{"surface":"1",` + rest + `}`, []string{"surface"}},
		{"with another", `{"surface":"NOPE","phone":1,"token":"code-9000"}`, []string{"phone", "surface"}},
		{"beside a new field", `{"surface":"NOPE","new":{"surface":1},` + rest + `}`, []string{"surface"}},
		{"known", `{"surface":"SURFACE_BROWSER",` + rest + `}`, nil},
		{"known number", `{"surface":2,` + rest + `}`, nil},
		{"null", `{"surface":null,` + rest + `}`, nil},
		{"new field", `{"new":"NOPE",` + rest + `}`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, path := range []string{verifyNumber.route, verifyNumber.procedure} {
				got := post(t, newWire(t, false).Client, s.url+path, jsonHeader(), strings.NewReader(tt.body))
				if tt.want == nil {
					if got.status != http.StatusOK {
						t.Errorf("status %d: %s", got.status, got.body)
					}
					continue
				}
				if diff := cmp.Diff(tt.want, violated(statusOf(t, path, got.body))); diff != "" {
					t.Errorf("%s: fields (-want +got):\n%s", path, diff)
				}
			}
		})
	}
	t.Run("stream", func(t *testing.T) {
		t.Parallel()
		header := header("Content-Type", "application/connect+json")
		url := s.url + jverificationv1.VerificationService_VerifyNumbers_FullMethodName
		got := post(t, newWire(t, true).Client, url, header, strings.NewReader(framed(`{"item":{"surface":"NOPE",`+rest+`}}`)))
		var end struct{ Error json.RawMessage }
		if err := json.Unmarshal(got.body[5:], &end); err != nil {
			t.Fatalf("%v in %q", err, got.body)
		}
		if st := connectJSONStatus(t, end.Error); len(violated(st)) != 1 || violated(st)[0] != "item.surface" {
			t.Errorf("body %q", got.body)
		}
	})
}
