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
	comments Comments
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
		schema := b.schemas[string(descriptor.FullName())].Value
		schema.WithProperty(anyKey, openapi3.NewStringSchema().WithEnum("type.googleapis.com/"+string(descriptor.FullName())))
		known.OneOf = append(known.OneOf, ref)
	}
	b.schemas["google.rpc.ErrorInfo"].Value.Required = []string{"reason", "domain"}
	list := openapi3.NewArraySchema()
	list.Items = openapi3.NewSchemaRef("", known)
	b.schemas[statusSchema] = openapi3.NewSchemaRef("", openapi3.NewObjectSchema().
		WithProperty("code", openapi3.NewInt32Schema()).WithProperty("message", openapi3.NewStringSchema()).WithProperty("details", list).
		WithRequired([]string{"code", "message"}))
}

// ref names a schema of the document.
func (b builder) ref(name string) *openapi3.SchemaRef {
	return openapi3.NewSchemaRef("#/components/schemas/"+name, b.schemas[name].Value)
}

// message adds the schema of a message, and those that it needs.
func (b builder) message(message protoreflect.MessageDescriptor) *openapi3.SchemaRef {
	name := string(message.FullName())
	if b.schemas[name] != nil {
		return b.ref(name)
	}
	schema := openapi3.NewObjectSchema()
	schema.Description = b.comments(message)
	b.schemas[name] = openapi3.NewSchemaRef("", schema)
	for i := range message.Fields().Len() {
		field := message.Fields().Get(i)
		schema.WithPropertyRef(field.JSONName(), b.described(field, b.field(field)))
	}
	return b.ref(name)
}

// described adds the comment of a field. A reference can't have one beside it.
func (b builder) described(field protoreflect.FieldDescriptor, ref *openapi3.SchemaRef) *openapi3.SchemaRef {
	comment := b.comments(field)
	if ref.Ref != "" && comment != "" {
		ref = openapi3.NewSchemaRef("", &openapi3.Schema{AllOf: openapi3.SchemaRefs{ref}})
	}
	if comment != "" {
		ref.Value.Description = comment
	}
	return ref
}

func (b builder) field(field protoreflect.FieldDescriptor) *openapi3.SchemaRef {
	switch {
	case field.IsMap():
		object := openapi3.NewObjectSchema()
		object.AdditionalProperties.Schema = b.value(field.MapValue())
		return openapi3.NewSchemaRef("", object)
	case field.IsList():
		list := openapi3.NewArraySchema()
		list.Items = b.value(field)
		return openapi3.NewSchemaRef("", list)
	default:
		return b.value(field)
	}
}

func (b builder) value(field protoreflect.FieldDescriptor) *openapi3.SchemaRef {
	if message := field.Message(); message != nil {
		if message.FullName() == "google.protobuf.Duration" {
			return openapi3.NewSchemaRef("", openapi3.NewStringSchema().WithPattern(`^-?[0-9]+(\.[0-9]+)?s$`))
		}
		return b.message(message)
	}
	if enum := field.Enum(); enum != nil {
		return b.enum(enum)
	}
	schema := openapi3.NewStringSchema()
	switch field.Kind() { //nolint:exhaustive // all other kinds of the API are text
	case protoreflect.BoolKind:
		schema = openapi3.NewBoolSchema()
	case protoreflect.Int32Kind:
		schema = openapi3.NewInt32Schema()
	case protoreflect.Int64Kind:
		schema = openapi3.NewStringSchema().WithFormat("int64")
	}
	return openapi3.NewSchemaRef("", schema)
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
		b.schemas[name] = openapi3.NewSchemaRef("", schema)
	}
	return b.ref(name)
}
