package find

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/source"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// Filter selects codes. Each empty list selects all; values in a list are
// alternatives.
type Filter struct {
	Faults    []codetablev1.Fault
	Retries   []codetablev1.RetryAction
	GRPCCodes []codes.Code
	Domains   []string
	Methods   []protoreflect.MethodDescriptor
}

// Apply returns the codes that the filter selects, in their order.
func (f Filter) Apply(set *source.Set, list []Code) []Code {
	declared := map[string]bool{}
	for _, method := range f.Methods {
		specs, _ := set.Resolver.Declared(method)
		for _, spec := range specs {
			declared[Code{Spec: spec}.ID()] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(list), func(c Code) bool {
		return !selects(f.Faults, c.Fault()) || !selects(f.Retries, c.Retry().Action) || !selects(f.GRPCCodes, c.GRPCCode()) ||
			!selects(f.Domains, c.Domain()) || len(f.Methods) > 0 && !declared[c.ID()]
	})
}

func selects[T comparable](wanted []T, value T) bool {
	return len(wanted) == 0 || slices.Contains(wanted, value)
}

// Enum returns the number of a value of an enum by its name in any case, with or
// without the prefix of the enum, or by its number. The value that means unset
// has no name here.
func Enum[E ~int32](desc protoreflect.EnumDescriptor, text string) (E, error) {
	q := parse(text)
	for i := range desc.Values().Len() {
		value := desc.Values().Get(i)
		name := enumName(value)
		isNumber := q.number != nil && protoreflect.EnumNumber(*q.number) == value.Number()
		if name != unset && (isNumber || q.key == keyOf(name) || q.key == keyOf(string(value.Name()))) {
			return E(value.Number()), nil
		}
	}
	return 0, fmt.Errorf("want one of %s", strings.Join(EnumNames(desc), ", "))
}

const unset = "unspecified"

// EnumNames returns the names of the values of an enum: lower case, without the
// prefix.
func EnumNames(desc protoreflect.EnumDescriptor) (names []string) {
	for i := range desc.Values().Len() {
		if name := enumName(desc.Values().Get(i)); name != unset {
			names = append(names, name)
		}
	}
	return names
}

func enumName(value protoreflect.EnumValueDescriptor) string {
	prefix := table.ValuePrefix(value.Parent().(protoreflect.EnumDescriptor).Name())
	return strings.ToLower(strings.TrimPrefix(string(value.Name()), prefix))
}

// Methods returns the methods that declare codes.
func Methods(set *source.Set) []protoreflect.MethodDescriptor {
	return slices.DeleteFunc(set.Methods(), func(method protoreflect.MethodDescriptor) bool {
		_, ok := set.Resolver.Declared(method)
		return !ok
	})
}

// Method returns the methods that declare codes and have a name.
func Method(set *source.Set, name string) []protoreflect.MethodDescriptor {
	return slices.DeleteFunc(Methods(set), func(method protoreflect.MethodDescriptor) bool { return !HasName(method, name) })
}

// HasName reports whether a method has a name: the full name, as in
// package.Service.Method or /package.Service/Method, or the end of it, in any
// case.
func HasName(method protoreflect.MethodDescriptor, name string) bool {
	full, wanted := "."+string(method.FullName()), "."+strings.ReplaceAll(strings.TrimPrefix(name, "/"), "/", ".")
	return len(full) >= len(wanted) && strings.EqualFold(full[len(full)-len(wanted):], wanted)
}
