// Package enumtest builds annotated enums at run time, for tests.
package enumtest

import (
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
)

// File is a .proto file with the enum TestCode and the service TestService.
type File struct {
	Package string // default codetable.test
	Table   *codetablev1.Table
	Values  []Value
	Methods []Method
}

// Value is one value of the enum. A nil Code leaves the option out.
type Value struct {
	Name   string
	Number int32
	Code   *codetablev1.Code
}

// Method is one method of the service. Nil Options leave the option out.
type Method struct {
	Name    string
	Options *codetablev1.Method
}

// Build returns the enum of the file. Two values may have one number.
func (f File) Build(tb testing.TB) protoreflect.EnumDescriptor {
	tb.Helper()
	pkg := f.Package
	if pkg == "" {
		pkg = "codetable.test"
	}
	// proto2 lets an enum start at any number and name its values at will.
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: new(pkg + ".proto"), Package: &pkg, Syntax: new("proto2"),
		EnumType:    []*descriptorpb.EnumDescriptorProto{f.enum()},
		MessageType: []*descriptorpb.DescriptorProto{{Name: new("Empty")}},
		Service:     []*descriptorpb.ServiceDescriptorProto{f.service("." + pkg + ".Empty")},
	}, nil)
	if err != nil {
		tb.Fatalf("build enum: %v", err)
	}
	return file.Enums().Get(0)
}

func (f File) enum() *descriptorpb.EnumDescriptorProto {
	enum := &descriptorpb.EnumDescriptorProto{Name: new("TestCode"), Options: &descriptorpb.EnumOptions{}}
	if f.Table != nil {
		proto.SetExtension(enum.Options, codetablev1.E_Table, f.Table)
	}
	seen := map[int32]bool{}
	for _, v := range f.Values {
		if seen[v.Number] {
			enum.Options.AllowAlias = new(true) // not allowed without an alias
		}
		seen[v.Number] = true
		value := &descriptorpb.EnumValueDescriptorProto{Name: &v.Name, Number: &v.Number}
		if v.Code != nil {
			value.Options = &descriptorpb.EnumValueOptions{}
			proto.SetExtension(value.Options, codetablev1.E_Code, v.Code)
		}
		enum.Value = append(enum.Value, value)
	}
	return enum
}

func (f File) service(empty string) *descriptorpb.ServiceDescriptorProto {
	service := &descriptorpb.ServiceDescriptorProto{Name: new("TestService")}
	for _, m := range f.Methods {
		method := &descriptorpb.MethodDescriptorProto{Name: &m.Name, InputType: &empty, OutputType: &empty}
		if m.Options != nil {
			method.Options = &descriptorpb.MethodOptions{}
			proto.SetExtension(method.Options, codetablev1.E_Method, m.Options)
		}
		service.Method = append(service.Method, method)
	}
	return service
}

// Link registers an enum and its file as a generated package does. The
// registration lasts until the process ends: call Link once for each package
// name.
func Link(tb testing.TB, enum protoreflect.EnumDescriptor) {
	tb.Helper()
	if err := protoregistry.GlobalTypes.RegisterEnum(dynamicpb.NewEnumType(enum)); err != nil {
		tb.Fatal(err)
	}
	if err := protoregistry.GlobalFiles.RegisterFile(enum.ParentFile()); err != nil {
		tb.Fatal(err)
	}
}

// Code passes a descriptor to generic functions, which get it from the type:
// see With.
type Code int32

var current struct {
	sync.Mutex
	desc protoreflect.EnumDescriptor
}

// Descriptor returns the descriptor of With.
func (Code) Descriptor() protoreflect.EnumDescriptor { return current.desc }

// Type returns the type of the descriptor of With.
func (Code) Type() protoreflect.EnumType { return dynamicpb.NewEnumType(current.desc) }

// Number returns the number of the code.
func (c Code) Number() protoreflect.EnumNumber { return protoreflect.EnumNumber(c) }

// With runs f while Code has the given descriptor.
func With(desc protoreflect.EnumDescriptor, f func()) {
	current.Lock()
	defer current.Unlock()
	current.desc = desc
	f()
}
