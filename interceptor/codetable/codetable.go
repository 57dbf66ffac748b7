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

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/internal/errtree"
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
// Without options the error is one shared value for each code that the enum
// lists: making it and its status costs no allocation. An option that is not valid is never the
// reason why a code is lost: see [ErrInvalidOption].
func NewError[E Enum](code E, opts ...ErrorOption) error {
	return newError(tableOf(code).entry(int32(code)), opts)
}

// CodeOf returns the code of the first error of E's table in err's tree. It
// reads an [Error] as well as a gRPC status, so it needs no client
// interceptor. Without such an error it returns false, and a code that means
// nothing.
func CodeOf[E Enum](err error) (E, bool) {
	var zero E
	if e, ok := err.(*Error); ok && e.valid() && e.entry.table.desc == zero.Descriptor() { //nolint:errorlint // the fast path; find walks the tree
		return E(e.entry.number), true
	}
	number, ok := tableOf(zero).find(err)
	return E(number), ok
}

// Is reports whether err holds the given code: whether [CodeOf] returns it.
func Is[E Enum](err error, code E) bool {
	got, ok := CodeOf[E](err)
	return ok && got == code
}

// FromError returns the first *[Error] in err's tree, or else the one decoded
// from the first gRPC status there whose ErrorInfo names a code of a linked
// table. Such an error keeps the status whole.
//
// It returns false for nil, for a status without a known domain, and for one
// that claims a success code: a failed call is never read as a success.
func FromError(err error) (*Error, bool) {
	if st, ok := leaf(err); ok {
		e := decode(err, st, false)
		return e, e != nil
	}
	if e, ok := errtree.Find(err, (*Error).valid); ok {
		return e, true
	}
	_, direct := err.(statusHolder)
	var decoded *Error
	_, ok := errtree.Find(err, func(h statusHolder) bool {
		decoded = decode(err, h.GRPCStatus(), !direct)
		return decoded != nil
	})
	return decoded, ok
}

// Lookup returns what the table says of a code, and whether the enum lists it.
// The [Spec] of a code that is not listed holds what the table says of all
// such codes.
func Lookup[E Enum](code E) (Spec, bool) {
	e := tableOf(code).entry(int32(code))
	return Spec{e}, e.listed
}

// LookupDescriptor is [Lookup] for code that knows the enum by its descriptor
// only, such as a proxy. The table is kept for the life of the process.
func LookupDescriptor(enum protoreflect.EnumDescriptor, number protoreflect.EnumNumber) (Spec, bool) {
	e := tableFor(enum).entry(int32(number))
	return Spec{e}, e.listed
}

// IsTable reports whether an enum carries the option (codetable.v1.table).
func IsTable(enum protoreflect.EnumDescriptor) bool {
	return tableFor(enum).annotated
}

// All yields every code of the table once, in number order.
func All[E Enum]() iter.Seq2[E, Spec] {
	var zero E
	return func(yield func(E, Spec) bool) {
		for _, e := range tableOf(zero).entries {
			if !yield(E(e.number), Spec{e}) {
				return
			}
		}
	}
}

// Check reports every fault of an annotated enum, joined; nil if there is
// none. Call it in a test of the package that owns the enum. At run time a
// faulty code still travels, at worst as UNKNOWN, and never as a success.
func Check[E Enum]() error {
	var zero E
	return check(tableOf(zero))
}
