package table

import (
	"maps"
	"math"
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
	linked, limit := IsLinked(desc), MaxSentences
	if linked {
		limit = math.MaxInt
	}
	t := newTable(desc, newLanguages(limit))
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
	case !linked:
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

// IsLinked reports whether the program links the descriptor. A linked
// descriptor lives as long as the program.
func IsLinked(desc protoreflect.EnumDescriptor) bool {
	enum, err := protoregistry.GlobalTypes.FindEnumByName(desc.FullName())
	return err == nil && enum.Descriptor() == desc
}
