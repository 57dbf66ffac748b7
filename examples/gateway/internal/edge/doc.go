// Package edge serves the gateway by REST with JSON, Connect, gRPC-Web and gRPC, on
// one HTTP listener. A [Backend] calls the methods in process, through the
// interceptors of the gRPC server. docs/design.md has the alternatives.
//
// Each protocol sends the same status, with all its details:
//
//   - gRPC and gRPC-Web: in the trailers;
//   - Connect: in the JSON error, or in the end of the stream. A detail is its
//     type and its value in base64;
//   - REST: as the JSON of google.rpc.Status, with the HTTP status of its code. A
//     detail of a type that is not linked in is {"@type": …, "value": base64}.
//     Refusals by HTTP, such as a wrong verb, have the same form.
//
// Over REST and Connect, the delay of RetryInfo is also the header Retry-After.
//
// Methods see the headers of the request as metadata, except those of the
// connection and of a protocol, such as Grpc-Timeout.
//
// # REST
//
// [Routes] has the path of each unary method, a custom method of AIP-136: the verb
// of the RPC follows a colon, with its noun if the collection does not name it. Each
// is a POST with the whole request as its body. None is a GET, since URLs with phone
// numbers would be logged. Streams have no route.
//
// A body that is not the JSON of its request is PARAMETER_INVALID, with a violation
// for each malformed field. An empty body is a request without fields. Unknown
// fields are ignored, unknown enum names are malformed.
//
// # gRPC
//
// gRPC clients should use the listener of the gRPC server. It has keepalive, and
// their own retry honours the trailer grpc-retry-pushback-ms only in responses
// without headers, but net/http sends headers before an error.
package edge
