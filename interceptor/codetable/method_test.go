package codetable_test

import (
	"slices"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const testDomain = "codes.example.com"

var registerMethodsOnce sync.Once

const methodsPackage = "codetable.methods"

// registerMethods links two enums and the methods that name their codes, once
// in a process.
func registerMethods(tb testing.TB) protoreflect.EnumDescriptor {
	tb.Helper()
	registerMethodsOnce.Do(func() {
		table, second := testTable(), testTable()
		table.Domain, second.Domain = "methods.example.com", "second.example.com"
		mixed := declares(table.Domain, "BUSY", "NOBODY_KNOWS")
		mixed.Codes = append(mixed.Codes, declares("nobody.example.com", "BUSY").Codes...)
		mixed.Codes = append(mixed.Codes, declares(second.Domain, "FULL", "DONE").Codes...)
		mixed.Codes = append(mixed.Codes, declares(table.Domain, "DONE", "OLD_NAME").Codes...)
		enum := newFile(tb, methodsPackage, &descriptorpb.EnumDescriptorProto{
			Name: new("TestCode"), Options: tableOptions(table),
			Value: []*descriptorpb.EnumValueDescriptorProto{
				value("TEST_CODE_DONE", 0, successCode()), value("TEST_CODE_BUSY", 1, testCode()), value("TEST_CODE_OLD_NAME", 1, nil),
			},
		}, method(methodsPackage, "Mixed", mixed), method(methodsPackage, "Empty", &codetablev1.Method{}), method(methodsPackage, "Silent", nil))
		other := newFile(tb, methodsPackage+".second", &descriptorpb.EnumDescriptorProto{
			Name: new("TestCode"), Options: tableOptions(second),
			Value: []*descriptorpb.EnumValueDescriptorProto{value("TEST_CODE_DONE", 0, successCode()), value("TEST_CODE_FULL", 5, testCode())},
		})
		for _, desc := range []protoreflect.EnumDescriptor{enum, other} {
			if err := protoregistry.GlobalTypes.RegisterEnum(dynamicpb.NewEnumType(desc)); err != nil {
				tb.Fatal(err)
			}
		}
		if err := protoregistry.GlobalFiles.RegisterFile(enum.ParentFile()); err != nil {
			tb.Fatal(err)
		}
	})
	desc, err := protoregistry.GlobalFiles.FindDescriptorByName(methodsPackage + ".TestCode")
	if err != nil {
		tb.Fatal(err)
	}
	return desc.(protoreflect.EnumDescriptor)
}

func TestDeclared(t *testing.T) {
	t.Parallel()
	methods := registerMethods(t).ParentFile().Services().Get(0).Methods()
	tests := map[protoreflect.Name]struct {
		want     []string
		declares bool
	}{
		// The codes are in the order of the option. Names of no linked table are skipped.
		"Mixed": {[]string{
			"methods.example.com 1 BUSY", "second.example.com 5 FULL", "second.example.com 0 DONE", "methods.example.com 0 DONE", "methods.example.com 1 BUSY",
		}, true},
		"Empty":  {nil, true},
		"Silent": {nil, false},
	}
	for name, tt := range tests {
		t.Run(string(name), func(t *testing.T) {
			t.Parallel()
			specs, ok := codetable.Declared(methods.ByName(name))
			var got []string
			for _, spec := range specs {
				got = append(got, spec.String())
			}
			if diff := gocmp.Diff(tt.want, got); diff != "" || ok != tt.declares {
				t.Errorf("declares: %t, want %t (-want +got):\n%s", ok, tt.declares, diff)
			}
		})
	}
}

// Check of an enum checks every method that the program links.
func TestCheckLooksAtLinkedMethods(t *testing.T) {
	t.Parallel()
	const place = "method codetable.methods.TestService.Mixed: "
	desc := registerMethods(t)
	want := []string{
		place + `domain "methods.example.com" has no reason "NOBODY_KNOWS"`,
		place + `no known table has domain "nobody.example.com"`,
	}
	if diff := gocmp.Diff(want, each(checkEnum(desc))); diff != "" {
		t.Errorf("Check (-want +got):\n%s", diff)
	}
}

// Every method of the gateway's API declares its codes, and every code of the
// table is declared by a method.
func TestMethodsDeclareEveryCode(t *testing.T) {
	t.Parallel()
	declared := map[int32]bool{}
	services := success.Descriptor().ParentFile().Package()
	protoregistry.GlobalFiles.RangeFilesByPackage(services, func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				specs, ok := codetable.Declared(methods.Get(j))
				if !ok || !slices.ContainsFunc(specs, func(s codetable.Spec) bool { return s.GRPCCode() == 0 }) {
					t.Errorf("%s declares %v, want a success among them", methods.Get(j).FullName(), specs)
				}
				for _, spec := range specs {
					declared[spec.Number()] = true
				}
			}
		}
		return true
	})
	for code := range codetable.All[responseCode]() {
		if !declared[int32(code)] {
			t.Errorf("no method declares %v", code)
		}
	}
}
