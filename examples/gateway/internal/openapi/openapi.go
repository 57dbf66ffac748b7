// Package openapi describes the REST API of the gateway as an OpenAPI document. All
// of it comes from the service's descriptors and the tables of its codes, so that a
// new field or code is in the document without any other change.
package openapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

const jsonType = "application/json"

const about = `JiGuang JVerification over REST. A failure is a google.rpc.Status. Its details begin
with the ErrorInfo of a code, whose reason and domain identify it; RetryInfo says when
a retry may help. The examples of each method are all codes that it declares. Tokens
and captchas are single-use: a failed call needs a new one unless its code allows the
same request.`

// Document describes the methods of a service that have a route. Routes has the path
// of each, by its full name such as "/package.Service/Method". Comments returns what
// the .proto file says of a descriptor, or "".
func Document(service protoreflect.ServiceDescriptor, routes map[string]string, comments func(protoreflect.Descriptor) string) (*openapi3.T, error) {
	b := builder{openapi3.Schemas{}, openapi3.Examples{}, comments}
	doc := &openapi3.T{
		OpenAPI:    "3.0.3",
		Info:       &openapi3.Info{Title: "JVerification gateway", Version: "v1", Description: about},
		Servers:    openapi3.Servers{{URL: "/"}},
		Components: &openapi3.Components{Schemas: b.schemas, Examples: b.examples},
		Paths:      openapi3.NewPaths(),
	}
	b.addStatus()
	for name, route := range routes {
		method := service.Methods().ByName(protoreflect.Name(path.Base(name)))
		if method == nil {
			return nil, fmt.Errorf("openapi: %s has no method %s to describe %s with", service.FullName(), name, route)
		}
		doc.Paths.Set(route, &openapi3.PathItem{Post: b.operation(method)})
	}
	return doc, nil
}

// Write writes a document as YAML, in the order in which it is read.
func Write(w io.Writer, doc *openapi3.T) error {
	encoder := yaml.NewEncoder(w)
	encoder.SetIndent(2)
	return errors.Join(encoder.Encode(struct {
		OpenAPI    string
		Info       *openapi3.Info
		Servers    openapi3.Servers
		Paths      *openapi3.Paths
		Components *openapi3.Components
	}{doc.OpenAPI, doc.Info, doc.Servers, doc.Paths, doc.Components}), encoder.Close())
}

func (b builder) operation(method protoreflect.MethodDescriptor) *openapi3.Operation {
	responses := openapi3.NewResponses(
		openapi3.WithName("200", openapi3.NewResponse().WithDescription("The call succeeded.").WithJSONSchemaRef(b.message(method.Output()))),
		openapi3.WithName("405", b.failure("The method is not POST.")),
		openapi3.WithName("413", b.failure("The body is too large.")),
		openapi3.WithName("415", b.failure("The body is not JSON in UTF-8.")),
		openapi3.WithName("default", b.failure("Any other failure. A gateway with a public boundary answers 500 or 503 in place of a code that only its operator can fix, with RequestInfo instead of ErrorInfo.")),
	)
	declared, _ := codetable.Declared(method)
	for _, spec := range declared {
		if spec.GRPCCode() != codes.OK {
			b.addCode(responses, spec)
		}
	}
	language := openapi3.NewHeaderParameter("Accept-Language").
		WithDescription("The languages of the end user. An error has a LocalizedMessage for it.").
		WithSchema(openapi3.NewStringSchema())
	language.Example = "zh-CN, en;q=0.5"
	return &openapi3.Operation{
		OperationID: string(method.Name()),
		Description: b.comments(method),
		Parameters:  openapi3.Parameters{{Value: language}},
		RequestBody: &openapi3.RequestBodyRef{Value: openapi3.NewRequestBody().WithRequired(true).
			WithContent(openapi3.NewContentWithJSONSchemaRef(b.message(method.Input())))},
		Responses: responses,
	}
}

func (b builder) failure(description string) *openapi3.Response {
	response := openapi3.NewResponse().WithDescription(description).WithJSONSchemaRef(b.ref(statusSchema))
	response.Content[jsonType].Examples = openapi3.Examples{}
	return response
}

// addCode adds a code to the response that has its HTTP status: a line of the
// description, and an example.
func (b builder) addCode(responses *openapi3.Responses, spec codetable.Spec) {
	httpStatus, body := answer(spec)
	name := spec.Domain() + "." + spec.Reason()
	b.examples[name] = &openapi3.ExampleRef{Value: &openapi3.Example{
		Summary: fmt.Sprintf("%d: %s", spec.Number(), spec.Notes()), Description: spec.Resolution(), Value: body,
	}}
	if responses.Value(httpStatus) == nil {
		responses.Set(httpStatus, &openapi3.ResponseRef{Value: b.failure("")})
	}
	response := responses.Value(httpStatus).Value
	line := fmt.Sprintf("\n- %s (%d): %s", spec.Reason(), spec.Number(), spec.Notes())
	response.WithDescription(strings.TrimPrefix(*response.Description+line, "\n"))
	response.Content[jsonType].Examples[spec.Reason()] = &openapi3.ExampleRef{Ref: "#/components/examples/" + name}
}

// answer returns what the gateway answers for a code, to a caller who reads English.
func answer(spec codetable.Spec) (httpStatus string, body any) {
	var opts []codetable.ErrorOption
	if spec.Retry().Window != codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED {
		opts = append(opts, codetable.WithRetryAfter(42*time.Minute)) // the time left depends on the clock
	}
	request, recorder := &http.Request{Header: http.Header{"Accept-Language": {"en"}}}, httptest.NewRecorder()
	rest.WriteError(recorder, request, spec.NewError(opts...))
	_ = json.Unmarshal(recorder.Body.Bytes(), &body) // package rest writes JSON
	return strconv.Itoa(recorder.Code), body
}
