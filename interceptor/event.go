package interceptor

import (
	"strings"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/logging"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/errtree"
)

// Event is one failed call, as an observer sees it.
type Event struct {
	// Meta names the call. IsClient tells the side. ReqOrNil is always nil: a
	// request may hold personal data.
	Meta interceptors.CallMeta
	// Status is the status that was sent or received.
	Status *status.Status
	// Err is the code, nil if the error has none. It is the original one also
	// where it was masked.
	Err *codetable.Error
	// Origin is the error that the handler or the call returned, whole.
	Origin error
	// CorrelationID is the request id of RequestInfo in a masked or unmapped
	// error, else "".
	CorrelationID string
	// Masked says that a public boundary hid the code.
	Masked bool
	// Shed names what the detail budget left out: full names of details,
	// "metadata" where entries were cut or dropped, "message" where it was cut.
	Shed []string
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

// LoggingFields returns what an error says, for logging.WithErrorFields of
// go-grpc-middleware: codetable.code, reason, domain, fault and retry, each
// where known; codetable.correlation_id and codetable.cause, the whole text of
// the original error, where the server interceptor replaced it. The fields are
// for logs: at a public boundary they show what the caller does not see.
func LoggingFields(err error) logging.Fields {
	out, sent := errtree.Find(err, (*outgoing).valid)
	e, coded := codetable.FromError(err)
	if sent {
		e, coded = out.coded, out.coded != nil
	}
	var fields logging.Fields
	if coded {
		fields = logging.Fields{
			"codetable.code", e.Number(),
			"codetable.reason", e.Reason(),
			"codetable.domain", e.Domain(),
			"codetable.fault", strings.TrimPrefix(e.Fault().String(), "FAULT_"),
			"codetable.retry", e.Retry().String(),
		}
	}
	if sent && out.correlationID != "" {
		fields = append(fields, "codetable.correlation_id", out.correlationID)
	}
	if sent {
		fields = append(fields, "codetable.cause", out.origin.Error())
	}
	return fields
}
