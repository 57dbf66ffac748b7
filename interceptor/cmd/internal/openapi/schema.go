package openapi

import (
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// The schemas follow ProtoJSON: https://protobuf.dev/programming-guides/json/

const (
	statusSchema  = "google.rpc.Status"
	connectSchema = "connect.Error"
	anyKey        = "@type" // of a google.protobuf.Any
)

// details are the messages that an error can have.
var details = []proto.Message{
	&errdetails.ErrorInfo{}, &errdetails.RetryInfo{}, &errdetails.BadRequest{}, &errdetails.PreconditionFailure{},
	&errdetails.QuotaFailure{}, &errdetails.ResourceInfo{}, &errdetails.LocalizedMessage{}, &errdetails.RequestInfo{}, &errdetails.Help{},
}

// errorSchema returns the schema of the body of an error.
func (b *builder) errorSchema(to binding) object {
	switch {
	case to.connect:
		b.addConnectError()
		return ref(connectSchema)
	case b.schemas[statusSchema] == nil:
		b.addStatus()
	}
	return ref(statusSchema)
}

func (b *builder) addStatus() {
	known := make([]any, 0, len(details))
	for _, detail := range details {
		descriptor := detail.ProtoReflect().Descriptor()
		name := string(descriptor.FullName())
		known = append(known, b.message(descriptor))
		schema := b.schemas[name].(object)
		schema["properties"].(object)[anyKey] = object{"type": "string", "enum": []string{"type.googleapis.com/" + name}}
	}
	b.schemas["google.rpc.ErrorInfo"].(object)["required"] = []string{"reason", "domain"}
	b.schemas[statusSchema] = object{
		"type": "object",
		"properties": object{
			"code":    integer("int32"),
			"message": object{"type": "string"},
			"details": object{"type": "array", "items": object{"oneOf": known, "type": "object", "required": []string{anyKey}}},
		},
		"required": []string{"code", "message"},
	}
}

func (b *builder) addConnectError() {
	var names []string
	for code := codes.Canceled; code <= codes.Unauthenticated; code++ {
		names = append(names, connectCode(table.CodeName(code)))
	}
	detail := object{"type": "object", "required": []string{"type", "value"}, "properties": object{
		"type":  object{"type": "string", "description": "The full name of the message, such as google.rpc.ErrorInfo."},
		"value": object{"type": "string", "description": "The message in base64, without padding."},
		"debug": object{"type": "object", "description": "The message as JSON, if the server adds it."},
	}}
	b.schemas[connectSchema] = object{"type": "object", "required": []string{"code"}, "properties": object{
		"code":    object{"type": "string", "enum": names},
		"message": object{"type": "string"},
		"details": object{"type": "array", "items": detail},
	}}
}

// ref names a schema of the document.
func ref(name string) object { return object{"$ref": "#/components/schemas/" + name} }

func integer(format string) object { return object{"type": "integer", "format": format} }

// message adds the schema of a message, and those that it needs.
func (b *builder) message(message protoreflect.MessageDescriptor) object {
	if schema := wellKnown(message); schema != nil {
		return schema
	}
	name := string(message.FullName())
	if b.schemas[name] == nil {
		properties := object{}
		schema := object{"type": "object", "properties": properties}
		describe(schema, message)
		b.schemas[name] = schema // before its fields, which may have the same type
		for i := range message.Fields().Len() {
			field := message.Fields().Get(i)
			properties[field.JSONName()] = b.field(field)
		}
	}
	return ref(name)
}

func describe(schema object, d protoreflect.Descriptor) {
	if comment := catalogue.Comment(d); comment != "" {
		schema["description"] = comment
	}
}

// enum is open: a value that this version does not know is a number.
func (b *builder) enum(enum protoreflect.EnumDescriptor) object {
	name := string(enum.FullName())
	if name == "google.protobuf.NullValue" {
		return object{"nullable": true}
	}
	if b.schemas[name] == nil {
		var names []string
		for i := range enum.Values().Len() {
			names = append(names, string(enum.Values().Get(i).Name()))
		}
		schema := object{"anyOf": []any{object{"type": "string", "enum": names}, integer("int32")}}
		describe(schema, enum)
		b.schemas[name] = schema
	}
	return ref(name)
}

func (b *builder) field(field protoreflect.FieldDescriptor) object {
	var schema object
	switch {
	case field.IsMap():
		schema = object{"type": "object", "additionalProperties": b.value(field.MapValue())}
	case field.IsList():
		schema = object{"type": "array", "items": b.value(field)}
	default:
		schema = b.value(field)
	}
	if comment := catalogue.Comment(field); comment != "" {
		if schema["$ref"] != nil { // a reference can't have a description beside it
			schema = object{"allOf": []any{schema}}
		}
		schema["description"] = comment
	}
	return schema
}

func (b *builder) value(field protoreflect.FieldDescriptor) object {
	switch field.Kind() {
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return b.message(field.Message())
	case protoreflect.EnumKind:
		return b.enum(field.Enum())
	default:
		return scalar(field.Kind())
	}
}

func scalar(kind protoreflect.Kind) object {
	switch kind {
	case protoreflect.BoolKind:
		return object{"type": "boolean"}
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return integer("int32")
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return object{"type": "integer", "format": "int64", "minimum": 0, "maximum": 1<<32 - 1}
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return object{"type": "string", "format": "int64"}
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return object{"type": "string", "format": "uint64"}
	case protoreflect.FloatKind:
		return number("float")
	case protoreflect.DoubleKind:
		return number("double")
	case protoreflect.BytesKind:
		return object{"type": "string", "format": "byte"}
	default:
		return object{"type": "string"}
	}
}

// number allows the values that JSON has no number for.
func number(format string) object {
	return object{"anyOf": []any{
		object{"type": "number", "format": format},
		object{"type": "string", "enum": []string{"NaN", "Infinity", "-Infinity"}},
	}}
}

// wellKnown returns the schema of a message with a JSON form of its own, or nil.
func wellKnown(message protoreflect.MessageDescriptor) object {
	switch message.FullName() {
	case "google.protobuf.Duration":
		return object{"type": "string", "pattern": `^-?[0-9]+(\.[0-9]+)?s$`}
	case "google.protobuf.Timestamp":
		return object{"type": "string", "format": "date-time"}
	case "google.protobuf.FieldMask":
		return object{"type": "string"}
	case "google.protobuf.Any":
		return object{"type": "object", "properties": object{anyKey: object{"type": "string"}}, "additionalProperties": true}
	case "google.protobuf.Struct":
		return object{"type": "object", "additionalProperties": true}
	case "google.protobuf.ListValue":
		return object{"type": "array", "items": object{}}
	case "google.protobuf.Value":
		return object{"nullable": true}
	case "google.protobuf.BoolValue", "google.protobuf.BytesValue", "google.protobuf.DoubleValue", "google.protobuf.FloatValue", "google.protobuf.Int32Value",
		"google.protobuf.Int64Value", "google.protobuf.StringValue", "google.protobuf.UInt32Value", "google.protobuf.UInt64Value":
		schema := scalar(message.Fields().ByNumber(1).Kind())
		schema["nullable"] = true
		return schema
	default:
		return nil
	}
}
