package importer_test

import (
	"os"
	"slices"
	"testing"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/importer"
)

// result is an imported table, compiled.
type result struct {
	*importer.Summary
	file string
	enum protoreflect.EnumDescriptor
}

// run imports a source, and fails the test if the output does not compile.
func run(tb testing.TB, o importer.Options, source, existing string) result {
	tb.Helper()
	if o.Name == "" {
		o.Name = "codes." + o.Format
	}
	file, summary, err := importer.Import(o, []byte(source), []byte(existing))
	if err != nil {
		tb.Fatalf("import: %v\n%s", err, source)
	}
	enum := compile(tb, file).Enums().ByName(protoreflect.Name(summary.Enum))
	if enum == nil {
		tb.Fatalf("no enum %s in:\n%s", summary.Enum, file)
	}
	return result{summary, file, enum}
}

func compile(tb testing.TB, file string) protoreflect.FileDescriptor {
	tb.Helper()
	compiler := protocompile.Compiler{
		Resolver: protocompile.CompositeResolver{
			&protocompile.SourceResolver{Accessor: protocompile.SourceAccessorFromMap(map[string]string{"codes.proto": file})},
			protocompile.ResolverFunc(func(path string) (protocompile.SearchResult, error) {
				desc, err := protoregistry.GlobalFiles.FindFileByPath(path)
				return protocompile.SearchResult{Desc: desc}, err
			}),
		},
		SourceInfoMode: protocompile.SourceInfoStandard,
	}
	files, err := compiler.Compile(tb.Context(), "codes.proto")
	if err != nil {
		tb.Fatalf("compile: %v\n%s", err, file)
	}
	return files[0]
}

// code returns the option of the value with a number.
func (r result) code(tb testing.TB, number int32) *codetablev1.Code {
	tb.Helper()
	value := r.enum.Values().ByNumber(protoreflect.EnumNumber(number))
	if value == nil {
		tb.Fatalf("no value %d in:\n%s", number, r.file)
	}
	raw, err := proto.Marshal(value.Options())
	if err != nil {
		tb.Fatal(err)
	}
	options := &descriptorpb.EnumValueOptions{}
	if err := proto.Unmarshal(raw, options); err != nil {
		tb.Fatal(err)
	}
	code, ok := proto.GetExtension(options, codetablev1.E_Code).(*codetablev1.Code)
	if !ok || code == nil {
		tb.Fatalf("value %d has no option in:\n%s", number, r.file)
	}
	return code
}

// numbers returns the numbers of the values that come from the source.
func (r result) numbers() (list []int32) {
	values := r.enum.Values()
	for i := range values.Len() {
		if v := values.Get(i); string(v.Name()[max(0, len(v.Name())-len("_UNSPECIFIED")):]) != "_UNSPECIFIED" {
			list = append(list, int32(v.Number()))
		}
	}
	return list
}

// names returns the names of the values in the order of the file.
func (r result) names() (list []string) {
	for i := range r.enum.Values().Len() {
		list = append(list, string(r.enum.Values().Get(i).Name()))
	}
	return list
}

func read(tb testing.TB, name string) string {
	tb.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	return string(raw)
}

func protoNumber(n int32) protoreflect.EnumNumber { return protoreflect.EnumNumber(n) }

func sorted(list []string) []string {
	return slices.Sorted(slices.Values(list))
}
