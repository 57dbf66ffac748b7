package interceptor

import (
	"strings"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/logging"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/errtree"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

// LoggingFields returns the fields of an error, for logging.WithErrorFields of
// go-grpc-middleware. They are codetable.code, codetable.reason,
// codetable.domain, codetable.fault and codetable.retry if the error has a
// code; codetable.correlation_id if it has one; and codetable.cause, the whole
// text of the original error, if the caller does not get this text.
//
// Use the fields for logs only: at a public boundary they contain what is
// hidden from the caller. LoggingFields never panics.
func LoggingFields(err error) (fields logging.Fields) {
	defer func() { _ = recover() }() // keep the fields that were collected before a foreign error panicked
	var out *translated
	errtree.Walk(err, func(node error) (more bool) {
		out, _ = node.(*translated) //nolint:errorlint // the walk unwraps
		return out == nil
	})
	var e *codetable.Error
	if out != nil {
		e = out.Err
	} else {
		e, _ = codetable.FromError(err)
	}
	if e != nil {
		fields = logging.Fields{
			"codetable.code", e.Number(),
			"codetable.reason", e.Reason(),
			"codetable.domain", e.Domain(),
			"codetable.fault", strings.TrimPrefix(e.Fault().String(), "FAULT_"),
			"codetable.retry", e.Retry().String(),
		}
	}
	if out == nil {
		return fields
	}
	if out.CorrelationID != "" {
		fields = append(fields, "codetable.correlation_id", out.CorrelationID)
	}
	if out.hasCause() {
		fields = append(fields, "codetable.cause", text.Of(out.Origin))
	}
	return fields
}

// hasCause reports whether the original error contains more than the status
// that is sent.
func (t *translated) hasCause() bool {
	if t.CorrelationID != "" {
		return true
	}
	switch origin := t.Origin.(type) { //nolint:errorlint // whether it wraps anything is the question
	case *codetable.Error:
		return !origin.Remote() && origin.Unwrap() != nil
	case *receivedError:
		return false
	case interface{ Unwrap() error }, interface{ Unwrap() []error }:
		return true
	default:
		return false
	}
}
