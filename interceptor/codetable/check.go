package codetable

import (
	"errors"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/tablecheck"
)

// Check reports every fault of an annotated enum as one joined error. It
// returns nil if there is no fault. It also checks the methods whose option
// (codetable.v1.method) names codes of the enum.
//
// Call it in a test of the package that owns the enum. At run time a faulty
// code is still sent, if need be as UNKNOWN, but never as a success.
func Check[E Enum]() error {
	var zero E
	return CheckDescriptor(zero.Descriptor())
}

// CheckDescriptor is [Check] for code that has only the descriptor of the enum,
// such as a tool.
func CheckDescriptor(enum protoreflect.EnumDescriptor) error { return check(table.Linked, enum) }

func check(set *table.Set, enum protoreflect.EnumDescriptor) error {
	faults := tablecheck.Enum(set, enum)
	list := make([]error, len(faults))
	for i, fault := range faults {
		list[i] = fault
	}
	return errors.Join(list...)
}
