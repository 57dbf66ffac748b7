package wire

import (
	"net/http"

	"google.golang.org/grpc/codes"
)

// ServerError is the lowest HTTP status that blames the server.
const ServerError = http.StatusInternalServerError

// statusClientClosedRequest has no name in net/http. nginx invented it, and
// google.rpc.Code maps CANCELLED to it.
const statusClientClosedRequest = 499

// HTTPStatus is the mapping that google.rpc.Code documents
// (google/rpc/code.proto). A code that gRPC does not know maps to 500.
func HTTPStatus(code codes.Code) int {
	switch code {
	case codes.OK:
		return http.StatusOK
	case codes.Canceled:
		return statusClientClosedRequest
	case codes.InvalidArgument, codes.FailedPrecondition, codes.OutOfRange:
		return http.StatusBadRequest
	case codes.Unauthenticated:
		return http.StatusUnauthorized
	case codes.PermissionDenied:
		return http.StatusForbidden
	case codes.NotFound:
		return http.StatusNotFound
	case codes.AlreadyExists, codes.Aborted:
		return http.StatusConflict
	case codes.ResourceExhausted:
		return http.StatusTooManyRequests
	case codes.Unimplemented:
		return http.StatusNotImplemented
	case codes.Unavailable:
		return http.StatusServiceUnavailable
	case codes.DeadlineExceeded:
		return http.StatusGatewayTimeout
	default: // Unknown, Internal, DataLoss
		return http.StatusInternalServerError
	}
}
