package table_test

import (
	"runtime"
	"testing"
	"weak"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/internal/enumtest"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

func newSet(tb testing.TB, enums ...protoreflect.EnumDescriptor) *table.Set {
	tb.Helper()
	files := new(protoregistry.Files)
	for _, enum := range enums {
		if err := files.RegisterFile(enum.ParentFile()); err != nil {
			tb.Fatal(err)
		}
	}
	set, err := table.NewSet(files)
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

func setFile(pkg, domain string, neutral map[string]string) enumtest.File {
	return enumtest.File{
		Package: pkg, Table: &codetablev1.Table{Domain: domain, DefaultUserMessages: neutral},
		Values: []enumtest.Value{{Name: "TEST_CODE_BUSY", Number: 1, Code: failing(codetablev1.GrpcCode_GRPC_CODE_ABORTED)}},
	}
}

func TestSet(t *testing.T) {
	t.Parallel()
	neutral := map[string]string{"en": "Later."}
	later, first := setFile("a", "z.example.com", neutral).Build(t), setFile("b", "b.example.com", neutral).Build(t)
	silent := setFile("c", "a.example.com", nil).Build(t)
	plain := enumtest.File{Package: "d", Values: []enumtest.Value{{Name: "A", Number: 1}}}.Build(t)
	set := newSet(t, later, first, silent, plain)
	if got := set.Tables(); len(got) != 3 || got[0].Desc != silent || got[1].Desc != first || got[2].Desc != later {
		t.Errorf("tables %v, want those of a, b and z.example.com", got)
	}
	if got := set.First(); got.Desc != first {
		t.Errorf("first %s, want the first domain with a neutral sentence", got.Domain)
	}
	for _, enum := range []protoreflect.EnumDescriptor{later, first, silent} {
		got := set.For(enum)
		if got != set.For(enum) || got != set.ByDomain([]byte(got.Domain)) || got.Desc != enum || got.Set() != set {
			t.Errorf("%s: the table is resolved again, or belongs to %p, want %p", enum.FullName(), got.Set(), set)
		}
	}
	if set.ByDomain([]byte("jverification.jiguang.cn")) != nil || table.Linked.ByDomain([]byte("z.example.com")) != nil {
		t.Error("two sets share tables")
	}
	if got := set.For(plain); got.Desc != plain || got == set.For(plain) || got.Set() != set {
		t.Errorf("an enum that is no table is kept: %+v", got)
	}
	if got := table.For(later); got.Set() != table.Linked || got == set.For(later) {
		t.Error("For finds the table of another set")
	}
	if table.Linked.For(responseCode) != table.For(responseCode) || table.For(responseCode).Set() != table.Linked {
		t.Error("the linked table belongs to no set")
	}
}

// Nothing in the process refers to the tables of a set.
//
//nolint:paralleltest // it collects garbage
func TestSetIsCollected(t *testing.T) {
	build := func() (weak.Pointer[table.Table], weak.Pointer[table.Set]) {
		set := newSet(t, setFile("a", "a.example.com", map[string]string{"en": "Later."}).Build(t))
		t := set.Tables()[0]
		t.Entries[0].Keep(func(e *table.Entry) any { return e })
		return weak.Make(t), weak.Make(set)
	}
	tbl, set := build()
	runtime.GC()
	if tbl.Value() != nil || set.Value() != nil {
		t.Error("the set is still alive")
	}
}
