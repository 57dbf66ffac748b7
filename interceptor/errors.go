package interceptor

import (
	"fmt"

	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// translated is an event as the error that a server interceptor returns. What
// prints it or asks for its status gets what the wire gets, so that no
// interceptor outside can leak the original by wrapping it. Unwrap leads to the
// original.
type translated struct {
	Event
	mapped error           // what WithUnmapped made of the original
	retry  codetable.Retry // the advice that is sent
	ended  bool            // whether it tells that the context ended, and no more
	inner  *translated     // what another interceptor in the chain has sent
	passed bool            // whether that is sent on, whose observers have been told
}

// isOpaque says that it tells nothing of the error, whatever is in the tree.
func (t *translated) isOpaque() bool { return t.CorrelationID != "" }

func (t *translated) Error() string              { return t.Status.String() }
func (t *translated) GRPCStatus() *status.Status { return t.Status }

func (t *translated) Unwrap() []error {
	if t.mapped == nil {
		return []error{t.Origin}
	}
	return []error{t.Origin, t.mapped}
}

// panicError is the origin of an event whose error could not be translated.
type panicError struct {
	value any
	err   error // what was to be translated
}

func (p *panicError) Error() string {
	return fmt.Sprintf("panic while an error was translated: %v", p.value)
}

func (p *panicError) Unwrap() error { return p.err }

// receivedError marks an error without a code that came from another server, so
// that a public boundary does not take its text for one of the handler's own.
// It changes nothing else: errors.Is, errors.As and status.FromError see the
// original.
type receivedError struct {
	error
	status *status.Status
}

func (r *receivedError) Unwrap() error              { return r.error }
func (r *receivedError) GRPCStatus() *status.Status { return r.status }
