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

// statusError is a failure without a response code. The status is sent; the
// cause is for logs.
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

// GRPCStatus implements the interface by which grpc-go finds the status of an
// error.
func (e *statusError) GRPCStatus() *status.Status { return e.status }

// Fault lets a public boundary mask failures that the operator has to fix. If
// an upstream rejects our credentials, the credentials of our caller may still
// be valid.
func (e *statusError) Fault() codetablev1.Fault { return e.fault }

// noCode returns the error of a reply without a code. Its status depends on the
// HTTP status.
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

// faultOfHTTP blames the operator for a 4xx status: the upstream rejects our
// request with our URL, credentials and quota.
func faultOfHTTP(httpStatus int) codetablev1.Fault {
	if httpStatus/100 == 4 {
		return codetablev1.Fault_FAULT_OPERATOR
	}
	return codetablev1.Fault_FAULT_UPSTREAM
}

// quoted matches errors in which net/http quotes the upstream: a reply that is
// not HTTP, a header that it can't parse, or the scheme of a redirect.
var quoted = regexp.MustCompile(`(?s)((?:malformed|Location header|Content-Length|transfer encoding|protocol scheme)[^"]*)".*`)

// withoutQuote removes the quotation from an error, because an upstream may
// repeat the request in it. Other errors stay unchanged.
func withoutQuote(err error) error {
	if s := text.Of(err); quoted.MatchString(s) {
		return errors.New(quoted.ReplaceAllString(s, `$1"..."`))
	}
	return err
}

// decodeError is an error of json.Unmarshal, which may contain a value of the
// reply. Its text has no long numbers.
type decodeError struct{ cause error }

func (e *decodeError) Error() string { return text.Excerpt(text.Of(e.cause), maxExcerpt) }
func (e *decodeError) Unwrap() error { return e.cause }
