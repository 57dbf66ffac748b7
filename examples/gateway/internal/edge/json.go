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

// parameterInvalid is the one code that the edge answers with by itself.
const parameterInvalid = jverificationv1.ResponseCode_RESPONSE_CODE_PARAMETER_INVALID

// unmarshalJSON ignores fields that it does not know, since a newer client may
// say more than this server understands. With them protojson would ignore names
// of enums, and a default would take their place: hence the second look.
func unmarshalJSON(data []byte, msg proto.Message) error {
	if protojson.Unmarshal(data, msg) == nil {
		return nil
	}
	lenient := protojson.UnmarshalOptions{DiscardUnknown: true}
	if err := lenient.Unmarshal(data, msg); err != nil {
		return malformed(msg, "JSON of a", position.FindString(err.Error()), violations(data, msg.ProtoReflect().Descriptor()))
	}
	if found := violations(data, msg.ProtoReflect().Descriptor()); len(found) > 0 {
		return malformed(msg, "JSON of a", "", found)
	}
	return nil
}

func unmarshalProto(data []byte, msg proto.Message) error {
	if proto.Unmarshal(data, msg) != nil {
		return malformed(msg, "protobuf of a", "", nil)
	}
	return nil
}

var position = regexp.MustCompile(`\(line \d+:\d+\)`)

// malformed is the error for a body that is not the message of its method. It
// quotes nothing of the body, which holds phone numbers and tokens. A request of
// our service gets the code that the gateway itself has for fields that are not
// valid.
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
	return &refusedError{"body", codetable.NewError(parameterInvalid, opts...)}
}

// violations tries each field by itself, so that one answer names all that are
// malformed. There are none where the body is no object, or not even JSON.
func violations(data []byte, message protoreflect.MessageDescriptor) []*errdetails.BadRequest_FieldViolation {
	var values map[string]json.RawMessage
	if json.Unmarshal(data, &values) != nil {
		return nil
	}
	var found []*errdetails.BadRequest_FieldViolation
	fields := message.Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		value, ok := values[field.JSONName()]
		if !ok {
			value, ok = values[string(field.Name())]
		}
		if !ok {
			continue
		}
		inner := violationsInside(field, value)
		if len(inner) == 0 && !fits(field, value) {
			inner = []*errdetails.BadRequest_FieldViolation{{
				Field: string(field.Name()), Description: "is not the JSON of its type, " + typeName(field),
			}}
		}
		found = append(found, inner...)
	}
	return found
}

// violationsInside looks into the message of a field, if it has one. Neither
// lists nor maps of messages are in any request.
func violationsInside(field protoreflect.FieldDescriptor, value json.RawMessage) []*errdetails.BadRequest_FieldViolation {
	if field.Message() == nil || field.Cardinality() == protoreflect.Repeated {
		return nil
	}
	found := violations(value, field.Message())
	for _, violation := range found {
		violation.Field = string(field.Name()) + "." + violation.GetField()
	}
	return found
}

// fits reports whether a value is that of its field. In a message there may be
// fields that are not known.
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
