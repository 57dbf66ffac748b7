package interceptor

import (
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/logging"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

// LoggingFields returns the fields of an error, for logging.WithErrorFields of
// go-grpc-middleware: see [Event.LoggingFields].
//
// Use the fields for logs only: at a public boundary they contain what is
// hidden from the caller. LoggingFields never panics.
func LoggingFields(err error) (fields logging.Fields) {
	defer func() { _ = recover() }() // a foreign error may panic
	if out := findTranslated(err); out != nil {
		return out.LoggingFields()
	}
	if e, ok := codetable.FromError(err); ok {
		return codeFields(e)
	}
	return nil
}

// LoggingFields returns the fields for the log of a failure. They are
// codetable.code, codetable.reason, codetable.domain, codetable.fault and
// codetable.retry if it has a code; codetable.masked if it has a code or a
// public boundary hid a part of it; codetable.request_id if it has one; and
// codetable.cause, the whole text of the original error, if the caller does not
// get this text. It never panics.
func (e Event) LoggingFields() (fields logging.Fields) {
	defer func() { _ = recover() }() // keep the fields that were collected before a foreign error panicked
	fields = codeFields(e.Err)
	if e.Err != nil || e.Masked {
		fields = append(fields, "codetable.masked", e.Masked)
	}
	if e.CorrelationID != "" {
		fields = append(fields, "codetable.request_id", e.CorrelationID)
	}
	if e.hasCause() {
		fields = append(fields, "codetable.cause", text.Of(e.Origin))
	}
	return fields
}

// codeFields returns the fields of a code, or none for nil.
func codeFields(e *codetable.Error) logging.Fields {
	if e == nil {
		return nil
	}
	return logging.Fields{
		"codetable.code", e.Number(),
		"codetable.reason", e.Reason(),
		"codetable.domain", e.Domain(),
		"codetable.fault", table.FaultName(e.Fault()),
		"codetable.retry", e.Retry().String(),
	}
}

// hasCause reports whether the original error contains more than the status
// that is sent. A client receives nothing else.
func (e Event) hasCause() bool {
	if e.Meta.IsClient {
		return false
	}
	if e.CorrelationID != "" {
		return true
	}
	switch origin := e.Origin.(type) { //nolint:errorlint // whether it wraps anything is the question
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
