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
		list = append(list, b.query(message, "", append(skip, to.body), nil)...)
	}
	return list, nil
}

// query returns a parameter for each scalar field and those of its messages.
// within are the messages around it, which end a recursion.
func (b *builder) query(message protoreflect.MessageDescriptor, prefix string, skip []string, within []protoreflect.FullName) (list []object) {
	if slices.Contains(within, message.FullName()) {
		return nil
	}
	within = append(slices.Clip(within), message.FullName())
	for i := range message.Fields().Len() {
		field := message.Fields().Get(i)
		name := prefix + string(field.Name())
		switch {
		case slices.Contains(skip, name), field.IsMap():
		case field.Message() == nil || wellKnown(field.Message()) != nil:
			list = append(list, b.parameter(field, prefix+field.JSONName(), "query"))
		case !field.IsList():
			list = append(list, b.query(field.Message(), name+".", skip, within)...)
		}
	}
	return list
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
