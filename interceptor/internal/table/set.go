package table

import (
	"cmp"
	"fmt"
	"slices"
	"sync/atomic"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// The limits of NewSet. Descriptors from outside can't make a set that needs
// much more memory than they do.
const (
	MaxTables    = 1 << 10
	MaxCodes     = 1 << 17
	MaxSentences = 1 << 18
)

// Set is a set of tables that are found by domain: those of the program, which
// is Linked, or those of descriptors that arrived at run time. It is safe for
// concurrent use.
type Set struct {
	files  *protoregistry.Files
	byEnum map[protoreflect.EnumDescriptor]*Table // nil for Linked
	index  atomic.Pointer[index]
}

// Linked is the set of the annotated enums that the program links.
var Linked = &Set{files: protoregistry.GlobalFiles}

// index is the immutable content of a set.
type index struct {
	enums    int      // the number of registered enums when Linked was read
	tables   []*Table // by domain, then by name
	byDomain map[string]*Table
	first    *Table // the first table with neutral sentences
}

// newIndex builds an index. If two enums have the same domain, the enum whose
// name sorts first gets it, so that every run decodes in the same way. Check
// reports the clash.
func newIndex(tables []*Table) *index {
	slices.SortFunc(tables, func(a, b *Table) int {
		return cmp.Or(cmp.Compare(a.Domain, b.Domain), cmp.Compare(a.Desc.FullName(), b.Desc.FullName()))
	})
	x := &index{tables: tables, byDomain: make(map[string]*Table, len(tables))}
	for _, t := range tables {
		if _, taken := x.byDomain[t.Domain]; !taken {
			x.byDomain[t.Domain] = t
		}
		if x.first == nil && len(t.neutral.locales) > 0 {
			x.first = t
		}
	}
	return x
}

// NewSet returns the set of the annotated enums in files. It returns an error if
// they exceed a limit of this package.
func NewSet(files *protoregistry.Files) (*Set, error) {
	s := &Set{files: files, byEnum: map[protoreflect.EnumDescriptor]*Table{}}
	var tables []*Table
	room, codes := newLanguages(MaxSentences), 0
	for enum := range annotatedIn(files) {
		if codes += enum.Values().Len(); codes > MaxCodes {
			return nil, fmt.Errorf("%s: the tables have more than %d codes", enum.FullName(), MaxCodes)
		}
		if len(tables) == MaxTables {
			return nil, fmt.Errorf("%s: there are more than %d tables", enum.FullName(), MaxTables)
		}
		t := newTable(enum, room)
		if room.left < 0 {
			return nil, fmt.Errorf("%s: the tables have more than %d user messages", enum.FullName(), MaxSentences)
		}
		t.set, s.byEnum[enum] = s, t
		tables = append(tables, t)
	}
	s.index.Store(newIndex(tables))
	return s, nil
}

// For returns the table of an enum. For an enum that a run-time set does not
// hold, it resolves the enum on each call.
func (s *Set) For(enum protoreflect.EnumDescriptor) *Table {
	if s == Linked {
		return For(enum)
	}
	if t, ok := s.byEnum[enum]; ok {
		return t
	}
	t := newTable(enum, newLanguages(MaxSentences))
	t.set = s
	return t
}

// ByDomain returns the table of a domain, or nil if there is none.
func (s *Set) ByDomain(domain []byte) *Table {
	if x := s.index.Load(); x != nil {
		if t, ok := x.byDomain[string(domain)]; ok {
			return t
		}
	}
	return s.upToDate().byDomain[string(domain)]
}

// Tables returns the tables by domain, then by the name of the enum. The caller
// must not change the list.
func (s *Set) Tables() []*Table { return s.upToDate().tables }

// First returns the table with neutral sentences whose domain sorts first, or
// nil if there is none.
func (s *Set) First() *Table { return s.upToDate().first }

// Files returns the files in which the methods of the set are found.
func (s *Set) Files() *protoregistry.Files { return s.files }

// upToDate returns the index. That of Linked is rebuilt only after more enums
// were registered.
func (s *Set) upToDate() *index {
	x := s.index.Load()
	if s != Linked {
		return x
	}
	if enums := protoregistry.GlobalTypes.NumEnums(); x == nil || x.enums != enums {
		x = newIndex(linkedTables())
		x.enums = enums
		s.index.Store(x)
	}
	return x
}

// linkedTables must not look up anything while it holds the lock of the
// registry: together with a waiting registration that would be a deadlock.
func linkedTables() (list []*Table) {
	var enums []protoreflect.EnumDescriptor
	protoregistry.GlobalTypes.RangeEnums(func(enum protoreflect.EnumType) bool {
		enums = append(enums, enum.Descriptor())
		return true
	})
	for _, enum := range enums {
		if IsAnnotated(enum) {
			list = append(list, For(enum))
		}
	}
	return list
}

// annotatedIn yields the annotated enums of files in the order of their paths.
func annotatedIn(files *protoregistry.Files) func(func(protoreflect.EnumDescriptor) bool) {
	var list []protoreflect.FileDescriptor
	files.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		list = append(list, file)
		return true
	})
	slices.SortFunc(list, func(a, b protoreflect.FileDescriptor) int { return cmp.Compare(a.Path(), b.Path()) })
	return func(yield func(protoreflect.EnumDescriptor) bool) {
		for _, file := range list {
			if !eachAnnotated(file, yield) {
				return
			}
		}
	}
}

// scope is a file or a message.
type scope interface {
	Enums() protoreflect.EnumDescriptors
	Messages() protoreflect.MessageDescriptors
}

func eachAnnotated(in scope, yield func(protoreflect.EnumDescriptor) bool) bool {
	for i := range in.Enums().Len() {
		if enum := in.Enums().Get(i); IsAnnotated(enum) && !yield(enum) {
			return false
		}
	}
	for i := range in.Messages().Len() {
		if !eachAnnotated(in.Messages().Get(i), yield) {
			return false
		}
	}
	return true
}
