// Package codetable turns an annotated protobuf enum into a table of response
// codes, and its codes into errors that cross gRPC without loss.
//
// The enum is the table. Its options (package codetable.v1, the .proto file)
// say for each code which gRPC status it travels as, who must act, whether a
// retry helps and what an end user may read. Nothing is registered by hand: a
// table is read from the descriptor of the generated enum when it is first
// used, and a program that links the generated package can decode.
//
// A code becomes an error with [NewError] and is read with [CodeOf], on either
// side of the wire. On the wire it is a google.rpc.ErrorInfo, by the rules of
// AIP-193 (https://google.aip.dev/193):
//
//	reason    the name of the enum value, without the prefix of the enum
//	domain    the domain of the table
//	metadata  "code": the number in decimal; what the server added
//
// Package interceptor decides when errors are translated; this package holds
// what a code means. All of it is safe for concurrent use.
package codetable

import (
	"iter"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/internal/errtree"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

// Enum is a generated protobuf enum that carries the options of codetable.v1.
// An enum without them works too, so that no code is lost: every error is then
// UNKNOWN, its domain is the full name of the enum, and [Check] says so.
type Enum interface {
	~int32
	protoreflect.Enum
}

// NewError returns the error of a code, and nil exactly where the status of
// the code is OK. A code that the enum does not list keeps its number, with
// the reason UNRECOGNIZED_CODE and the status that the table gives to such
// codes (UNKNOWN by default).
//
// Wrap the error of a code that may be a success only after a look at it:
// fmt.Errorf makes an error of nil too.
//
//	if err := codetable.NewError(code); err != nil {
//		return fmt.Errorf("ask upstream: %w", err)
//	}
//
// Without options the error is one shared value for each code that the enum
// lists: making it and its status costs no allocation. An option that is not
// valid is never the reason why a code is lost: see [ErrInvalidOption].
func NewError[E Enum](code E, opts ...ErrorOption) error {
	return newError(tableOf(code).Entry(int32(code)), int32(code), opts)
}

// CodeOf returns the code of the first error of E's table in err's tree. It
// reads an [Error] as well as a gRPC status, so it needs no client
// interceptor. Without such an error it returns false, and a number that the
// table does not list: never a success.
func CodeOf[E Enum](err error) (E, bool) {
	var zero E
	if e, ok := err.(*Error); ok && e.valid() && e.entry().Table.Desc == zero.Descriptor() { //nolint:errorlint // the fast path
		return E(e.parts.Number), true
	}
	t := tableOf(zero)
	number, ok := find(t, err, func(int32) bool { return true })
	return E(number), ok
}

// Is reports whether err's tree holds the given code. It agrees with errors.Is
// on errors of this package, and reads gRPC statuses as well.
func Is[E Enum](err error, code E) bool {
	_, ok := find(tableOf(code), err, func(number int32) bool { return number == int32(code) })
	return ok
}

// find returns the number of the first error of a table in err's tree that is
// wanted: made here or decoded, or else still a status.
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

// FromError returns the first *[Error] in err's tree, or else the one decoded
// from the first gRPC status there whose ErrorInfo is of a linked table. Such
// an error keeps the status whole.
//
// It returns false for nil, for a status without a known domain, and for one
// that claims a success code: a failed call is never read as a success.
func FromError(err error) (*Error, bool) {
	if st, ok := leaf(err); ok {
		return receive(err, st)
	}
	var made, decoded *Error
	errtree.Walk(err, func(node error) bool {
		if e, ok := errtree.As[*Error](node); ok && e.valid() {
			made = e
		} else if holder, ok := errtree.As[statusHolder](node); ok && decoded == nil {
			decoded, _ = receive(err, holder.GRPCStatus())
		}
		return made == nil
	})
	if made != nil {
		return made, true
	}
	return decoded, decoded != nil
}

// statusHolder is what grpc-go takes for an error with a status.
type statusHolder interface{ GRPCStatus() *status.Status }

// leaf returns the status of an error that wraps nothing, as those of grpc-go,
// to spare the common case the walk of a tree.
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

// Lookup returns what the table says of a code, and whether the enum lists it.
// The [Spec] of a code that is not listed holds what the table says of all
// such codes.
func Lookup[E Enum](code E) (Spec, bool) {
	return lookup(tableOf(code), int32(code))
}

// LookupDescriptor is [Lookup] for code that knows the enum by its descriptor
// only, such as a proxy. Of enums that the program does not link, the 64 tables
// that were looked up last are kept at most.
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

// All yields every code of the table once, in number order.
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
// method, in its order, and whether the method has the option. What names no
// code of a linked table is left out; [Check] reports it.
func Declared(method protoreflect.MethodDescriptor) ([]Spec, bool) {
	entries, ok := table.Declared(method)
	list := make([]Spec, len(entries))
	for i, e := range entries {
		list[i] = Spec{e.Code, e.Number}
	}
	return list, ok
}

// tableOf asks the zero value for the descriptor: it is the same for every
// value, and a small one is never allocated for the call.
func tableOf[E Enum](E) *table.Table {
	var zero E
	return table.For(zero.Descriptor())
}
