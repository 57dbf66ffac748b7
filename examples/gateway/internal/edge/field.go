package edge

import (
	"encoding/json"
	"fmt"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// violations tries each field by itself, so that one answer names all that are
// malformed. There are none where the body is no object, or not even JSON.
func (c codec) violations(data []byte, message protoreflect.MessageDescriptor) []*errdetails.BadRequest_FieldViolation {
	var values map[string]json.RawMessage
	if json.Unmarshal(data, &values) != nil {
		return nil
	}
	var found []*errdetails.BadRequest_FieldViolation
	fields := message.Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		value, ok := valueOf(values, field)
		if !ok {
			continue
		}
		inner := c.inside(field, value)
		if len(inner) == 0 && !c.fits(field, value) {
			inner = []*errdetails.BadRequest_FieldViolation{{
				Field: string(field.Name()), Description: "is not the JSON of its type, " + typeName(field),
			}}
		}
		found = append(found, inner...)
	}
	return found
}

func valueOf(values map[string]json.RawMessage, field protoreflect.FieldDescriptor) (json.RawMessage, bool) {
	value, ok := values[field.JSONName()]
	if !ok {
		value, ok = values[string(field.Name())]
	}
	return value, ok
}

// inside looks into the message of a field, if it has one. Neither lists nor
// maps of messages are in any request.
func (c codec) inside(field protoreflect.FieldDescriptor, value json.RawMessage) []*errdetails.BadRequest_FieldViolation {
	if field.Message() == nil || field.Cardinality() == protoreflect.Repeated {
		return nil
	}
	found := c.violations(value, field.Message())
	for _, violation := range found {
		violation.Field = string(field.Name()) + "." + violation.GetField()
	}
	return found
}

// fits reports whether a value is that of its field. In a message there may be
// fields that are not known.
func (c codec) fits(field protoreflect.FieldDescriptor, value json.RawMessage) bool {
	options := c.UnmarshalOptions
	options.DiscardUnknown = field.Message() != nil
	alone := fmt.Appendf(nil, "{%q:%s}", field.JSONName(), value)
	return options.Unmarshal(alone, dynamicpb.NewMessage(field.ContainingMessage())) == nil
}

func typeName(field protoreflect.FieldDescriptor) string {
	if enum := field.Enum(); enum != nil {
		return "enum " + string(enum.Name())
	}
	return field.Kind().String()
}
