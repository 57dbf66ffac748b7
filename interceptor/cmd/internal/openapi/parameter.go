package openapi

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
)

// parameters returns the header with the languages, the variables of the path,
// and, for a request without a body, its other fields.
func (b *builder) parameters(message protoreflect.MessageDescriptor, to binding, segments []segment) ([]object, error) {
	list := []object{{
		"name": "Accept-Language", "in": "header", "example": "zh-CN, en;q=0.5",
		"description": "The languages of the end user. An error has a LocalizedMessage for it.",
		"schema":      object{"type": "string"},
	}}
	var skip []string
	for _, segment := range segments {
		field := fieldByPath(message, segment.field)
		if field == nil {
			return nil, fmt.Errorf("path %s: %s has no field %s", to.path, message.FullName(), segment.field)
		}
		parameter := b.parameter(field, segment.name, "path")
		parameter["required"] = true
		if segment.part > 0 {
			parameter["description"] = fmt.Sprintf("Part %d of the field %s.", segment.part, segment.field)
		}
		list = append(list, parameter)
		skip = append(skip, segment.field)
	}
	if to.body != "*" {
		q := query{builder: b, skip: append(skip, to.body), left: maxQuery}
		q.add(message, "", nil)
		if q.left < 0 {
			return nil, fmt.Errorf("path %s: the request has more than %d fields for the query", to.path, maxQuery)
		}
		list = append(list, q.parameters...)
	}
	return list, nil
}

// maxQuery bounds the fields of a query. A few messages that are in each other
// can have any number of them.
const maxQuery = 1000

// query collects the fields of a request that are in the query.
type query struct {
	*builder
	skip       []string // fields that are elsewhere
	left       int      // how many more fields are looked at
	parameters []object
}

// add adds a parameter for each scalar field of a message and of its messages.
// within are the messages around it, which end a recursion.
func (q *query) add(message protoreflect.MessageDescriptor, prefix string, within []protoreflect.FullName) {
	if slices.Contains(within, message.FullName()) {
		return
	}
	within = append(slices.Clip(within), message.FullName())
	for i := range message.Fields().Len() {
		if q.left--; q.left < 0 {
			return
		}
		field := message.Fields().Get(i)
		name := prefix + string(field.Name())
		switch {
		case slices.Contains(q.skip, name), field.IsMap():
		case field.Message() == nil || wellKnown(field.Message()) != nil:
			q.parameters = append(q.parameters, q.parameter(field, prefix+field.JSONName(), "query"))
		case !field.IsList():
			q.add(field.Message(), name+".", within)
		}
	}
}

func (b *builder) parameter(field protoreflect.FieldDescriptor, name, in string) object {
	schema := b.value(field)
	if field.IsList() {
		schema = object{"type": "array", "items": schema}
	}
	parameter := object{"name": name, "in": in, "schema": schema}
	if comment := catalogue.Comment(field); comment != "" {
		parameter["description"] = comment
	}
	return parameter
}

// fieldByPath finds a field by names that are joined by dots.
func fieldByPath(message protoreflect.MessageDescriptor, path string) (field protoreflect.FieldDescriptor) {
	for name := range strings.SplitSeq(path, ".") {
		if message == nil {
			return nil
		}
		if field = message.Fields().ByName(protoreflect.Name(name)); field == nil {
			return nil
		}
		message = field.Message()
	}
	return field
}

// part returns the schema of a message, or of one of its fields.
func (b *builder) part(message protoreflect.MessageDescriptor, field string) (object, error) {
	if field == "" {
		return b.message(message), nil
	}
	found := message.Fields().ByName(protoreflect.Name(field))
	if found == nil {
		return nil, fmt.Errorf("google.api.http: %s has no field %s", message.FullName(), field)
	}
	return b.field(found), nil
}
