package edge

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

// Refusal is a request that the edge refused itself. The interceptors did not see
// it, unless it was a stream that had begun.
type Refusal struct {
	// Method is the full name of the method, such as "/package.Service/Method",
	// or "" where the path is that of none.
	Method string
	// Cause says what is wrong with the request: "body", "size", "compression",
	// "incomplete", "header", "timeout", "path", "verb", "media_type", "origin",
	// "host", "http_version" or "other"; or "calls" where Admit refused it.
	Cause string
	// Err is the status of the answer, or the status that corresponds to the HTTP
	// status. It quotes nothing of the request.
	Err error
	// Peer is the address of the caller.
	Peer string
}

// refusedError says why a request is refused. It wraps a status.
type refusedError struct {
	cause string
	error
}

func (e *refusedError) Unwrap() error { return e.error }

func invalid(cause, text string) *refusedError {
	return &refusedError{cause, status.Error(codes.InvalidArgument, text)}
}

var errIncomplete = invalid("incomplete", "the body ends too early")

func (x *exchange) tooLarge() error {
	return &refusedError{"size", status.Errorf(codes.ResourceExhausted, "the message is larger than %d bytes, the limit of this server", x.handler.MaxMessage)}
}

// readError is the refusal of a body that can't be read. Whatever the error is,
// the caller did not send a whole body.
func (x *exchange) readError(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return x.tooLarge()
	}
	return errIncomplete
}

// refusals has the cause and the gRPC code of HTTP statuses.
var refusals = map[int]struct {
	cause string
	code  codes.Code
}{
	http.StatusBadRequest:              {"other", codes.InvalidArgument},
	http.StatusForbidden:               {"origin", codes.PermissionDenied},
	http.StatusNotFound:                {"path", codes.NotFound},
	http.StatusMethodNotAllowed:        {"verb", codes.Unimplemented},
	http.StatusUnsupportedMediaType:    {"media_type", codes.InvalidArgument},
	http.StatusMisdirectedRequest:      {"host", codes.PermissionDenied},
	http.StatusTooManyRequests:         {"other", codes.ResourceExhausted},
	http.StatusNotImplemented:          {"other", codes.Unimplemented},
	http.StatusHTTPVersionNotSupported: {"http_version", codes.Unimplemented},
}

func refusalOf(httpStatus int, text string) *refusedError {
	known := refusals[httpStatus]
	return &refusedError{cmp.Or(known.cause, "other"), status.Error(cmp.Or(known.code, codes.Unknown), text)}
}

// refuse refuses requests with an HTTP status that no gRPC code has. gRPC and
// gRPC-Web always have the HTTP status 200.
func refuse(httpStatus int, text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := exchangeOf(r.Context())
		if x.connect == nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
			x.writer.fixed = httpStatus
		}
		answer(w, r, refusalOf(httpStatus, text))
	})
}

var (
	// asSent sends the statuses that the interceptors of the backend made as they
	// are, with details within their budget.
	asSent = []interceptor.ServerOption{interceptor.WithDetailBudget(1 << 20), interceptor.WithoutRetryPushback()}

	// translator makes the statuses of refusals.
	translator  = interceptor.NewTranslator(asSent...)
	errorWriter = connect.NewErrorWriter()
)

// answer writes an error in the form of its protocol.
func answer(w http.ResponseWriter, r *http.Request, err error) {
	x := exchangeOf(r.Context())
	if x.connect != nil {
		_ = errorWriter.Write(w, r, connectError(r.Context(), err)) // fails if the caller has left
		return
	}
	x.record(err)
	rest.WriteError(w, r, err, rest.WithTranslator(translator))
}
