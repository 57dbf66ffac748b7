// Package rest_test compares replies of the gateway with openapi.yaml.
package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/edge"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const file = "../openapi.yaml"

var service = jverificationv1.File_jiguang_jverification_v1_verification_service_proto.Services().ByName("VerificationService")

// load reads the document that is served. Its objects take no fields that it does not
// describe, which it lets other versions have.
func load(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, schema := range doc.Components.Schemas {
		if schema.Value.Type.Is(openapi3.TypeObject) {
			schema.Value.WithoutAdditionalProperties()
		}
	}
	return doc
}

// TestDocumentIsValid validates the examples too.
func TestDocumentIsValid(t *testing.T) {
	t.Parallel()
	doc := load(t)
	if err := doc.Validate(t.Context(), openapi3.EnableExamplesValidation()); err != nil {
		t.Error(err)
	}
	for path, item := range doc.Paths.Map() {
		if item.Post.Description == "" {
			t.Errorf("%s: no description", path)
		}
	}
}

// TestPathsAreTheRoutes also finds a route that make generate does not pass on.
func TestPathsAreTheRoutes(t *testing.T) {
	t.Parallel()
	got := map[string]string{}
	for path, item := range load(t).Paths.Map() {
		got[fmt.Sprintf("/%s/%s", service.FullName(), item.Post.OperationID)] = path
	}
	if diff := cmp.Diff(edge.Routes(), got); diff != "" {
		t.Errorf("the paths of openapi.yaml (-routes +document):\n%s", diff)
	}
}

// TestEveryDeclaredCode compares the reply for each code with the example of the
// document.
func TestEveryDeclaredCode(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, to target, method protoreflect.MethodDescriptor) {
		declared, ok := codetable.Declared(method)
		if !ok {
			t.Fatal("no code is declared")
		}
		for _, spec := range declared {
			asked := to
			if spec.Domain() != "jverification.jiguang.cn" { // the simulator can't answer with it
				asked = to.failing(t, spec)
			}
			got := asked.send(t, http.MethodPost, fmt.Sprintf(fields[string(method.Name())], fmt.Sprintf("code-%d", spec.Number())), true)
			if spec.GRPCCode() == codes.OK {
				if got.status != http.StatusOK {
					t.Errorf("%v: %d, want 200", spec, got.status)
				}
				continue
			}
			if want := to.example(got.status, spec.Reason()); !sameDetails(got.body.Details, want) {
				t.Errorf("%v: details %v, the example for status %d has %v", spec, got.body.Details, got.status, want)
			}
		}
	})
}

// TestPublic has no ErrorInfo for operator codes, which the document allows.
func TestPublic(t *testing.T) {
	t.Parallel()
	each(t, true, func(t *testing.T, to target, method protoreflect.MethodDescriptor) {
		for _, number := range []int{9010, 1804, 77} {
			got := to.send(t, http.MethodPost, fmt.Sprintf(fields[string(method.Name())], fmt.Sprintf("code-%d", number)), true)
			if got.info() != nil || got.status < http.StatusInternalServerError {
				t.Errorf("%d is not masked: %+v", number, got)
			}
		}
	})
}

// TestMalformedRequests sends what is no request of the method.
func TestMalformedRequests(t *testing.T) {
	t.Parallel()
	large := `{"exId":"` + strings.Repeat("x", edge.DefaultMaxMessage) + `"}`
	each(t, false, func(t *testing.T, to target, _ protoreflect.MethodDescriptor) {
		for _, tt := range []struct {
			name, method, body, mediaType string
			want                          int
		}{
			{"no JSON", http.MethodPost, "no JSON", "application/json", http.StatusBadRequest},
			{"wrong type", http.MethodPost, `{"exId":7}`, "application/json", http.StatusBadRequest},
			{"empty", http.MethodPost, "", "application/json", http.StatusBadRequest},
			{"verb", http.MethodGet, "", "application/json", http.StatusMethodNotAllowed},
			{"size", http.MethodPost, large, "application/json", http.StatusRequestEntityTooLarge},
			{"media type", http.MethodPost, "{}", "text/plain", http.StatusUnsupportedMediaType},
		} {
			if got := to.send(t, tt.method, tt.body, false, "Content-Type", tt.mediaType); got.status != tt.want {
				t.Errorf("%s: status %d, want %d", tt.name, got.status, tt.want)
			}
		}
	})
}

// TestUnknownPath has no operation of the document, but the same form.
func TestUnknownPath(t *testing.T) {
	t.Parallel()
	g := gatewaytest.Start(t, gatewaytest.Options{Web: true})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, g.URL+"/v1/numbers:guess", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var body any
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil || resp.StatusCode != http.StatusNotFound {
		t.Fatalf("%s: %v", resp.Status, err)
	}
	if err := load(t).Components.Schemas["google.rpc.Status"].Value.VisitJSON(body); err != nil {
		t.Errorf("%v: %v", body, err)
	}
}
