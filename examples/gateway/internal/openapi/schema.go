package openapi

import (
	"github.com/getkin/kin-openapi/openapi3"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// builder makes the schemas of messages by the rules of ProtoJSON:
// https://protobuf.dev/programming-guides/json/
type builder struct {
	schemas  openapi3.Schemas
	examples openapi3.Examples
	comments func(protoreflect.Descriptor) string
}

const (
	statusSchema = "google.rpc.Status"
	anyKey       = "@type" // of a google.protobuf.Any
)

// details are the messages that an error can have.
var details = []proto.Message{
	&errdetails.ErrorInfo{}, &errdetails.RetryInfo{}, &errdetails.BadRequest{}, &errdetails.PreconditionFailure{},
	&errdetails.QuotaFailure{}, &errdetails.ResourceInfo{}, &errdetails.LocalizedMessage{}, &errdetails.RequestInfo{}, &errdetails.Help{},
}

// addStatus adds the body of an error.
func (b builder) addStatus() {
	known := openapi3.NewObjectSchema().WithRequired([]string{anyKey})
	for _, detail := range details {
		descriptor := detail.ProtoReflect().Descriptor()
		ref := b.message(descriptor)
		ref.Value.WithProperty(anyKey, openapi3.NewStringSchema().WithEnum("type.googleapis.com/"+string(descriptor.FullName())))
		known.OneOf = append(known.OneOf, ref)
	}
	b.schemas["google.rpc.ErrorInfo"].Value.Required = []string{"reason", "domain"}
	b.schemas[statusSchema] = openapi3.NewObjectSchema().
		WithProperty("code", openapi3.NewInt32Schema()).
		WithProperty("message", openapi3.NewStringSchema()).
		WithProperty("details", openapi3.NewArraySchema().WithItems(known)).
		WithRequired([]string{"code", "message"}).NewRef()
}

// ref names a schema of the document.
func (b builder) ref(name string) *openapi3.SchemaRef {
	return openapi3.NewSchemaRef("#/components/schemas/"+name, b.schemas[name].Value)
}

// message adds the schema of a message, and those that it needs.
func (b builder) message(message protoreflect.MessageDescriptor) *openapi3.SchemaRef {
	name := string(message.FullName())
	if b.schemas[name] == nil {
		schema := openapi3.NewObjectSchema()
		schema.Description = b.comments(message)
		b.schemas[name] = schema.NewRef() // before its fields, which may have the same type
		for i := range message.Fields().Len() {
			field := message.Fields().Get(i)
			schema.WithPropertyRef(field.JSONName(), b.field(field))
		}
	}
	return b.ref(name)
}

// enum is open: a value that this version does not know is a number.
func (b builder) enum(enum protoreflect.EnumDescriptor) *openapi3.SchemaRef {
	name := string(enum.FullName())
	if b.schemas[name] == nil {
		names := openapi3.NewStringSchema()
		for i := range enum.Values().Len() {
			names.Enum = append(names.Enum, string(enum.Values().Get(i).Name()))
		}
		schema := openapi3.NewAnyOfSchema(names, openapi3.NewInt32Schema())
		schema.Description = b.comments(enum)
		b.schemas[name] = schema.NewRef()
	}
	return b.ref(name)
}

func (b builder) field(field protoreflect.FieldDescriptor) *openapi3.SchemaRef {
	var ref *openapi3.SchemaRef
	switch {
	case field.IsMap():
		ref = openapi3.NewObjectSchema().NewRef()
		ref.Value.AdditionalProperties.Schema = b.value(field.MapValue())
	case field.IsList():
		ref = openapi3.NewArraySchema().NewRef()
		ref.Value.Items = b.value(field)
	default:
		ref = b.value(field)
	}
	if comment := b.comments(field); comment != "" {
		if ref.Ref != "" { // a reference can't have a description beside it
			ref = (&openapi3.Schema{AllOf: openapi3.SchemaRefs{ref}}).NewRef()
		}
		ref.Value.Description = comment
	}
	return ref
}

func (b builder) value(field protoreflect.FieldDescriptor) *openapi3.SchemaRef {
	switch field.Kind() {
	case protoreflect.MessageKind:
		if field.Message().FullName() == "google.protobuf.Duration" {
			return openapi3.NewStringSchema().WithPattern(`^-?[0-9]+(\.[0-9]+)?s$`).NewRef()
		}
		return b.message(field.Message())
	case protoreflect.EnumKind:
		return b.enum(field.Enum())
	case protoreflect.BoolKind:
		return openapi3.NewBoolSchema().NewRef()
	case protoreflect.Int32Kind:
		return openapi3.NewInt32Schema().NewRef()
	case protoreflect.Int64Kind:
		return openapi3.NewStringSchema().WithFormat("int64").NewRef()
	default: // all other kinds of the API are text
		return openapi3.NewStringSchema().NewRef()
	}
}
