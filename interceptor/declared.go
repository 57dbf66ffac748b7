package interceptor

import (
	"cmp"
	"sync"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// identity identifies a code.
type identity struct {
	domain string
	number int32
}

func identityOf(e *codetable.Error) identity { return identity{e.Domain(), e.Number()} }

// declarations caches the codes that methods declare with the option
// (codetable.v1.method), by full method name. It only holds methods that the
// program links, so callers can't fill it with invented names.
type declarations struct{ methods sync.Map }

// declaration holds the codes that one method declares. The zero value is the
// declaration of a method without the option.
type declaration struct {
	codes map[identity]bool
	table *table.Table // the table of the first code
}

func (d *declarations) of(method string) declaration {
	if known, ok := d.methods.Load(method); ok {
		return known.(declaration)
	}
	desc := table.FindMethod(method)
	if desc == nil {
		return declaration{}
	}
	known, _ := d.methods.LoadOrStore(method, newDeclaration(desc))
	return known.(declaration)
}

func newDeclaration(method protoreflect.MethodDescriptor) declaration {
	entries, ok := table.Linked.Declared(method)
	if !ok {
		return declaration{}
	}
	d := declaration{codes: make(map[identity]bool, len(entries))}
	for i, e := range entries {
		d.codes[identity{e.Table.Domain, e.Number}] = true
		if i == 0 {
			d.table = e.Table
		}
	}
	return d
}

// allows reports whether a method may answer with a code. A method without the
// option may answer with any code.
func (d declaration) allows(e *codetable.Error) bool {
	return d.codes == nil || d.codes[identityOf(e)]
}

// neutral returns the sentence for a public caller whose error is hidden. It
// belongs to the table of the first code that the method declares, or else to
// the linked table whose domain sorts first. It must not depend on the error,
// because it would then reveal which upstream failed.
func (d declaration) neutral(locale string) (text, language string) {
	t := cmp.Or(d.table, table.Linked.First())
	if t == nil {
		return "", ""
	}
	return t.NeutralMessage(locale)
}
