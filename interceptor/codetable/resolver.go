package codetable

import (
	"fmt"
	"iter"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// Resolver reads tables from descriptors that arrive at run time, such as those
// of a FileDescriptorSet or of gRPC reflection. With it a proxy or a log
// pipeline decodes codes of tables that it was not built with. The functions of
// this package use the tables that the program links; the methods of a Resolver
// use only its own.
//
// Errors and Specs of a Resolver work as all others do: interceptors send them
// on, and a public boundary masks them by their fault. [Masked] and [RequestID]
// need no table.
//
// A Resolver is immutable and safe for concurrent use. It registers nothing, so
// it is garbage collected together with its tables. To read newer descriptors,
// make a new Resolver.
type Resolver struct{ set *table.Set }

// NewResolver returns a Resolver for the enums in files that have the option
// (codetable.v1.table), including enums in messages and in imported files. It
// does not matter whether the options are known extensions, unknown fields or
// dynamic messages. Without such an enum the Resolver knows no code.
//
// A faulty table is read like a linked one: [Resolver.CheckDescriptor] reports
// its faults. If two enums have the same domain, the enum whose name sorts first
// decodes the codes of this domain.
//
// NewResolver returns an error if there are more than 1024 tables, 131072 codes,
// or 262144 user messages; those of a table count again for each code that has
// messages of its own. The caller must not register more files in files later.
func NewResolver(files *protoregistry.Files) (*Resolver, error) {
	set, err := table.NewSet(files)
	if err != nil {
		return nil, fmt.Errorf("read tables from descriptors: %w", err)
	}
	return &Resolver{set}, nil
}

// Tables returns the enums of all tables in the order of their domains. Enums
// with the same domain are in the order of their names.
func (r *Resolver) Tables() []protoreflect.EnumDescriptor {
	tables := r.set.Tables()
	list := make([]protoreflect.EnumDescriptor, len(tables))
	for i, t := range tables {
		list[i] = t.Desc
	}
	return list
}

// FromError is the function [FromError] for the tables of the Resolver. An
// *[Error] in err's tree has priority, whatever tables it belongs to.
func (r *Resolver) FromError(err error) (*Error, bool) { return fromError(r.set, err) }

// Lookup returns the [Spec] of the number in the table of the domain, and
// whether the table lists it. If there is no such table, the Spec is the zero
// Spec.
func (r *Resolver) Lookup(domain string, number int32) (Spec, bool) {
	t := r.set.ByDomain([]byte(domain))
	if t == nil {
		return Spec{}, false
	}
	return lookup(t, number)
}

// LookupReason returns the [Spec] of the reason in the table of the domain, and
// whether the table lists it. The reason of an alias finds the code too.
func (r *Resolver) LookupReason(domain, reason string) (Spec, bool) {
	t := r.set.ByDomain([]byte(domain))
	if t == nil {
		return Spec{}, false
	}
	e := t.ByReason(reason)
	if e == nil {
		return Spec{}, false
	}
	return Spec{e.Code, e.Number}, true
}

// LookupDescriptor is the function [LookupDescriptor] for the tables of the
// Resolver. An enum of other files is read again on each call.
func (r *Resolver) LookupDescriptor(enum protoreflect.EnumDescriptor, number protoreflect.EnumNumber) (Spec, bool) {
	return lookup(r.set.For(enum), int32(number))
}

// All yields every code of an enum once, in the order of the numbers.
func (r *Resolver) All(enum protoreflect.EnumDescriptor) iter.Seq[Spec] {
	return func(yield func(Spec) bool) {
		for _, e := range r.set.For(enum).Entries {
			if !yield(Spec{e.Code, e.Number}) {
				return
			}
		}
	}
}

// Declared is the function [Declared] for the tables of the Resolver. The
// method may be a method of other files.
func (r *Resolver) Declared(method protoreflect.MethodDescriptor) ([]Spec, bool) {
	return declared(r.set, method)
}

// CheckDescriptor is the function [CheckDescriptor] for the tables and methods
// of the Resolver.
func (r *Resolver) CheckDescriptor(enum protoreflect.EnumDescriptor) error {
	return check(r.set, enum)
}
