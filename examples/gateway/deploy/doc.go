// Package proxies holds configurations of nginx and HAProxy for the gateway, with
// tests that start the proxies and look at what comes out of them.
//
//   - nginx.conf shares out calls.
//   - haproxy.cfg shares out connections, and lets the client's HTTP/2 through.
//   - haproxy-http.cfg shares out calls, and is for those that may be repeated.
//
// sh examples/install.sh nginx haproxy installs the proxies where they are
// missing. Without them the tests are skipped, or fail where CI=true.
//
// # What was measured
//
// With Debian's nginx 1.22 and HAProxy 2.6, in front of grpc-go's own listener:
//
//   - Code, text, details and pushback of every failing code arrive byte for byte,
//     also where they fill the detail budget. nginx needs a larger buffer for
//     that: with its default such an error turns into a 502 page.
//   - A response of trailers alone stays one, so the pushback counts: 1804 is
//     repeated after its delay by gRPC's own retry, and 9003 is not. nginx adds its
//     headers Server and Date, which gRPC shows among the trailers.
//   - Streams are not held back, in either direction. An error after the first
//     item keeps its details; gRPC does not retry it, with a proxy or without.
//   - A gateway that can't be reached, or is lost in the middle of a call, is
//     Unavailable. nginx says it with a page, which gRPC's own retry does not
//     repeat. HAProxy in mode http says that the call was not looked at, which
//     gRPC repeats by itself: its configuration has the warning.
package deploy
