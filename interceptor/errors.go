package interceptor

import (
	"fmt"

	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// translated is the error that a server interceptor returns. Its text and its
// status are the ones that are sent, so an outer interceptor that wraps or
// prints it can't leak the original error. Unwrap returns the original error.
type translated struct {
	Event
	mapped error           // the result of WithUnmapped
	retry  codetable.Retry // the retry advice of the status
	ended  bool            // the status is the status of a context error
	inner  *translated     // the result of another interceptor in the chain
	passed bool            // inner is sent on; its observers were called already
}

// isOpaque reports whether the status reveals nothing of the error.
func (t *translated) isOpaque() bool { return t.CorrelationID != "" }

func (t *translated) Error() string              { return t.Status.String() }
func (t *translated) GRPCStatus() *status.Status { return t.Status }

func (t *translated) Unwrap() []error {
	if t.mapped == nil {
		return []error{t.Origin}
	}
	return []error{t.Origin, t.mapped}
}

// panicError is the origin of an event whose translation panicked.
type panicError struct {
	value any
	err   error // the error that was translated
}

func (p *panicError) Error() string {
	return fmt.Sprintf("panic while an error was translated: %v", p.value)
}

func (p *panicError) Unwrap() error { return p.err }

// receivedError marks an error without a code that came from another server. A
// public boundary hides the text of such an error, but not the text of a status
// that the handler made. The mark changes nothing else: errors.Is, errors.As
// and status.FromError see the original error.
type receivedError struct {
	error
	status *status.Status
}

func (r *receivedError) Unwrap() error              { return r.error }
func (r *receivedError) GRPCStatus() *status.Status { return r.status }
