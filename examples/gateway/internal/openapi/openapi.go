// Package openapi describes the REST API of the gateway as an OpenAPI document. All
// of it comes from the service's descriptors and the tables of its codes, so that a
// new field or code is in the document without any other change.
package openapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
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

// Comments returns what the .proto file says of a descriptor, or "".
type Comments func(protoreflect.Descriptor) string

// Document describes the methods of a service that have a route. Routes has the path
// of each, by its full name such as "/package.Service/Method".
func Document(service protoreflect.ServiceDescriptor, routes map[string]string, comments Comments) (*openapi3.T, error) {
	b := builder{openapi3.Schemas{}, openapi3.Examples{}, comments}
	doc := &openapi3.T{
		OpenAPI:    "3.0.3",
		Info:       &openapi3.Info{Title: "JVerification gateway", Version: "v1", Description: about},
		Servers:    openapi3.Servers{{URL: "/"}},
		Components: &openapi3.Components{Schemas: b.schemas, Examples: b.examples},
		Paths:      openapi3.NewPaths(),
	}
	b.addStatus()
	for _, name := range slices.Sorted(maps.Keys(routes)) {
		method := service.Methods().ByName(protoreflect.Name(name[strings.LastIndex(name, "/")+1:]))
		if method == nil {
			return nil, fmt.Errorf("openapi: %s has no method %s to describe %s with", service.FullName(), name, routes[name])
		}
		operation, err := b.operation(method)
		if err != nil {
			return nil, fmt.Errorf("openapi: %s: %w", name, err)
		}
		doc.Paths.Set(routes[name], &openapi3.PathItem{Post: operation})
	}
	return doc, nil
}

// Write writes a document as YAML, in the order in which it is read.
func Write(w io.Writer, doc *openapi3.T) error {
	all, err := doc.MarshalYAML()
	if err != nil {
		return err
	}
	sections, ok := all.(map[string]any)
	if !ok {
		return fmt.Errorf("openapi: the document is a %T", all)
	}
	for _, name := range []string{"openapi", "info", "servers", "paths", "components"} {
		encoder := yaml.NewEncoder(w)
		encoder.SetIndent(2)
		if err := errors.Join(encoder.Encode(map[string]any{name: sections[name]}), encoder.Close()); err != nil {
			return err
		}
	}
	return nil
}

func (b builder) operation(method protoreflect.MethodDescriptor) (*openapi3.Operation, error) {
	declared, _ := codetable.Declared(method)
	responses, err := b.failures(declared)
	if err != nil {
		return nil, err
	}
	success := openapi3.NewResponse().WithDescription("The call succeeded.").WithJSONSchemaRef(b.message(method.Output()))
	responses.Set("200", &openapi3.ResponseRef{Value: success})
	responses.Set("default", &openapi3.ResponseRef{Value: openapi3.NewResponse().
		WithDescription("Any other failure. A gateway with a public boundary answers 500 or 503 in place of a code that only its operator can fix, with RequestInfo instead of ErrorInfo.").
		WithJSONSchemaRef(b.ref(statusSchema))})
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
	}, nil
}

// refusals are the HTTP statuses of requests that are no call of the method. They have
// no code.
var refusals = map[int]string{
	http.StatusMethodNotAllowed:      "The method is not POST.",
	http.StatusRequestEntityTooLarge: "The body is too large.",
	http.StatusUnsupportedMediaType:  "The body is not JSON in UTF-8.",
}

// failures are the responses of the declared codes by HTTP status, each with an
// example a code.
func (b builder) failures(declared []codetable.Spec) (*openapi3.Responses, error) {
	responses := openapi3.NewResponses()
	responses.Delete("default")
	lines := map[string][]string{}
	for _, spec := range declared {
		if spec.GRPCCode() == codes.OK {
			continue
		}
		httpStatus, example, err := b.example(spec)
		if err != nil {
			return nil, fmt.Errorf("%v: %w", spec, err)
		}
		response := responses.Value(httpStatus)
		if response == nil {
			response = &openapi3.ResponseRef{Value: openapi3.NewResponse().WithJSONSchemaRef(b.ref(statusSchema))}
			response.Value.Content[jsonType].Examples = openapi3.Examples{}
			responses.Set(httpStatus, response)
		}
		response.Value.Content[jsonType].Examples[spec.Reason()] = example
		lines[httpStatus] = append(lines[httpStatus], fmt.Sprintf("- %s (%d): %s", spec.Reason(), spec.Number(), spec.Notes()))
		response.Value.Description = new(strings.Join(lines[httpStatus], "\n"))
	}
	for httpStatus, text := range refusals {
		if key := strconv.Itoa(httpStatus); responses.Value(key) == nil {
			responses.Set(key, &openapi3.ResponseRef{Value: openapi3.NewResponse().WithDescription(text).WithJSONSchemaRef(b.ref(statusSchema))})
		}
	}
	return responses, nil
}

// example names what the gateway answers for a code, to a caller who reads English.
func (b builder) example(spec codetable.Spec) (httpStatus string, _ *openapi3.ExampleRef, err error) {
	var opts []codetable.ErrorOption
	if spec.Retry().Window != codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED {
		opts = append(opts, codetable.WithRetryAfter(42*time.Minute)) // the time left depends on the clock
	}
	request, answer := &http.Request{Header: http.Header{"Accept-Language": {"en"}}}, httptest.NewRecorder()
	rest.WriteError(answer, request, spec.NewError(opts...))
	var body any
	err = json.Unmarshal(answer.Body.Bytes(), &body)
	name := spec.Domain() + "." + spec.Reason()
	b.examples[name] = &openapi3.ExampleRef{Value: &openapi3.Example{
		Summary: fmt.Sprintf("%d: %s", spec.Number(), spec.Notes()), Description: spec.Resolution(), Value: body,
	}}
	return strconv.Itoa(answer.Code), &openapi3.ExampleRef{Ref: "#/components/examples/" + name}, err
}
