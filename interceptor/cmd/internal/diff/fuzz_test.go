package diff_test

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/diff"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/lint"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/source"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

// FuzzVersions checks and compares two sets of descriptors from strangers, as
// the commands and the plugin of buf do. What is reported is one line of text
// and has a place in one of the versions. No version differs from itself, and
// two versions differ in both directions or in none.
func FuzzVersions(f *testing.F) {
	one, two := table(f, "a.example", "DONE", "BUSY"), table(f, "b.example", "DONE")
	f.Add(one, one)
	f.Add(one, two)
	f.Add(two, one)
	f.Fuzz(func(t *testing.T, before, after []byte) {
		was, ok := version(before)
		if !ok {
			return
		}
		is, ok := version(after)
		if !ok {
			return
		}
		faults, err := lint.Check(was.Files, was.Own, []string{"en"})
		for _, fault := range faults {
			if line := fault.Error(); err != nil || text.OneLine(line) != line {
				t.Errorf("%q is not one line of text; %v", line, err)
			}
		}
		if same, err := diff.Compare(was, was); err != nil || len(same) > 0 {
			t.Errorf("a version differs from itself: %v, %v", same, err)
		}
		changes, err := diff.Compare(was, is)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			if line := c.Text(); text.OneLine(line) != line || c.At() == nil {
				t.Errorf("%q is not one line of text, or has no place", line)
			}
		}
		if back, err := diff.Compare(is, was); err != nil || (len(back) == 0) != (len(changes) == 0) {
			t.Errorf("there are changes in one direction only: %v, %v, %v", changes, back, err)
		}
	})
}

func version(raw []byte) (diff.Version, bool) {
	descriptors := &descriptorpb.FileDescriptorSet{}
	if proto.Unmarshal(raw, descriptors) != nil {
		return diff.Version{}, false
	}
	set, err := source.FromDescriptors(descriptors)
	if err != nil {
		return diff.Version{}, false
	}
	return diff.Version{Files: set.Files, Own: append([]protoreflect.FileDescriptor(nil), set.Own...)}, true
}

// table returns a file with a table. It does not import that of the options,
// which is larger.
func table(tb testing.TB, domain string, reasons ...string) []byte {
	tb.Helper()
	enum := &descriptorpb.EnumDescriptorProto{Name: new("E"), Options: &descriptorpb.EnumOptions{}}
	proto.SetExtension(enum.Options, codetablev1.E_Table, &codetablev1.Table{Domain: domain})
	for i, reason := range reasons {
		options := &descriptorpb.EnumValueOptions{}
		proto.SetExtension(options, codetablev1.E_Code, &codetablev1.Code{Notes: domain, Fault: codetablev1.Fault(i)})
		enum.Value = append(enum.Value, &descriptorpb.EnumValueDescriptorProto{Name: new("E_" + reason), Number: new(int32(i)), Options: options})
	}
	raw, err := proto.Marshal(&descriptorpb.FileDescriptorSet{File: []*descriptorpb.FileDescriptorProto{{
		Name: new("a.proto"), Package: new("a"), Syntax: new("proto3"), EnumType: []*descriptorpb.EnumDescriptorProto{enum},
	}}})
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}
