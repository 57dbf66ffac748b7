package interceptor

import (
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// codeFields holds the field with the code, by protoreflect.MessageDescriptor;
// nil for a message that has none.
var codeFields sync.Map

func codeField(message protoreflect.MessageDescriptor) protoreflect.FieldDescriptor {
	if field, ok := codeFields.Load(message); ok {
		fd, _ := field.(protoreflect.FieldDescriptor)
		return fd
	}
	var found protoreflect.FieldDescriptor
	fields := message.Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		if fd.Kind() == protoreflect.EnumKind && fd.Cardinality() != protoreflect.Repeated && codetable.IsTable(fd.Enum()) {
			found = fd
			break
		}
	}
	codeFields.Store(message, found)
	return found
}

// codeInReply returns the error of a failing code in a reply, with the reply as
// a detail.
func codeInReply(reply any) error {
	message, ok := reply.(proto.Message)
	if !ok {
		return nil
	}
	reflected := message.ProtoReflect()
	field := codeField(reflected.Descriptor())
	if field == nil || !reflected.Has(field) {
		return nil
	}
	spec, _ := codetable.LookupDescriptor(field.Enum(), reflected.Get(field).Enum())
	if spec.GRPCCode() == codes.OK {
		return nil
	}
	return spec.NewError(codetable.WithDetail(message))
}

// fillReply turns an error into the reply that an in-band server would have
// sent. It reports false, and leaves the reply alone, where the error has no
// code or the reply no place for it.
func fillReply(reply any, err error) bool {
	e, coded := codetable.FromError(err)
	message, ok := reply.(proto.Message)
	if !coded || !ok {
		return false
	}
	reflected := message.ProtoReflect()
	field := codeField(reflected.Descriptor())
	if field == nil {
		return false
	}
	if spec, _ := codetable.LookupDescriptor(field.Enum(), 0); spec.Domain() != e.Domain() {
		return false
	}
	proto.Reset(message)
	for _, detail := range e.GRPCStatus().Proto().GetDetails() {
		if detail.MessageName() == reflected.Descriptor().FullName() && detail.UnmarshalTo(message) == nil {
			break
		}
	}
	// The code of the status is the one that was decided on.
	reflected.Set(field, protoreflect.ValueOfEnum(protoreflect.EnumNumber(e.Number())))
	return true
}
