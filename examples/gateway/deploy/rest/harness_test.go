package rest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/edge"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// target is a method of a document and of a gateway.
type target struct {
	doc       *openapi3.T
	gateway   *gatewaytest.Gateway
	url, path string
	operation *openapi3.Operation
}

// failing is the same method of a gateway that answers every call with a code. It has
// the interceptors of the real one.
func (to target) failing(t *testing.T, spec codetable.Spec) target {
	t.Helper()
	chain := to.gateway.Chain()
	chain.Unary = append(chain.Unary, func(context.Context, any, *grpc.UnaryServerInfo, grpc.UnaryHandler) (any, error) {
		return nil, spec.NewError()
	})
	backend := edge.NewBackend(chain)
	to.gateway.Register(backend)
	to.url = gatewaytest.ServeWeb(t, backend, edge.Config{})
	return to
}

// each runs a test for every method of the document, against gateways of one kind.
func each(t *testing.T, public bool, test func(*testing.T, target, protoreflect.MethodDescriptor)) {
	t.Helper()
	g := gatewaytest.Start(t, gatewaytest.Options{Web: true, Config: func(c *gateway.Config) {
		c.PublicBoundary, c.RiskAttempts = public, 1
	}})
	for path, item := range load(t).Paths.Map() {
		t.Run(item.Post.OperationID, func(t *testing.T) {
			t.Parallel()
			test(t, target{load(t), g, g.URL, path, item.Post}, service.Methods().ByName(protoreflect.Name(item.Post.OperationID)))
		})
	}
}

// fields has the field of each request that the simulator obeys as the last one.
var fields = map[string]string{
	"VerifyNumber":        `{"phone":"13800138000","surface":"SURFACE_APP","assessRisk":true,"token":%q}`,
	"QueryBusinessRisk":   `{"endUserIp":"192.0.2.1","phone":%q}`,
	"ExchangeLoginToken":  `{"exId":"7","loginToken":%q}`,
	"CheckCaptcha":        `{"captchaContent":%q}`,
	"EnableOneClickLogin": `{"packageName":"com.example.app","platform":"PLATFORM_IOS","appKey":%q}`,
}

// answer is a reply that the document describes.
type answer struct {
	status int
	body   struct {
		Code    int
		Details []map[string]any
	}
}

// send makes a request, and checks its reply against the document and, where it is to
// be valid, the request as well.
func (to target) send(t *testing.T, method, body string, valid bool, header ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, to.url+to.path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Content-Type": {"application/json"}, "Accept-Language": {"en"}}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	input := &openapi3filter.RequestValidationInput{Request: req, Route: &routers.Route{
		Spec: to.doc, Path: to.path, PathItem: to.doc.Paths.Value(to.path), Method: http.MethodPost, Operation: to.operation,
	}}
	if valid {
		if err := openapi3filter.ValidateRequest(t.Context(), input); err != nil {
			t.Errorf("%s: the request: %v", body, err)
		}
		req.Body = io.NopCloser(strings.NewReader(body))
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	err = openapi3filter.ValidateResponse(t.Context(), (&openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: resp.StatusCode, Header: resp.Header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}).SetBodyBytes(text))
	if err != nil {
		t.Errorf("%s %.99s: the reply %s %s: %v", method, body, resp.Status, text, err)
	}
	a := answer{status: resp.StatusCode}
	if a.status != http.StatusOK {
		if err := json.Unmarshal(text, &a.body); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	return a
}

// info returns the ErrorInfo of an answer.
func (a answer) info() map[string]any {
	for _, detail := range a.body.Details {
		if detail["@type"] == "type.googleapis.com/google.rpc.ErrorInfo" {
			return detail
		}
	}
	return nil
}

// example returns the details of the example of a code.
func (to target) example(status int, reason string) []any {
	response := to.operation.Responses.Value(strconv.Itoa(status))
	if response == nil || response.Value.Content["application/json"].Examples[reason] == nil {
		return nil
	}
	body, _ := response.Value.Content["application/json"].Examples[reason].Value.Value.(map[string]any)
	list, _ := body["details"].([]any)
	return list
}

// sameDetails reports whether details have the types of an example, and its code.
func sameDetails(got []map[string]any, example []any) bool {
	if len(got) != len(example) || len(got) == 0 {
		return false
	}
	for i, detail := range example {
		want, _ := detail.(map[string]any)
		if got[i]["@type"] != want["@type"] || got[i]["reason"] != want["reason"] || got[i]["domain"] != want["domain"] {
			return false
		}
	}
	return true
}
