package rest_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

// write answers a request with the Accept-Language of the call.
func write(err error, language string, opts ...rest.WriteOption) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodGet, "/", nil)
	if language != "" {
		req.Header.Set("Accept-Language", language)
	}
	w := httptest.NewRecorder()
	rest.WriteError(w, req, err, opts...)
	return w
}

func parsed(t *testing.T, raw []byte) (document map[string]any) {
	t.Helper()
	if err := json.Unmarshal(raw, &document); err != nil {
		t.Fatalf("%q: %v", raw, err)
	}
	return document
}

// sent returns the status that a server interceptor sends.
func sent(t *testing.T, err error) *spb.Status {
	t.Helper()
	return interceptor.NewTranslator().Translate(t.Context(), err).Status.Proto()
}

// httpOf is the mapping that google.rpc.Code documents, with its names.
var httpOf = map[codes.Code]struct {
	status int
	name   string
}{
	codes.Canceled:           {499, "CANCELLED"},
	codes.Unknown:            {500, "UNKNOWN"},
	codes.InvalidArgument:    {400, "INVALID_ARGUMENT"},
	codes.DeadlineExceeded:   {504, "DEADLINE_EXCEEDED"},
	codes.NotFound:           {404, "NOT_FOUND"},
	codes.AlreadyExists:      {409, "ALREADY_EXISTS"},
	codes.PermissionDenied:   {403, "PERMISSION_DENIED"},
	codes.Unauthenticated:    {401, "UNAUTHENTICATED"},
	codes.ResourceExhausted:  {429, "RESOURCE_EXHAUSTED"},
	codes.FailedPrecondition: {400, "FAILED_PRECONDITION"},
	codes.Aborted:            {409, "ABORTED"},
	codes.OutOfRange:         {400, "OUT_OF_RANGE"},
	codes.Unimplemented:      {501, "UNIMPLEMENTED"},
	codes.Internal:           {500, "INTERNAL"},
	codes.Unavailable:        {503, "UNAVAILABLE"},
	codes.DataLoss:           {500, "DATA_LOSS"},
}

func TestWriteErrorOfEveryGRPCCode(t *testing.T) {
	t.Parallel()
	for code, want := range httpOf {
		w := write(status.Error(code, "m"), "", rest.WithErrorEnvelope())
		body := parsed(t, w.Body.Bytes())
		wantBody := map[string]any{"error": map[string]any{"code": float64(want.status), "message": "m", "status": want.name}}
		if w.Code != want.status || !reflect.DeepEqual(body, wantBody) {
			t.Errorf("%v: HTTP %d %v; want %d %v", code, w.Code, body, want.status, wantBody)
		}
	}
	// The last code, and numbers that are not codes.
	for code, want := range map[codes.Code]float64{codes.OK: 13, 99: 99} {
		w := write(holder{status.New(code, "")}, "")
		if body := parsed(t, w.Body.Bytes()); w.Code != 500 || body["code"] != want {
			t.Errorf("%v: HTTP %d %v; want 500 and code %v", code, w.Code, body, want)
		}
	}
}

func TestWriteErrorOfEveryCode(t *testing.T) {
	t.Parallel()
	for code, spec := range codetable.All[Code]() {
		err := codetable.NewError(code, codetable.WithMetadata("exId", `<e-1 & "2">`))
		if spec.GRPCCode() == codes.OK {
			if err != nil {
				t.Errorf("NewError(%d) = %v; want nil", code, err)
			}
			continue
		}
		t.Run(spec.Reason(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				message := sent(t, err)
				raw, fault := protojson.Marshal(message)
				if fault != nil {
					t.Fatal(fault)
				}
				want := parsed(t, raw)
				w := write(err, "")
				if got := parsed(t, w.Body.Bytes()); !reflect.DeepEqual(got, want) {
					t.Errorf("body = %v\nwant   %v", got, want)
				}
				if got, want := w.Code, httpOf[spec.GRPCCode()].status; got != want {
					t.Errorf("HTTP status = %d; want %d", got, want)
				}
				checkHeader(t, w, message)

				envelope := write(err, "", rest.WithErrorEnvelope())
				want["code"], want["status"] = float64(w.Code), httpOf[spec.GRPCCode()].name
				if got := parsed(t, envelope.Body.Bytes()); !reflect.DeepEqual(got, map[string]any{"error": want}) {
					t.Errorf("envelope = %v\nwant       %v", got, want)
				}
				if envelope.Code != w.Code || !reflect.DeepEqual(envelope.Header(), w.Header()) {
					t.Errorf("the envelope changes HTTP %d %v to %d %v", w.Code, w.Header(), envelope.Code, envelope.Header())
				}
			})
		})
	}
}

func checkHeader(t *testing.T, w *httptest.ResponseRecorder, message *spb.Status) {
	t.Helper()
	want := http.Header{
		"Content-Type":           {"application/json"},
		"X-Content-Type-Options": {"nosniff"},
		"Cache-Control":          {"no-store"},
	}
	if delay, ok := retryInfoOf(status.FromProto(message)); ok {
		want.Set("Retry-After", fmt.Sprint(int(delay.Seconds())))
	}
	if !reflect.DeepEqual(w.Header(), want) {
		t.Errorf("header = %v; want %v", w.Header(), want)
	}
}

// A detail whose type is not linked keeps its bytes. A linked detail that has
// no JSON form does too.
func TestWriteErrorKeepsDetails(t *testing.T) {
	t.Parallel()
	deep := &descriptorpb.DescriptorProto{}
	for range 6000 {
		deep = &descriptorpb.DescriptorProto{NestedType: []*descriptorpb.DescriptorProto{deep}}
	}
	nested, err := anypb.New(deep)
	if err != nil {
		t.Fatal(err)
	}
	broken := &anypb.Any{TypeUrl: "type.googleapis.com/google.rpc.DebugInfo", Value: []byte("\x0a\x01\xff")}
	wide := rest.WithTranslator(interceptor.NewTranslator(interceptor.WithDetailBudget(1 << 20)))
	for name, detail := range map[string]*anypb.Any{
		"unknown type":           {TypeUrl: "type.googleapis.com/acme.v1.Quota", Value: []byte("\x00\x01\xfe\xff")},
		"unknown type, no bytes": {TypeUrl: "acme.example/acme.v1.Quota"},
		"invalid UTF-8":          broken,
		"deeper than JSON":       nested,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := write(codetable.NewError(authFailed, codetable.WithDetail(detail)), "", wide)
			details, _ := parsed(t, w.Body.Bytes())["details"].([]any)
			if len(details) != 2 {
				t.Fatalf("details = %v; want ErrorInfo and one more", details)
			}
			got, _ := details[1].(map[string]any)
			value, _ := got["value"].(string)
			if raw, err := base64.StdEncoding.DecodeString(value); err != nil || string(raw) != string(detail.GetValue()) || got["@type"] != detail.GetTypeUrl() {
				t.Errorf("detail = %.200v; want %s with its bytes", got, detail.GetTypeUrl())
			}
		})
	}
}

const private = "pq: 13800138000"

// The text that a handler wraps around an error is never sent.
func TestWriteErrorLeaksNothing(t *testing.T) {
	t.Parallel()
	cause := errors.New(private)
	coded := codetable.NewError(tokenExpired, codetable.WithCause(cause))
	upstream := rest.Do[Code](canned(502, []byte(private)), newRequest(t, "http://upstream.test"), nil)
	for name, err := range map[string]error{
		"bare":                cause,
		"wrapped":             fmt.Errorf("%s: %w", private, coded),
		"cause":               coded,
		"joined":              errors.Join(cause, coded),
		"status":              fmt.Errorf("%s: %w", private, status.Error(codes.NotFound, "no such user")),
		"context":             fmt.Errorf("%s: %w", private, context.DeadlineExceeded),
		"upstream":            upstream,
		"typed nil":           (*codetable.Error)(nil),
		"panic in Error":      panicking{},
		"panic in GRPCStatus": panickingStatus{},
		"status of OK":        fmt.Errorf("%s: %w", private, holder{status.New(codes.OK, private)}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, opts := range [][]rest.WriteOption{nil, {rest.WithErrorEnvelope()}} {
				w := write(err, "*", opts...)
				if w.Code < 400 || !json.Valid(w.Body.Bytes()) {
					t.Errorf("HTTP %d %s; want a failure in JSON", w.Code, w.Body)
				}
				if shown := fmt.Sprint(w.Header(), w.Body); strings.Contains(shown, "138") || strings.Contains(shown, "pq") {
					t.Errorf("answer = %s; want nothing of the text", shown)
				}
			}
		})
	}
}

type panicking struct{}

func (panicking) Error() string { panic(private) }

type panickingStatus struct{}

func (panickingStatus) Error() string              { return private }
func (panickingStatus) GRPCStatus() *status.Status { panic(private) }

func TestWriteErrorOfNil(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	rest.WriteError(w, httptest.NewRequest(http.MethodGet, "/", nil), codetable.NewError(consistent))
	if len(w.Header()) != 0 || w.Body.Len() != 0 || w.Flushed {
		t.Errorf("answer = %v %q; want none", w.Header(), w.Body)
	}
}

// A nil translator panics, and nothing is sent.
func TestWriteErrorWithoutTranslator(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	defer func() {
		if recover() == nil || w.Body.Len() != 0 {
			t.Errorf("answer = %q; want a panic and nothing written", w.Body)
		}
	}()
	rest.WriteError(w, httptest.NewRequest(http.MethodGet, "/", nil), codetable.NewError(authFailed), rest.WithTranslator(nil))
}

// An HTTP caller that reads google.rpc.Status gets the code back.
func TestWriteErrorRoundTrip(t *testing.T) {
	t.Parallel()
	w := write(codetable.NewError(notConsistent, codetable.WithMetadata("exId", "e-1")), "")
	var message spb.Status
	if err := protojson.Unmarshal(w.Body.Bytes(), &message); err != nil {
		t.Fatal(err)
	}
	got, ok := codetable.FromError(status.FromProto(&message).Err())
	if !ok || got.Number() != int32(notConsistent) || got.Metadata()["exId"] != "e-1" {
		t.Errorf("error = %v; want 9001", got)
	}
	if want := sent(t, codetable.NewError(notConsistent, codetable.WithMetadata("exId", "e-1"))); !proto.Equal(&message, want) {
		t.Errorf("status = %v; want %v", &message, want)
	}
}
