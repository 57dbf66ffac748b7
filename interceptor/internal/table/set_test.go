package table_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"weak"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

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

// nested is a file with enums in a message of a message.
func nested(tb testing.TB, pkg string, enums ...*descriptorpb.EnumDescriptorProto) *protoregistry.Files {
	tb.Helper()
	inner := &descriptorpb.DescriptorProto{Name: new("Inner"), EnumType: enums}
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: new(pkg + ".proto"), Package: &pkg, MessageType: []*descriptorpb.DescriptorProto{{Name: new("Outer"), NestedType: []*descriptorpb.DescriptorProto{inner}}},
	}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	files := new(protoregistry.Files)
	if err := files.RegisterFile(file); err != nil {
		tb.Fatal(err)
	}
	return files
}

// enumOf is an enum with n codes that have the same option. A nil code leaves
// the option out.
func enumOf(name string, n int, options *codetablev1.Table, code *codetablev1.Code) *descriptorpb.EnumDescriptorProto {
	enum := &descriptorpb.EnumDescriptorProto{Name: &name, Options: &descriptorpb.EnumOptions{}}
	proto.SetExtension(enum.Options, codetablev1.E_Table, options)
	of := &descriptorpb.EnumValueOptions{}
	if code != nil {
		proto.SetExtension(of, codetablev1.E_Code, code)
	}
	for i := range n {
		enum.Value = append(enum.Value, &descriptorpb.EnumValueDescriptorProto{Name: new(fmt.Sprintf("%s_%d", name, i)), Number: new(int32(i)), Options: of})
	}
	return enum
}

func TestNestedEnums(t *testing.T) {
	t.Parallel()
	files := nested(t, "pkg", enumOf("A", 1, &codetablev1.Table{Domain: "a.example.com"}, nil), enumOf("B", 2, &codetablev1.Table{}, nil))
	set, err := table.NewSet(files)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, tbl := range set.Tables() {
		got = append(got, fmt.Sprintf("%s %d", tbl.Domain, len(tbl.Entries)))
	}
	if want := []string{"a.example.com 1", "pkg.Outer.Inner.B 2"}; !slices.Equal(got, want) || set.Files() != files {
		t.Errorf("tables %q, want %q", got, want)
	}
}

// Descriptors from outside can't make a set that is much larger than they are.
// In each case the enum E1 exceeds a limit that the enums before it reach.
func TestLimits(t *testing.T) {
	t.Parallel()
	empty := &codetablev1.Table{}
	tables := func(n int) (enums []*descriptorpb.EnumDescriptorProto) {
		for range n {
			enums = append(enums, enumOf(fmt.Sprintf("A%d", len(enums)), 1, empty, nil))
		}
		return enums
	}
	// Each code with a sentence of its own has the sentences of the table too.
	const neutral = 511
	languages, own := map[string]string{"en": "Later."}, failing(codetablev1.GrpcCode_GRPC_CODE_ABORTED)
	for i := range neutral - 1 {
		languages[fmt.Sprintf("en-x-a%d", i)] = "Later."
	}
	own.UserMessages = map[string]string{"en": "Busy."}
	most := enumOf("Most", table.MaxSentences/(neutral+1)-1, &codetablev1.Table{DefaultUserMessages: languages}, own)
	one := &codetablev1.Table{DefaultUserMessages: map[string]string{"en": "Later."}}
	for want, enums := range map[string][]*descriptorpb.EnumDescriptorProto{
		"there are more than 1024 tables":                append(tables(table.MaxTables), enumOf("E1", 1, empty, nil)),
		"the tables have more than 131072 codes":         {enumOf("Most", table.MaxCodes, empty, nil), enumOf("E1", 1, empty, nil)},
		"the tables have more than 262144 user messages": {most, enumOf("Last", 1, one, nil), enumOf("E1", 1, one, nil)},
	} {
		if _, err := table.NewSet(nested(t, "pkg", enums...)); err == nil || err.Error() != "pkg.Outer.Inner.E1: "+want {
			t.Errorf("%v, want E1: %s", err, want)
		}
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
