package rest

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

const (
	maxExcerpt = 256
	maxCause   = 1 << 10
)

// statusError is a failure without a response code. The wire sees the status;
// logs see the cause.
type statusError struct {
	status *status.Status
	fault  codetablev1.Fault
	cause  error
}

func newStatusError(code codes.Code, message string, cause error) *statusError {
	return &statusError{status.New(code, message), codetablev1.Fault_FAULT_UPSTREAM, cause}
}

func (e *statusError) Error() string {
	return e.status.Message() + ": " + text.OneLine(text.Cut(text.Of(e.cause), maxCause))
}

func (e *statusError) Unwrap() error { return e.cause }

// GRPCStatus implements the interface that grpc-go takes for an error with a
// status.
func (e *statusError) GRPCStatus() *status.Status { return e.status }

// Fault lets a public boundary mask what the operator has to fix: an upstream
// that refuses our credentials says nothing of those of our caller.
func (e *statusError) Fault() codetablev1.Fault { return e.fault }

// noCode is a reply that only its HTTP status speaks for.
func (r *reply) noCode(readErr error) error {
	httpStatus := r.response.StatusCode
	cause := fmt.Errorf("HTTP %d with body %q", httpStatus, text.Excerpt(string(r.body[:min(len(r.body), 8*maxExcerpt)]), maxExcerpt))
	if readErr != nil {
		cause = fmt.Errorf("%w: %w", cause, withoutQuote(readErr))
	}
	message := &spb.Status{
		Code:    int32(codeOfHTTP(httpStatus)),
		Message: fmt.Sprintf("upstream answered HTTP %d without a response code", httpStatus),
	}
	if delay := r.retryAfter(); delay > 0 {
		message.Details = append(message.Details, wire.PackRetryInfo(delay))
	}
	return &statusError{status.FromProto(message), faultOfHTTP(httpStatus), cause}
}

// codeOfHTTP is gRPC's own mapping, which grpc-go does not export:
// https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
func codeOfHTTP(httpStatus int) codes.Code {
	switch httpStatus {
	case http.StatusBadRequest:
		return codes.Internal
	case http.StatusUnauthorized:
		return codes.Unauthenticated
	case http.StatusForbidden:
		return codes.PermissionDenied
	case http.StatusNotFound:
		return codes.Unimplemented
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return codes.Unavailable
	default:
		return codes.Unknown
	}
}

// faultOfHTTP blames the operator for all that the upstream blames on its
// caller: that is us, with our URL, credentials and quota.
func faultOfHTTP(httpStatus int) codetablev1.Fault {
	if httpStatus/100 == 4 {
		return codetablev1.Fault_FAULT_OPERATOR
	}
	return codetablev1.Fault_FAULT_UPSTREAM
}

// quoted is an error in which net/http quotes a reply that is not HTTP, a header
// that it can't read, or the scheme of a redirect.
var quoted = regexp.MustCompile(`(?s)((?:malformed|Location header|Content-Length|transfer encoding|protocol scheme)[^"]*)".*`)

// withoutQuote keeps the quote out of an error: an upstream may repeat the
// request in it. Other errors stay as they are.
func withoutQuote(err error) error {
	if s := text.Of(err); quoted.MatchString(s) {
		return errors.New(quoted.ReplaceAllString(s, `$1"..."`))
	}
	return err
}

// quietError is an error of decoding, which may show a value of the reply: its
// text is without long numbers.
type quietError struct{ cause error }

func (e *quietError) Error() string { return text.Excerpt(text.Of(e.cause), maxExcerpt) }
func (e *quietError) Unwrap() error { return e.cause }
