package table

import (
	"cmp"
	"strings"
	"sync"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
)

// optionTypes contains only the extensions of codetable.v1.
var optionTypes = sync.OnceValue(func() *protoregistry.Types {
	types := new(protoregistry.Types)
	for _, x := range []protoreflect.ExtensionType{codetablev1.E_Table, codetablev1.E_Code, codetablev1.E_Method} {
		if err := types.RegisterExtension(x); err != nil {
			panic(err) // extensions of one generated file can't clash
		}
	}
	return types
})

func tableOptions(desc protoreflect.EnumDescriptor) (*codetablev1.Table, bool) {
	return option[*codetablev1.Table](desc.Options(), &descriptorpb.EnumOptions{}, codetablev1.E_Table)
}

// IsAnnotated reports whether an enum has the option (codetable.v1.table).
func IsAnnotated(desc protoreflect.EnumDescriptor) bool {
	_, annotated := tableOptions(desc)
	return annotated
}

// CodeOptions returns the option (codetable.v1.code) of a value, and whether it
// is set. The option is never nil.
func CodeOptions(desc protoreflect.EnumValueDescriptor) (*codetablev1.Code, bool) {
	return option[*codetablev1.Code](desc.Options(), &descriptorpb.EnumValueOptions{}, codetablev1.E_Code)
}

// MethodOptions returns the option (codetable.v1.method) of a method, and
// whether it is set. The option is never nil.
func MethodOptions(desc protoreflect.MethodDescriptor) (*codetablev1.Method, bool) {
	return option[*codetablev1.Method](desc.Options(), &descriptorpb.MethodOptions{}, codetablev1.E_Method)
}

// option reads an extension of descriptor options into fresh.
//
// It parses the options again with the types of this package. In a descriptor
// that was built at run time the extension may be an unknown field, which
// proto.GetExtension does not find, or a dynamic message, on which it panics.
func option[T proto.Message](options, fresh proto.Message, extension protoreflect.ExtensionType) (T, bool) {
	raw, err := proto.MarshalOptions{AllowPartial: true}.Marshal(options)
	parser := proto.UnmarshalOptions{AllowPartial: true, Resolver: optionTypes()}
	set := err == nil && parser.Unmarshal(raw, fresh) == nil && proto.HasExtension(fresh, extension)
	if !set {
		return extension.New().Message().Interface().(T), false
	}
	return proto.GetExtension(fresh, extension).(T), true
}

// ReasonOf returns the reason in the option, or else the name of the value
// without the prefix of the enum.
func ReasonOf(value protoreflect.EnumValueDescriptor, options *codetablev1.Code) string {
	enum, _ := value.Parent().(protoreflect.EnumDescriptor)
	name := string(value.Name())
	return cmp.Or(options.GetReason(), strings.TrimPrefix(name, ValuePrefix(enum.Name())), name)
}

// ValuePrefix returns the prefix that buf's lint rule ENUM_VALUE_PREFIX
// requires for the values of an enum: the name of the enum in upper snake case.
// An upper-case letter starts a word if the letter before or after it is lower
// case.
func ValuePrefix(enum protoreflect.Name) string {
	name := strings.Trim(string(enum), "_")
	b := make([]byte, 0, 2*len(name)+1)
	for i := range len(name) {
		c := name[i]
		afterUnderscore := i > 0 && b[len(b)-1] == '_'
		nearLower := i > 0 && isLower(name[i-1]) || i+1 < len(name) && isLower(name[i+1])
		switch {
		case c == '_' && afterUnderscore:
			continue
		case i > 0 && isUpper(c) && nearLower && !afterUnderscore:
			b = append(b, '_')
		}
		b = append(b, c)
	}
	return strings.ToUpper(string(b)) + "_"
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
