package interceptor

import (
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// Event is one failure: what is sent of it, or was received, and what it was.
type Event struct {
	// Meta names the call. IsClient tells the side. ReqOrNil is always nil: a
	// request may hold personal data.
	Meta interceptors.CallMeta
	// Status is the status that was sent or received.
	Status *status.Status
	// Err is the code, nil if the error has none. It is the original one also
	// where it was masked: the first that is hidden.
	Err *codetable.Error
	// Origin is the error that the handler or the call returned, whole. Where its
	// translation panicked, it wraps that error, and its text shows the panic.
	Origin error
	// CorrelationID is the request id of RequestInfo in a masked or unmapped
	// error, else "".
	CorrelationID string
	// Masked says that a public boundary hid the code, or the text and the
	// details of a status.
	Masked bool
	// Undeclared says that the method has the option (codetable.v1.method), which
	// does not name the code. The code is sent all the same.
	Undeclared bool
	// Shed names what the detail budget left out: full names of details,
	// "metadata" where entries were cut or dropped, "message" where it was cut,
	// "detail" for one that has no name.
	Shed []string
	// Trailer is what is sent beside the status: grpc-retry-pushback-ms. Each
	// event has its own. Nil on a client, and with WithoutRetryPushback.
	Trailer metadata.MD
}

// call is what an interceptor knows of a call, without the cost of a CallMeta.
type call struct {
	method string
	client bool
	server *grpc.StreamServerInfo // nil for unary calls
	stream *grpc.StreamDesc       // nil for unary calls
}

func (c call) meta() interceptors.CallMeta {
	if c.client {
		return interceptors.NewClientCallMeta(c.method, c.stream, nil)
	}
	return interceptors.NewServerCallMeta(c.method, c.server, nil)
}
