// Package codetable turns an annotated protobuf enum into a table of response
// codes. It makes errors of these codes and reads them back on the other side
// of a gRPC call.
//
// The enum is the table. For each code its options (package codetable.v1, the
// .proto file) define the gRPC status, the party that must act, the retry
// advice and the sentences for end users. There is no registration: a table is
// read from the descriptor of the generated enum on first use. A program that
// links the generated package can decode its codes. A [Resolver] reads tables
// from descriptors that arrive at run time.
//
// [NewError] makes an error of a code. [CodeOf] reads the code from an error,
// in the server as well as in the client. On the wire the code is a
// google.rpc.ErrorInfo that follows AIP-193 (https://google.aip.dev/193):
//
//	reason    the name of the enum value, without the prefix of the enum
//	domain    the domain of the table
//	metadata  "code": the number in decimal, and the entries that the server added
//
// Package interceptor decides when errors are translated. This package defines
// what a code means. All functions and methods are safe for concurrent use.
package codetable

import (
	"iter"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/internal/errtree"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

// Enum is a generated protobuf enum with the options of codetable.v1. An enum
// without these options is accepted too, so that no code is lost: each of its
// codes is then a failure with the status UNKNOWN, the domain is the full name
// of the enum, and [Check] reports the missing options.
type Enum interface {
	~int32
	protoreflect.Enum
}

// NewError returns the error of a code. It returns nil if and only if the
// status of the code is OK. A code that the enum does not list keeps its
// number. Its reason is UNRECOGNIZED_CODE, and its status is the one that the
// table defines for such codes (UNKNOWN by default).
//
// Compare the error with nil before you wrap it: fmt.Errorf returns an error
// even if it wraps nil.
//
//	if err := codetable.NewError(code); err != nil {
//		return fmt.Errorf("ask upstream: %w", err)
//	}
//
// Without options all calls for a listed code return the same shared error.
// Neither the call nor the status of the error allocates memory. An invalid
// option does not lose the code: see [ErrInvalidOption].
func NewError[E Enum](code E, opts ...ErrorOption) error {
	return newError(tableOf(code).Entry(int32(code)), int32(code), opts)
}

// CodeOf returns the code of the first error in err's tree that belongs to the
// table of E. It reads an [Error] as well as a gRPC status, so it works without
// a client interceptor. If there is no such error, it returns false and a
// number that the table does not list. That number is never a success code.
func CodeOf[E Enum](err error) (E, bool) {
	var zero E
	if e, ok := err.(*Error); ok && e.valid() && e.entry().Table.Desc == zero.Descriptor() { //nolint:errorlint // the fast path
		return E(e.parts.Number), true
	}
	t := tableOf(zero)
	number, ok := find(t, err, func(int32) bool { return true })
	return E(number), ok
}

// Is reports whether err's tree contains the given code. It agrees with
// errors.Is on errors of this package, and it also reads gRPC statuses.
func Is[E Enum](err error, code E) bool {
	_, ok := find(tableOf(code), err, func(number int32) bool { return number == int32(code) })
	return ok
}

// find returns the number of the first wanted code of a table in err's tree. An
// *Error has priority over a gRPC status.
func find(t *table.Table, err error, wanted func(int32) bool) (int32, bool) {
	if st, ok := leaf(err); ok {
		number, ok := wire.Number(t, st.Proto())
		return number, ok && wanted(number)
	}
	number, received := t.Absent, t.Absent
	var isMade, isReceived bool
	errtree.Walk(err, func(node error) bool {
		if e, ok := errtree.As[*Error](node); ok && e.valid() {
			if isMade = e.Domain() == t.Domain && wanted(e.parts.Number); isMade {
				number = e.parts.Number
			}
		} else if holder, ok := errtree.As[statusHolder](node); ok && !isReceived {
			received, isReceived = wire.Number(t, holder.GRPCStatus().Proto())
			isReceived = isReceived && wanted(received)
		}
		return !isMade
	})
	if isMade || !isReceived {
		return number, isMade
	}
	return received, true
}

// FromError returns the first *[Error] in err's tree. If there is none, it
// decodes the first gRPC status in the tree whose ErrorInfo belongs to a linked
// table. A decoded error keeps the whole status.
//
// It returns false for nil, for a status without a known domain, and for a
// failed status that names a success code. A failed call is never read as a
// success.
func FromError(err error) (*Error, bool) { return fromError(table.Linked, err) }

func fromError(set *table.Set, err error) (*Error, bool) {
	if e, ok := err.(*Error); ok && e.valid() { //nolint:errorlint // the fast path
		return e, true
	}
	if st, ok := leaf(err); ok {
		return receive(set, err, st)
	}
	var made, decoded *Error
	errtree.Walk(err, func(node error) bool {
		if e, ok := errtree.As[*Error](node); ok && e.valid() {
			made = e
		} else if holder, ok := errtree.As[statusHolder](node); ok && decoded == nil {
			decoded, _ = receive(set, err, holder.GRPCStatus())
		}
		return made == nil
	})
	if made != nil {
		return made, true
	}
	return decoded, decoded != nil
}

// statusHolder is the interface by which grpc-go finds the status of an error.
type statusHolder interface{ GRPCStatus() *status.Status }

// leaf returns the status of an error that wraps nothing, such as the errors of
// grpc-go. This common case needs no walk through the tree.
func leaf(err error) (*status.Status, bool) {
	holder, ok := err.(statusHolder)
	if !ok {
		return nil, false
	}
	switch err.(type) { //nolint:errorlint // whether it wraps anything is the question
	case interface{ Unwrap() error }, interface{ Unwrap() []error }, interface{ As(any) bool }:
		return nil, false
	}
	return holder.GRPCStatus(), true
}

// Lookup returns the [Spec] of a code, and whether the enum lists the code. The
// Spec of an unlisted code holds the values that the table defines for all
// unlisted codes.
func Lookup[E Enum](code E) (Spec, bool) {
	return lookup(tableOf(code), int32(code))
}

// LookupDescriptor is [Lookup] for code that has only the descriptor of the
// enum, such as that of a field. For enums that the program does not link, at
// most 64 tables are cached. Use a [Resolver] for tables of known files.
func LookupDescriptor(enum protoreflect.EnumDescriptor, number protoreflect.EnumNumber) (Spec, bool) {
	return lookup(table.For(enum), int32(number))
}

func lookup(t *table.Table, number int32) (Spec, bool) {
	e := t.Entry(number)
	return Spec{e.Code, number}, e.Listed
}

// IsTable reports whether an enum carries the option (codetable.v1.table).
func IsTable(enum protoreflect.EnumDescriptor) bool {
	return table.For(enum).Annotated
}

// All yields every code of the table once, in the order of the numbers.
func All[E Enum]() iter.Seq2[E, Spec] {
	var zero E
	return func(yield func(E, Spec) bool) {
		for _, e := range tableOf(zero).Entries {
			if !yield(E(e.Number), Spec{e.Code, e.Number}) {
				return
			}
		}
	}
}

// Declared returns the codes that the option (codetable.v1.method) names for a
// method, in the order of the option, and whether the method has the option. It
// skips names that no linked table lists; [Check] reports these.
func Declared(method protoreflect.MethodDescriptor) ([]Spec, bool) {
	return declared(table.Linked, method)
}

func declared(set *table.Set, method protoreflect.MethodDescriptor) ([]Spec, bool) {
	entries, ok := set.Declared(method)
	list := make([]Spec, len(entries))
	for i, e := range entries {
		list[i] = Spec{e.Code, e.Number}
	}
	return list, ok
}

// tableOf uses the zero value to get the descriptor, which is the same for
// every value. Small values need no allocation in the interface call.
func tableOf[E Enum](E) *table.Table {
	var zero E
	return table.For(zero.Descriptor())
}
