package openapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue/cataloguetest"
)

// TestConnectErrors compares each example with what connect-go writes for the same
// error.
func TestConnectErrors(t *testing.T) {
	t.Parallel()
	c := cataloguetest.Linked(t)
	examples := document(t, c, config).Components.Examples
	compared := 0
	for _, table := range c.Tables {
		for _, code := range table.Codes {
			example := examples[code.Domain+"."+code.Reason+".connect"]
			if example == nil || code.Retry.Window != "" { // the time left depends on the clock
				continue
			}
			compared++
			want := written(t, code.Spec.NewError())
			got := example.Value.Value.(map[string]any)
			if details := got["details"].([]any); len(details) > 0 && details[len(details)-1].(map[string]any)["type"] == "google.rpc.LocalizedMessage" {
				got["details"] = details[:len(details)-1] // an interceptor adds it
			}
			if diff := cmp.Diff(want, any(got)); diff != "" {
				t.Errorf("%s (-connect +example):\n%s", code.ID(), diff)
			}
		}
	}
	if compared < 20 {
		t.Errorf("%d codes were compared", compared)
	}
}

// written returns the JSON of an error without a LocalizedMessage.
func written(t *testing.T, err error) (body any) {
	t.Helper()
	st, _ := status.FromError(err)
	failure := connect.NewWireError(connect.Code(st.Code()), errorText(st.Message()))
	for _, packed := range st.Proto().GetDetails() {
		detail, err := connect.NewErrorDetail(packed)
		if err != nil {
			t.Fatal(err)
		}
		failure.AddDetail(detail)
	}
	recorder := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodPost, "/s/m", nil)
	request.Header.Set("Content-Type", "application/json")
	if err := connect.NewErrorWriter().Write(recorder, request, failure); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(recorder.Body.Bytes(), &body); err != nil {
		t.Fatal(err)
	}
	return body
}

type errorText string

func (e errorText) Error() string { return string(e) }
