package tablecheck_test

import (
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/tablecheck"
	"github.com/codetable/grpc-codetable/interceptor/internal/tablediff"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

// FuzzFiles checks descriptors from outside and compares them with themselves.
func FuzzFiles(f *testing.F) {
	seed := func(module string) {
		var descriptors descriptorpb.FileDescriptorSet
		if err := prototext.Unmarshal([]byte(module), &descriptors); err != nil {
			f.Fatal(err)
		}
		raw, err := proto.Marshal(&descriptors)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw, "zh-CN")
	}
	seed(pay)
	seed(`file { name: "a.proto" enum_type { name: "A" value { name: "B" number: -1 } options { [codetable.v1.table] { domain: "\n" } } } }`)
	f.Fuzz(func(t *testing.T, raw []byte, locale string) {
		var descriptors descriptorpb.FileDescriptorSet
		if proto.Unmarshal(raw, &descriptors) != nil {
			return
		}
		files, err := protodesc.FileOptions{AllowUnresolvable: true}.NewFiles(&descriptors)
		if err != nil {
			return
		}
		set, err := table.NewSet(files)
		if err != nil {
			return
		}
		var own []protoreflect.FileDescriptor
		files.RangeFiles(func(file protoreflect.FileDescriptor) bool {
			own = append(own, file)
			return true
		})
		for _, fault := range tablecheck.Files(set, own, []string{locale}) {
			if line := fault.Error(); text.OneLine(line) != line {
				t.Errorf("%q is not one line of text", line)
			}
		}
		for _, changes := range tablediff.CompareSets(set, set) {
			if len(changes.Changes) > 0 {
				t.Errorf("a table differs from itself: %v", changes.Changes[0])
			}
		}
	})
}
