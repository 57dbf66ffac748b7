package interceptor

import (
	"cmp"
	"sync"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// identity is what makes two codes the same.
type identity struct {
	domain string
	number int32
}

func identityOf(e *codetable.Error) identity { return identity{e.Domain(), e.Number()} }

// declarations holds what methods declare with the option (codetable.v1.method),
// by full method name. It is bounded by the methods that the program links,
// whatever names callers invent.
type declarations struct{ methods sync.Map }

// declaration is what one method declares, nothing by default.
type declaration struct {
	codes map[identity]bool
	table *table.Table // that of the first code
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
	entries, ok := table.Declared(method)
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

// allows reports whether a method may answer with a code: one that declares
// nothing may answer with all.
func (d declaration) allows(e *codetable.Error) bool {
	return d.codes == nil || d.codes[identityOf(e)]
}

// neutral is the sentence that a public caller gets where an error is not
// explained. It depends on the method alone, so that it tells nothing of the
// error: it is that of the table whose codes the method declares, or else of the
// linked table that comes first by its domain.
func (d declaration) neutral(locale string) (text, language string) {
	t := cmp.Or(d.table, table.First())
	if t == nil {
		return "", ""
	}
	return t.NeutralMessage(locale)
}
