package interceptor

import (
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

// codeField returns the field of a message that holds a code, or nil if there
// is none.
func codeField(message protoreflect.MessageDescriptor) protoreflect.FieldDescriptor {
	fields := message.Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		if fd.Kind() == protoreflect.EnumKind && fd.Cardinality() != protoreflect.Repeated && codetable.IsTable(fd.Enum()) {
			return fd
		}
	}
	return nil
}

var errReply = errors.New("the reply can't be read")

// codeInReply returns the error of a failing code in a reply, with the reply as
// a detail. It returns nil if the reply has no failing code.
func codeInReply(reply any) (err error) {
	defer func() {
		if p := recover(); p != nil { // a nil message of a dynamic type
			err = &panicError{p, errReply}
		}
	}()
	message, ok := reply.(proto.Message)
	if !ok {
		return nil
	}
	reflected := message.ProtoReflect()
	field := codeField(reflected.Descriptor())
	if field == nil || field.HasPresence() && !reflected.Has(field) {
		return nil
	}
	spec, _ := codetable.LookupDescriptor(field.Enum(), reflected.Get(field).Enum())
	if spec.GRPCCode() == codes.OK {
		return nil
	}
	return spec.NewError(codetable.WithDetail(message))
}

// fillReply turns an error into the reply that an in-band server would have
// sent. It returns false and leaves the reply unchanged if the error has no
// code or the reply has no field for it.
func fillReply(reply any, err error) bool {
	e, coded := codetable.FromError(err)
	message, ok := reply.(proto.Message)
	if !coded || !ok {
		return false
	}
	reflected := message.ProtoReflect()
	field := codeField(reflected.Descriptor())
	_, numbered := e.Metadata()[wire.CodeKey]
	if field == nil || !numbered || !field.HasPresence() && e.Number() == 0 {
		return false
	}
	if spec, _ := codetable.LookupDescriptor(field.Enum(), 0); spec.Domain() != e.Domain() {
		return false
	}
	sent := reflected.New()
	wire.Find(e.GRPCStatus().Proto(), sent.Interface())
	// The code of the status has priority over the code in the detail.
	sent.Set(field, protoreflect.ValueOfEnum(protoreflect.EnumNumber(e.Number())))
	proto.Reset(message)
	proto.Merge(message, sent.Interface())
	return true
}
