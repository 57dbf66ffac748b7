package rest

import (
	"fmt"
	"net/http"
	"regexp"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

const (
	maxExcerpt = 256
	// maxCause bounds the text of a cause: net/http quotes a reply that is not
	// HTTP whole.
	maxCause = 1 << 10
)

// longNumber is what a phone number in an excerpt looks like.
var longNumber = regexp.MustCompile(`[0-9]{5,}`)

// statusError is a failure without a response code. The wire sees the code and
// the message; logs see the cause.
type statusError struct {
	code    codes.Code
	message string
	fault   codetablev1.Fault
	cause   error
}

func (e *statusError) Error() string {
	return e.message + ": " + text.OneLine(text.Cut(e.cause.Error(), maxCause))
}

func (e *statusError) Unwrap() error              { return e.cause }
func (e *statusError) GRPCStatus() *status.Status { return status.New(e.code, e.message) }

// Fault lets a public boundary mask what the operator has to mend: an upstream
// that refuses our credentials says nothing of those of our caller.
func (e *statusError) Fault() codetablev1.Fault { return e.fault }

// noCode is a reply that only its HTTP status speaks for.
func noCode(httpStatus int, body []byte, readErr error) error {
	excerpt := text.OneLine(text.Cut(string(body[:min(len(body), maxExcerpt+4)]), maxExcerpt))
	excerpt = longNumber.ReplaceAllString(excerpt, "#")
	cause := fmt.Errorf("HTTP %d with body %q", httpStatus, excerpt)
	if readErr != nil {
		cause = fmt.Errorf("%w: %w", cause, readErr)
	}
	return &statusError{
		code:    codeOfHTTP(httpStatus),
		message: fmt.Sprintf("upstream answered HTTP %d without a response code", httpStatus),
		fault:   faultOfHTTP(httpStatus),
		cause:   cause,
	}
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
	if httpStatus >= http.StatusBadRequest && httpStatus < http.StatusInternalServerError {
		return codetablev1.Fault_FAULT_OPERATOR
	}
	return codetablev1.Fault_FAULT_UPSTREAM
}
