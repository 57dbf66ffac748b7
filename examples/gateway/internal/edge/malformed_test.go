package edge_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/edge"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// violated returns the fields that a status complains of.
func violated(st *statuspb.Status) []string {
	var fields []string
	for _, bad := range find[*errdetails.BadRequest](st) {
		for _, violation := range bad.GetFieldViolations() {
			fields = append(fields, violation.GetField())
		}
	}
	return fields
}

// TestMalformedBody wants the code of the table for each method, with all the
// fields at fault at once.
func TestMalformedBody(t *testing.T) {
	t.Parallel()
	s := simulate(t, false)
	want, _ := codetable.Lookup(jverificationv1.ResponseCode_RESPONSE_CODE_PARAMETER_INVALID)
	for _, m := range methods {
		bodies := map[string][]string{`{"`: nil, `[]`: nil}
		var every []string
		fields := m.request("").ProtoReflect().Descriptor().Fields()
		var wrong strings.Builder
		for i := range fields.Len() {
			every = append(every, string(fields.Get(i).Name()))
			wrong.WriteString(`"` + fields.Get(i).JSONName() + `":[` + phone + `],`)
		}
		bodies[`{`+wrong.String()+`"unknown":1}`] = every
		for body, fields := range bodies {
			for _, path := range []string{m.route, m.procedure} {
				t.Run(path+" "+body[:2], func(t *testing.T) {
					t.Parallel()
					st := refused(t, s.url+path, body)
					info := find[*errdetails.ErrorInfo](st)
					if len(info) != 1 || info[0].GetReason() != want.Reason() || info[0].GetMetadata()["code"] != "9012" {
						t.Errorf("status %v, want %s", st, want.Reason())
					}
					if diff := cmp.Diff(fields, violated(st)); diff != "" {
						t.Errorf("fields (-want +got):\n%s", diff)
					}
				})
			}
		}
	}
}

// refused posts a body that is no request, and reads the error of REST or
// Connect.
func refused(t *testing.T, url, body string) *statuspb.Status {
	t.Helper()
	got := post(t, newWire(t, false).Client, url, jsonHeader(), strings.NewReader(body))
	if got.status != http.StatusBadRequest || bytes.Contains(got.body, []byte(phone)) {
		t.Errorf("status %d: %s", got.status, got.body)
	}
	st := &statuspb.Status{}
	if protojson.Unmarshal(got.body, st) != nil {
		st = connectJSONStatus(t, got.body)
	}
	if codes.Code(st.GetCode()) != codes.InvalidArgument {
		t.Errorf("code %v", codes.Code(st.GetCode()))
	}
	return st
}

// TestEmptyBody lacks all fields, however it says that it is empty.
func TestEmptyBody(t *testing.T) {
	t.Parallel()
	s := simulate(t, false)
	json, gzip := jsonHeader(), jsonHeader()
	gzip.Set("Content-Encoding", "gzip")
	tests := []struct {
		name   string
		path   string
		header http.Header
		body   io.Reader
	}{
		{"REST", verifyNumber.route, json, http.NoBody},
		{"REST without a length", verifyNumber.route, json, io.MultiReader()},
		{"REST without a type", verifyNumber.route, http.Header{}, http.NoBody},
		{"REST with the gzip of nothing", verifyNumber.route, gzip, http.NoBody},
		{"Connect", verifyNumber.procedure, json, http.NoBody},
		{"Connect without a length", verifyNumber.procedure, json, io.MultiReader()},
		{"REST with an object", verifyNumber.route, json, strings.NewReader("{}")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := post(t, newWire(t, false).Client, s.url+tt.path, tt.header.Clone(), tt.body)
			for _, want := range []string{"PARAMETER_INVALID", `"phone"`, `"token"`} {
				if got.status != http.StatusBadRequest || !strings.Contains(string(got.body), want) {
					t.Errorf("status %d: %s, want %s", got.status, got.body, want)
				}
			}
		})
	}
}

// TestNotGzip blames the caller.
func TestNotGzip(t *testing.T) {
	t.Parallel()
	s := serve(t, stubbed(fine))
	const start = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" // of a body that ends there
	for _, body := range []string{"{}", "a body longer than a header", start} {
		header := jsonHeader()
		header.Set("Content-Encoding", "gzip")
		got := post(t, newWire(t, false).Client, s.url+verifyNumber.route, header, strings.NewReader(body))
		if got.status != http.StatusBadRequest || codes.Code(restStatus(t, got.body).GetCode()) != codes.InvalidArgument {
			t.Errorf("%q: status %d: %s", body, got.status, got.body)
		}
	}
}

// TestRefusalsOfREST are in the form that all errors of REST have.
func TestRefusalsOfREST(t *testing.T) {
	t.Parallel()
	s := configured(t, stubbed(fine), edge.Config{Origins: []string{"https://app.example.com"}})
	tests := []struct {
		name, verb, path string
		header           http.Header
		status           int
		code             codes.Code
	}{
		{"no method", http.MethodPost, "/v1/numbers:no", jsonHeader(), http.StatusNotFound, codes.NotFound},
		{"another verb", http.MethodGet, verifyNumber.route, nil, http.StatusMethodNotAllowed, codes.Unimplemented},
		{"a form", http.MethodPost, verifyNumber.route, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, http.StatusUnsupportedMediaType, codes.InvalidArgument},
		{"another compression", http.MethodPost, verifyNumber.route, http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"br"}}, http.StatusUnsupportedMediaType, codes.InvalidArgument},
		{"no timeout", http.MethodPost, verifyNumber.route, http.Header{"Content-Type": {"application/json"}, "X-Server-Timeout": {"soon"}}, http.StatusBadRequest, codes.InvalidArgument},
		{"a foreign page", http.MethodPost, verifyNumber.route, http.Header{"Content-Type": {"application/json"}, "Sec-Fetch-Site": {"cross-site"}}, http.StatusForbidden, codes.PermissionDenied},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			req, err := http.NewRequestWithContext(t.Context(), tt.verb, s.url+tt.path, strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			req.Header = tt.header
			resp, err := newWire(t, false).Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			st := restStatus(t, body)
			if resp.StatusCode != tt.status || codes.Code(st.GetCode()) != tt.code || st.GetMessage() == "" || resp.Header.Get("Content-Type") != "application/json" {
				t.Errorf("status %d of %s: %s", resp.StatusCode, resp.Header.Get("Content-Type"), body)
			}
			if allow := resp.Header.Get("Allow"); (allow == http.MethodPost) != (tt.status == http.StatusMethodNotAllowed) {
				t.Errorf("Allow: %q", allow)
			}
		})
	}
}

// TestTimeoutHeaders wants the form that a timeout has, in the words of the edge.
func TestTimeoutHeaders(t *testing.T) {
	t.Parallel()
	s := serve(t, stubbed(fine))
	const seconds, milliseconds = "X-Server-Timeout", "Connect-Timeout-Ms"
	tests := []struct {
		path, name, value string
		ok                bool
	}{
		{verifyNumber.route, seconds, "1.5", true},
		{verifyNumber.route, seconds, "soon", false},
		{verifyNumber.route, seconds, "-1", false},
		{verifyNumber.route, seconds, "NaN", false},
		{verifyNumber.route, seconds, "Inf", false},
		{verifyNumber.route, seconds, "1e300", false},
		{verifyNumber.procedure, milliseconds, "1500", true},
		{verifyNumber.procedure, milliseconds, "1.5", false},
		{verifyNumber.procedure, milliseconds, "-1", false},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+tt.value, func(t *testing.T) {
			t.Parallel()
			header := header("Content-Type", "application/json", tt.name, tt.value)
			got := post(t, newWire(t, false).Client, s.url+tt.path, header, strings.NewReader("{}"))
			if tt.ok && got.status == http.StatusOK {
				return
			}
			text := string(got.body)
			plain := strings.Contains(text, tt.name+" is not a") && strings.Contains(text, "such as 1") && !strings.Contains(text, "strconv")
			if tt.ok || got.status != http.StatusBadRequest || !plain {
				t.Errorf("status %d: %s", got.status, got.body)
			}
		})
	}
}

// TestTooLargeTellsTheLimit has a body as it is, in protobuf and in gzip.
func TestTooLargeTellsTheLimit(t *testing.T) {
	t.Parallel()
	s := configured(t, stubbed(fine), edge.Config{MaxMessage: 100})
	bodies := map[string]struct {
		path, contentType, encoding string
		status                      int
	}{
		"REST":                     {verifyNumber.route, "application/json", "", http.StatusRequestEntityTooLarge},
		"Connect":                  {verifyNumber.procedure, "application/json", "", http.StatusTooManyRequests},
		"Connect with protobuf":    {verifyNumber.procedure, "application/proto", "", http.StatusTooManyRequests},
		"Connect, said to be gzip": {verifyNumber.procedure, "application/json", "gzip", http.StatusTooManyRequests},
	}
	for name, tt := range bodies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, body := range []io.Reader{strings.NewReader(padded()), io.MultiReader(strings.NewReader(padded()))} {
				header := header("Content-Type", tt.contentType)
				if tt.encoding != "" {
					header.Set("Content-Encoding", tt.encoding)
				}
				got := post(t, newWire(t, false).Client, s.url+tt.path, header, body)
				const want = "the message is larger than 100 bytes, the limit of this server"
				if got.status != tt.status || !strings.Contains(string(got.body), want) {
					t.Errorf("status %d: %s", got.status, got.body)
				}
			}
		})
	}
}

// TestNoListOfMessages is what the look for malformed fields relies on.
func TestNoListOfMessages(t *testing.T) {
	t.Parallel()
	messages := jverificationv1.File_jiguang_jverification_v1_verification_service_proto.Messages()
	for i := range messages.Len() {
		fields := messages.Get(i).Fields()
		for j := range fields.Len() {
			field := fields.Get(j)
			if field.Message() != nil && field.Cardinality() == protoreflect.Repeated && strings.HasSuffix(string(messages.Get(i).Name()), "Request") {
				t.Errorf("%s holds several messages: violations does not look into them", field.FullName())
			}
		}
	}
}
