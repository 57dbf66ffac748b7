package interceptor

import (
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/errtree"
)

// Event describes one failed call: the original error, and the status that was
// sent or received.
type Event struct {
	// Meta names the call. Meta.IsClient tells the side. Meta.ReqOrNil is
	// always nil, because a request may contain personal data.
	Meta interceptors.CallMeta
	// Status is the status that was sent or received.
	Status *status.Status
	// Err is the code, or nil if the error has none. If a public boundary
	// masked the error, it is the first hidden code.
	Err *codetable.Error
	// Origin is the error that the handler or the call returned. If its
	// translation panicked, Origin wraps that error and its text describes the
	// panic.
	Origin error
	// CorrelationID is the request id in the RequestInfo of a masked or
	// unmapped error, and "" for other errors.
	CorrelationID string
	// Masked reports that a public boundary hid the code, or the text and the
	// details of a status. On a client it reports that the status was hidden by
	// its server: see [codetable.Masked].
	Masked bool
	// Undeclared reports that the method has the option (codetable.v1.method)
	// and the option does not name the code. The code is sent nevertheless.
	Undeclared bool
	// Shed names the parts that the detail budget removed: full names of
	// details; "metadata" if entries were cut or dropped; "message" if it was
	// cut; "detail" for a detail without a valid name.
	Shed []string
	// Trailer is the trailer that is sent with the status:
	// grpc-retry-pushback-ms. Each event has its own copy. It is nil on a
	// client and with WithoutRetryPushback.
	Trailer metadata.MD
}

// EventOf returns the event of an error that an interceptor of this package
// returned, for the interceptors before it and for stats handlers. An error that
// no server interceptor translated is read as a client reads a received one,
// which needs no client interceptor; its Meta is then that of a client without a
// method. For a nil error EventOf returns the zero Event. It calls no observer.
func EventOf(err error) Event {
	if err == nil {
		return Event{}
	}
	if out := findTranslated(err); out != nil {
		return out.Event
	}
	return receivedEvent(err, decode(err), call{client: true})
}

// findTranslated returns the outermost error of a server interceptor in the
// tree of err, or nil.
func findTranslated(err error) (out *translated) {
	errtree.Walk(err, func(node error) (more bool) {
		out, _ = node.(*translated) //nolint:errorlint // the walk unwraps
		return out == nil
	})
	return out
}

// call holds what an interceptor knows of a call. It is cheaper than a
// CallMeta.
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
