package interceptor_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/anypb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// inBandMessages builds and links an enum whose zero value has the given
// status, and two messages with a field of this enum: one with presence, one
// without.
func inBandMessages(tb testing.TB, domain string, zero codetablev1.GrpcCode) (explicit, implicit protoreflect.MessageDescriptor) {
	tb.Helper()
	failing := codetablev1.GrpcCode_GRPC_CODE_ABORTED
	field := func(name string, number int32, optional bool) *descriptorpb.FieldDescriptorProto {
		fd := &descriptorpb.FieldDescriptorProto{
			Name: &name, Number: &number, Label: new(descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL), Type: new(descriptorpb.FieldDescriptorProto_TYPE_STRING),
		}
		if name == "code" {
			fd.Type, fd.TypeName = new(descriptorpb.FieldDescriptorProto_TYPE_ENUM), new("."+pkgOf(tb)+".Code")
		}
		if optional {
			fd.Proto3Optional, fd.OneofIndex = new(true), new(int32(0))
		}
		return fd
	}
	file := &descriptorpb.FileDescriptorProto{
		Name: new(pkgOf(tb) + ".proto"), Package: new(pkgOf(tb)), Syntax: new("proto3"),
		EnumType: []*descriptorpb.EnumDescriptorProto{{
			Name: new("Code"), Options: &descriptorpb.EnumOptions{},
			Value: []*descriptorpb.EnumValueDescriptorProto{
				{Name: new("CODE_ZERO"), Number: new(int32(0)), Options: codeOption(zero)},
				{Name: new("CODE_BUSY"), Number: new(int32(7)), Options: codeOption(failing)},
			},
		}},
		MessageType: []*descriptorpb.DescriptorProto{
			{Name: new("Explicit"), Field: []*descriptorpb.FieldDescriptorProto{field("code", 1, true), field("text", 2, false)}, OneofDecl: []*descriptorpb.OneofDescriptorProto{{Name: new("_code")}}},
			{Name: new("Implicit"), Field: []*descriptorpb.FieldDescriptorProto{field("code", 1, false), field("text", 2, false)}},
		},
	}
	proto.SetExtension(file.EnumType[0].Options, codetablev1.E_Table, &codetablev1.Table{Domain: domain})
	desc, err := protodesc.NewFile(file, nil)
	if err != nil {
		tb.Fatal(err)
	}
	if linked, err := protoregistry.GlobalTypes.FindEnumByName(protoreflect.FullName(pkgOf(tb) + ".Code")); err == nil {
		desc = linked.Descriptor().ParentFile() // linked already, by go test -count=2
		return desc.Messages().Get(0), desc.Messages().Get(1)
	}
	if err := protoregistry.GlobalTypes.RegisterEnum(dynamicpb.NewEnumType(desc.Enums().Get(0))); err != nil {
		tb.Fatal(err)
	}
	return desc.Messages().Get(0), desc.Messages().Get(1)
}

// pkgOf derives a package name from the name of a test.
func pkgOf(tb testing.TB) string {
	tb.Helper()
	return "codetable." + strings.ToLower(strings.NewReplacer("/", ".", "_", "", " ", "").Replace(tb.Name()))
}

func codeOption(code codetablev1.GrpcCode) *descriptorpb.EnumValueOptions {
	options := &descriptorpb.EnumValueOptions{}
	proto.SetExtension(options, codetablev1.E_Code, &codetablev1.Code{GrpcCode: &code, Fault: codetablev1.Fault_FAULT_UPSTREAM, Notes: "a code"})
	return options
}

// replyOf makes a message with a text and, unless it is negative, a code.
func replyOf(desc protoreflect.MessageDescriptor, number int32) *dynamicpb.Message {
	m := dynamicpb.NewMessage(desc)
	m.Set(desc.Fields().ByName("text"), protoreflect.ValueOfString("of the server"))
	if number >= 0 {
		m.Set(desc.Fields().ByName("code"), protoreflect.ValueOfEnum(protoreflect.EnumNumber(number)))
	}
	return m
}

// overTheWire serves a reply and calls it. Each side can be in-band.
func overTheWire(t *testing.T, reply proto.Message, into proto.Message, server, client bool) error {
	t.Helper()
	var serverOpts []interceptor.ServerOption
	var clientOpts []interceptor.ClientOption
	if server {
		serverOpts = append(serverOpts, interceptor.WithInBandCodes())
	}
	if client {
		clientOpts = append(clientOpts, interceptor.WithInBandCodes())
	}
	sent, err := interceptor.UnaryServerInterceptor(serverOpts...)(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: "/s/m"},
		func(context.Context, any) (any, error) { return reply, nil })
	return interceptor.UnaryClientInterceptor(clientOpts...)(t.Context(), "/s/m", nil, into, nil,
		func(_ context.Context, _ string, _, into any, _ *grpc.ClientConn, _ ...grpc.CallOption) error {
			if err != nil {
				return status.Convert(err).Err()
			}
			proto.Merge(into.(proto.Message), sent.(proto.Message))
			return nil
		})
}

// The zero value of the enum is a failure.
func TestInBandFailureIsNeverASuccess(t *testing.T) {
	t.Parallel()
	explicit, implicit := inBandMessages(t, "zero-fails.example.com", codetablev1.GrpcCode_GRPC_CODE_ABORTED)
	tests := []struct {
		name   string
		desc   protoreflect.MessageDescriptor
		number int32 // -1: unset
		fails  bool  // the in-band client gets an error
		filled bool  // the in-band client gets a reply with a readable code
	}{
		{"presence, failure", explicit, 7, false, true},
		{"presence, zero", explicit, 0, false, true},
		{"presence, unset", explicit, -1, false, false},
		{"no presence, failure", implicit, 7, false, true},
		{"no presence, zero", implicit, 0, true, false},
		{"no presence, unset", implicit, -1, true, false},
	}
	for _, test := range tests {
		into := dynamicpb.NewMessage(test.desc)
		err := overTheWire(t, replyOf(test.desc, test.number), into, true, true)
		field := test.desc.Fields().ByName("code")
		if (err != nil) != test.fails || test.filled && int32(into.Get(field).Enum()) != test.number {
			t.Errorf("%s: the client got %v and %v", test.name, into, err)
		}
		if test.fails && into.Has(test.desc.Fields().ByName("text")) {
			t.Errorf("%s: got an error, but the reply is filled in: %v", test.name, into)
		}
		// A proxy that is in-band on both sides sends the reply unchanged.
		hop := dynamicpb.NewMessage(test.desc)
		if hopErr := overTheWire(t, replyOf(test.desc, test.number), hop, true, false); (hopErr != nil) != (test.number >= 0 || test.desc == implicit) {
			t.Errorf("%s: a client that is not in-band got %v", test.name, hopErr)
		}
	}
}

func TestInBandZeroThatSucceeds(t *testing.T) {
	t.Parallel()
	explicit, implicit := inBandMessages(t, "zero-succeeds.example.com", codetablev1.GrpcCode_GRPC_CODE_OK)
	for _, desc := range []protoreflect.MessageDescriptor{explicit, implicit} {
		for _, number := range []int32{-1, 0} {
			into := dynamicpb.NewMessage(desc)
			if err := overTheWire(t, replyOf(desc, number), into, true, true); err != nil || !into.Has(desc.Fields().ByName("text")) {
				t.Errorf("%s, %d: got %v and %v, want the reply", desc.Name(), number, into, err)
			}
		}
	}
}

// A detail that can't be read sets only the code in the reply.
func TestInBandDetailThatCannotBeRead(t *testing.T) {
	t.Parallel()
	whole, err := anypb.New(replyWith(consistent))
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(whole.GetValue()) {
		cut := &anypb.Any{TypeUrl: whole.GetTypeUrl(), Value: whole.GetValue()[:n]}
		message := status.Convert(codetable.NewError(notConsistent)).Proto()
		message.Details = append(message.Details, cut)
		into := replyWith(tokenExpired)
		into.ExId = "of an earlier call"
		got := invoke(t, status.FromProto(message).Err(), into, interceptor.WithInBandCodes())
		readable := proto.Unmarshal(cut.GetValue(), replyWith(consistent)) == nil
		if got != nil || into.GetCode() != notConsistent || !readable && (into.GetExId() != "" || into.GetId() != 0) {
			t.Errorf("cut to %d bytes: got %v and %v", n, into, got)
		}
	}
}

// An error without a code does not change the reply.
func TestInBandWithoutACodeLeavesTheReply(t *testing.T) {
	t.Parallel()
	for _, err := range []error{status.Error(codes.NotFound, "x"), fmt.Errorf("w: %w", errSecret)} {
		into := replyWith(tokenExpired)
		if got := invoke(t, err, into, interceptor.WithInBandCodes()); got == nil || into.GetCode() != tokenExpired {
			t.Errorf("%v: got %v and %v", err, into, got)
		}
	}
}
