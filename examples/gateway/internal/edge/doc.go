// Package edge serves the gateway to callers that do not speak gRPC: by REST with
// JSON, Connect and gRPC-Web. It also speaks gRPC. All four share one HTTP
// listener.
//
// A [Backend] calls the methods in process, through the interceptors of the gRPC
// server. The same translator therefore makes every status, and logs and metrics
// see each call once. The status arrives with all its details:
//
//   - gRPC and gRPC-Web: in the trailers;
//   - Connect: in the JSON error, or in the end of the stream. A detail is its
//     type and its value in base64;
//   - REST: as the JSON of google.rpc.Status, with the HTTP status of its code. A
//     detail of a type that is not linked in is {"@type": …, "value": base64}.
//     Refusals by HTTP, such as a wrong verb, have the same form.
//
// Methods see the headers of the request as metadata, including Accept-Language,
// which selects the user messages. They do not see headers of the connection and
// of a protocol, such as Grpc-Timeout.
//
// # REST
//
// [Routes] has the path of each unary method. The paths are custom methods of
// AIP-136 on a collection: the verb of the RPC follows a colon, with its noun if
// the collection does not name it. Each is a POST with the whole request as its
// body. None is a GET, since URLs with phone numbers would be logged.
//
// VerifyNumbers has no route, because REST has no bidirectional streams. With the
// other protocols it needs HTTP/2.
//
// A body that is not the JSON of its request is PARAMETER_INVALID, with a violation
// for each malformed field. An empty body is a request without fields. Unknown
// fields are ignored, unknown enum names are malformed. The interceptors do not see
// refusals; [WithObserver] does.
//
// # Limits
//
// A request must name a host of this server ([WithHosts]). A browser must send it
// for a page of this server, or of an allowed origin ([WithOrigins]). Its body
// ([WithMaxMessage]), its header and its time ([NewServer]) are bounded. Only a
// stream has no time limit, once its method is called.
//
// # Use gRPC's own listener for gRPC
//
// net/http sends headers before an error. gRPC's own retry honours the trailer
// grpc-retry-pushback-ms only in responses without headers, so gRPC clients
// should use the listener of the gRPC server. It also has keepalive.
//
// # Design
//
// A benchmark compared three designs in one run, each with the whole gateway and
// without a network. CPU of a call, relative to this package:
//
//	                                  REST            Connect         gRPC-Web
//	                                  ok    failed    ok    failed    ok    failed
//	vanguard before grpc's ServeHTTP  3.0   1.5       2.2   1.5       2.5   1.5
//	grpc-gateway, in process          1.4   1.0
//	connect and a REST handler        1     1         1     1         1     1
//
// Vanguard translates each call to gRPC for a second server. It needed wrappers
// for the language of a malformed body, for a limit after decompression, for the
// errors of HTTP, and for a stream that the server ends first, which deadlocked.
//
// grpc-gateway converts every error of a body to text. It loses the malformed
// fields, quotes the body, and obeys the Grpc-Timeout header of a REST caller. The
// decoder and the handlers that correct this are as long as the REST handler here,
// which serves POST with JSON only. Half of a failed REST call is JSON and the
// interceptors, so all in-process designs cost the same there.
package edge
