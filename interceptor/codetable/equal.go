package codetable

import (
	"slices"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

// Equal reports whether two errors have the same code and whether their
// statuses have the same content. It ignores the causes, whether an error was
// received, and the time left until a calendar window. cmp.Diff of go-cmp calls
// it.
func (e *Error) Equal(other *Error) bool {
	if !e.valid() || !other.valid() {
		return e.valid() == other.valid()
	}
	a, b := e.timeless(), other.timeless()
	return e.Is(other) && a.GetCode() == b.GetCode() && a.GetMessage() == b.GetMessage() &&
		slices.EqualFunc(unpack(a), unpack(b), proto.Equal) // the bytes may be in another order
}

func (e *Error) timeless() *spb.Status {
	message := e.GRPCStatus().Proto()
	if e.entry().Windowed() {
		message.Details = slices.DeleteFunc(message.Details, func(d *anypb.Any) bool { return wire.Is(d, wire.RetryInfo) })
	}
	return message
}
