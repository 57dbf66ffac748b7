package table

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

const (
	// maxFirst is the number of tables that are compared one by one before the
	// map is used.
	maxFirst = 4
	// maxDynamic bounds the cached tables of enums that the program does not
	// link, because any number of these can be created. If it is reached, the
	// cache is cleared.
	maxDynamic = 64
)

// tables holds all tables that were resolved so far. It is immutable: a new
// table needs a new tables value.
type tables struct {
	first   []*Table // the first linked tables: a comparison is cheaper than the map
	linked  map[protoreflect.EnumDescriptor]*Table
	dynamic map[protoreflect.EnumDescriptor]*Table
}

var (
	known   atomic.Pointer[tables]
	knownMu sync.Mutex // held while known is replaced
)

// For returns the table of an enum. An enum without options has a table too.
func For(desc protoreflect.EnumDescriptor) *Table {
	all := known.Load()
	if all == nil {
		return resolve(desc)
	}
	for _, t := range all.first {
		if t.Desc == desc {
			return t
		}
	}
	if t, ok := all.find(desc); ok {
		return t
	}
	return resolve(desc)
}

func (ts *tables) find(desc protoreflect.EnumDescriptor) (*Table, bool) {
	if t, ok := ts.linked[desc]; ok {
		return t, true
	}
	t, ok := ts.dynamic[desc]
	return t, ok
}

func resolve(desc protoreflect.EnumDescriptor) *Table {
	t := newTable(desc)
	knownMu.Lock()
	defer knownMu.Unlock()
	var next tables
	if all := known.Load(); all != nil {
		next = *all
	}
	if other, ok := next.find(desc); ok {
		return other // another goroutine was faster
	}
	switch {
	case !Linked(desc):
		if len(next.dynamic) == maxDynamic {
			next.dynamic = nil
		}
		next.dynamic = with(next.dynamic, desc, t)
	case len(next.first) < maxFirst:
		next.first = append(slices.Clip(next.first), t)
		fallthrough
	default:
		next.linked = with(next.linked, desc, t)
	}
	known.Store(&next)
	return t
}

func with(m map[protoreflect.EnumDescriptor]*Table, desc protoreflect.EnumDescriptor, t *Table) map[protoreflect.EnumDescriptor]*Table {
	m = maps.Clone(m)
	if m == nil {
		m = make(map[protoreflect.EnumDescriptor]*Table, 1)
	}
	m[desc] = t
	return m
}

// Linked reports whether the program links the descriptor. A linked descriptor
// lives as long as the program.
func Linked(desc protoreflect.EnumDescriptor) bool {
	enum, err := protoregistry.GlobalTypes.FindEnumByName(desc.FullName())
	return err == nil && enum.Descriptor() == desc
}

// domains is an index of the annotated enums of the program by domain.
type domains struct {
	enums  int // the number of registered enums when the index was built
	tables map[string]*Table
	first  *Table // the table with neutral sentences whose domain sorts first
}

var byDomain atomic.Pointer[domains]

// ByDomain returns the table of a domain among the generated enums that the
// program links, or nil if there is none. The index is rebuilt only after more
// enums were registered.
func ByDomain[S ~string | ~[]byte](domain S) *Table {
	if index := byDomain.Load(); index != nil {
		if t, ok := index.tables[string(domain)]; ok {
			return t
		}
	}
	return upToDate().tables[string(domain)]
}

// First returns the linked table with neutral sentences whose domain sorts
// first, or nil if there is none.
func First() *Table { return upToDate().first }

func upToDate() *domains {
	index := byDomain.Load()
	if enums := protoregistry.GlobalTypes.NumEnums(); index == nil || index.enums != enums {
		index = indexDomains(enums)
		byDomain.Store(index)
	}
	return index
}

// indexDomains builds the index. If two enums have the same domain, the enum
// whose name sorts first gets it, so that every run decodes in the same way.
// Check reports the clash.
func indexDomains(enums int) *domains {
	index := &domains{enums: enums, tables: map[string]*Table{}}
	for t := range Annotated {
		if other, taken := index.tables[t.Domain]; !taken || t.Desc.FullName() < other.Desc.FullName() {
			index.tables[t.Domain] = t
		}
		if len(t.neutral.locales) > 0 && (index.first == nil || t.Domain < index.first.Domain) {
			index.first = t
		}
	}
	return index
}

// Annotated yields the tables of the annotated enums that the program links. It
// must not look up anything while it holds the lock of the registry: together
// with a waiting registration that would be a deadlock.
func Annotated(yield func(*Table) bool) {
	var enums []protoreflect.EnumDescriptor
	protoregistry.GlobalTypes.RangeEnums(func(enum protoreflect.EnumType) bool {
		enums = append(enums, enum.Descriptor())
		return true
	})
	for _, enum := range enums {
		if _, annotated := tableOptions(enum); annotated && !yield(For(enum)) {
			return
		}
	}
}
