// Package edge serves the gateway to callers that don't speak gRPC: REST with
// JSON, Connect and gRPC-Web, beside gRPC, all on one HTTP listener.
//
// A [Backend] calls the methods in process, through the interceptors of the gRPC
// server, so that every status is made by the same translator, and logs and
// metrics see each call once. What a status says, its code, reason, metadata and
// details, arrives by each protocol:
//
//   - gRPC and gRPC-Web: in the trailers, as gRPC does it;
//   - Connect: in the JSON error, or in the end of the stream; a detail is its
//     type and its value in base64;
//   - REST: as the JSON of google.rpc.Status, with the HTTP status of its code.
//     A detail whose type is not linked in is {"@type": …, "value": base64}.
//     What HTTP refuses, such as a verb or a media type, has the same form.
//
// The caller's Accept-Language header reaches the methods as metadata in all of
// them, and with it the user messages. So do other headers, but not those that
// speak of the connection or of the protocol, such as Grpc-Timeout.
//
// # REST
//
// Each unary method is a custom method of AIP-136, stateless and on a
// collection: POST, the verb of the RPC after a colon, followed by its noun
// where the collection doesn't say it, and the whole request as the body.
// [Routes] are theirs. No method is a GET, since URLs are logged, and these would
// hold phone numbers.
//
// VerifyNumbers has no route: REST has no streams in both directions. Over the
// other protocols it needs HTTP/2, and a client that sends while it receives,
// which a browser doesn't.
//
// A body that is not the JSON of its request is PARAMETER_INVALID, with all the
// fields that are malformed, and an empty one lacks all fields. The name of an
// enum's value has to be one that the server knows; a field that it does not know
// is ignored. What the edge answers by itself has the caller's language too, but
// the interceptors do not see it: [WithObserver] does.
//
// # What a caller may do
//
// A request has to name a host of this server ([WithHosts]), and a browser's has
// to come from a page of this server or of an origin that is allowed
// ([WithOrigins]). Its body is bounded ([WithMaxMessage]), as are its header and
// the time that it takes ([NewServer]). Only a stream that has begun takes as
// long as it likes. [LimitAge] has connections end as those of a gRPC server do.
//
// # What only the native listener does
//
// A server behind net/http sends headers before an error, while gRPC's own retry
// obeys the grpc-retry-pushback-ms trailer only in responses without headers:
// gRPC clients belong on the listener of the gRPC server. So does keepalive,
// which is a setting of that listener.
//
// # Why it is made so
//
// Four designs were compared, three of them by a benchmark with the whole
// gateway behind each and without a network. CPU of a call, this one is 1:
//
//	                                  REST            Connect         gRPC-Web
//	                                  ok    failed    ok    failed    ok    failed
//	vanguard before grpc's ServeHTTP  3.0   1.5       2.2   1.5       2.5   1.5
//	grpc-gateway, in process          1.4   1.0
//	connect, and REST by hand         1     1         1     1         1     1
//
// A failed call of REST spends most of its time on JSON, whoever calls the method.
// Vanguard translates each call to gRPC for a second server, and needed a wrapper
// for each thing that it does not know: a stream that its server ends, the
// language of a malformed body, a limit after decompression, errors of HTTP.
// grpc-gateway makes text of every error of a body, so that malformed fields are
// lost and the body is quoted, and obeys Grpc-Timeout of a REST caller. A decoder,
// a matcher of headers and two error handlers against that are as long as a
// handler that serves POST with JSON, and the generated code comes on top. A
// gRPC client over an in-memory connection was not measured: it is a whole HTTP/2
// connection for each call that has arrived by one.
package edge
