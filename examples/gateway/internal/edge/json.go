package edge

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// unmarshalJSON ignores unknown fields, since a client may be newer than this
// server. With that option protojson also ignores unknown enum names and uses the
// default, so the fields are checked again.
func unmarshalJSON(data []byte, msg proto.Message) error {
	if protojson.Unmarshal(data, msg) == nil {
		return nil
	}
	err := protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(data, msg)
	found := violations(data, msg.ProtoReflect().Descriptor())
	if err == nil && len(found) == 0 {
		return nil
	}
	return malformed(msg, "JSON of a", position.FindString(fmt.Sprint(err)), found)
}

func unmarshalProto(data []byte, msg proto.Message) error {
	if proto.Unmarshal(data, msg) != nil {
		return malformed(msg, "protobuf of a", "", nil)
	}
	return nil
}

var position = regexp.MustCompile(`\(line \d+:\d+\)`)

// malformed is the error for a body that is not the message of its method. It
// quotes nothing of the body, which has phone numbers and tokens. For a method of
// VerificationService it is the code that the gateway uses for invalid fields.
func malformed(msg proto.Message, form, place string, fields []*errdetails.BadRequest_FieldViolation) error {
	message := msg.ProtoReflect().Descriptor()
	text := strings.TrimSpace(fmt.Sprintf("the body is not the %s %s %s", form, message.Name(), place))
	ours := jverificationv1.File_jiguang_jverification_v1_verification_service_proto.Package()
	if message.ParentFile().Package() != ours {
		return &refusedError{"body", status.Error(codes.InvalidArgument, text)}
	}
	opts := []codetable.ErrorOption{codetable.WithMessage(text)}
	if len(fields) > 0 {
		opts = append(opts, codetable.WithDetail(&errdetails.BadRequest{FieldViolations: fields}))
	}
	return &refusedError{"body", codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_PARAMETER_INVALID, opts...)}
}

// violations decodes each field alone, so that one answer names all malformed
// fields. It returns none if the body is not a JSON object. No request has lists or
// maps of messages.
func violations(data []byte, message protoreflect.MessageDescriptor) (found []*errdetails.BadRequest_FieldViolation) {
	var values map[string]json.RawMessage
	if json.Unmarshal(data, &values) != nil {
		return nil
	}
	for i := range message.Fields().Len() {
		field := message.Fields().Get(i)
		name := string(field.Name())
		value, ok := values[field.JSONName()]
		if !ok {
			value, ok = values[name]
		}
		if !ok {
			continue
		}
		before := len(found)
		if field.Message() != nil && field.Cardinality() != protoreflect.Repeated {
			for _, inner := range violations(value, field.Message()) {
				inner.Field = name + "." + inner.GetField()
				found = append(found, inner)
			}
		}
		if len(found) == before && !fits(field, value) {
			found = append(found, &errdetails.BadRequest_FieldViolation{Field: name, Description: "is not the JSON of its type, " + typeName(field)})
		}
	}
	return found
}

// fits reports whether a value has the type of its field. A nested message may
// have unknown fields.
func fits(field protoreflect.FieldDescriptor, value json.RawMessage) bool {
	options := protojson.UnmarshalOptions{DiscardUnknown: field.Message() != nil}
	alone := fmt.Appendf(nil, "{%q:%s}", field.JSONName(), value)
	return options.Unmarshal(alone, dynamicpb.NewMessage(field.ContainingMessage())) == nil
}

func typeName(field protoreflect.FieldDescriptor) string {
	if enum := field.Enum(); enum != nil {
		return "enum " + string(enum.Name())
	}
	return field.Kind().String()
}
