// Package deploy holds what a deployment of the gateway needs: configurations of
// Envoy, nginx and HAProxy, with tests that run the proxies, and what its clients need.
//
//   - envoy.yaml balances calls, and serves the web address too.
//   - nginx.conf balances calls.
//   - haproxy.cfg balances connections, and passes the client's HTTP/2 through.
//   - haproxy-http.cfg balances calls, for those that may be repeated only.
//   - service_config.json is for clients that balance by themselves.
//   - openapi.yaml describes the REST API.
//   - prometheus has alert and recording rules, grafana a dashboard, and runbook.md
//     what to do about each code.
//   - Containerfile is for make image, and the folder image has its test.
//   - kubernetes has manifests that kubectl apply -k takes, and their tests.
//   - kustomization.yaml makes a ConfigMap of the service config, for clients.
//
// make generate writes the service config, openapi.yaml, the rules, the dashboard and the
// runbook with codetable gen, from the table and the methods. The folders replicas and rest
// have their tests.
//
// Only QueryBusinessRisk is repeated by the service config. VerifyNumber,
// ExchangeLoginToken and CheckCaptcha spend their token or captcha, and
// EnableOneClickLogin answers 9203 the second time.
//
// sh examples/install.sh nginx haproxy and make envoy install the proxies. Without them
// the tests are skipped, or fail where CI=true.
//
// # What the tests show
//
// With Envoy 1.40, and nginx 1.22 and HAProxy 2.6 of Debian, in front of grpc-go's own
// listener:
//
//   - The code, text, details and pushback of every failing code arrive unchanged,
//     also where they fill the detail budget. nginx needs a larger buffer for this:
//     its default turns such an error into a 502 page.
//   - A trailers-only response stays one, so that gRPC honours its pushback: 1804 is
//     repeated after its delay by gRPC's own retry, and 9003 is not. nginx adds its
//     headers Server and Date, which gRPC shows among the trailers.
//   - Streams are not buffered, in either direction. An error after the first item
//     keeps its details. gRPC does not retry it, with a proxy or without.
//   - Unavailable is the status where a gateway can't be reached, or is lost during a
//     call. nginx answers with a page, which gRPC's own retry does not repeat.
//     HAProxy in mode http says that the call was not looked at, and gRPC repeats it:
//     the configuration warns of this. Envoy answers with the pushback -1 if the call
//     was sent.
//
// # Envoy
//
// Envoy can repeat a call by itself. The tests count the calls of the upstream:
//
//   - Only QueryBusinessRisk is repeated, once, if the pushback allows it. Envoy does not
//     know grpc-retry-pushback-ms. A header matcher tells a delay from -1, and a filter of
//     the cluster turns the delay into a header with whole seconds, rounded up: that is
//     the only unit that Envoy can wait for. It waits up to half as long again. A call
//     with a delay of 10 s or more is not repeated.
//   - A call is tried at the next gateway if no connection to the first one can be made.
//   - Clients can't ask for retries with x-envoy headers.
//
// What Envoy answers itself has no code: the library finds none, and the status is
//
//	UNAVAILABLE  no gateway is known or can be reached, or too many calls: not sent
//	UNAVAILABLE  timeout, lost connection, or headers above 60 KiB: sent, pushback -1
//	INTERNAL     headers of the request above 16 KiB: not sent
//	INTERNAL     trailers above 60 KiB after an item of a stream: sent
//
// On the web address it is HTTP 503 or 504 with a line of text. 40 KiB of details pass
// intact; 60 KiB in base64 do not, and the connection to the gateway stays usable.
//
// If no gateway is healthy, Envoy asks them all: a gateway whose upstream can't be reached
// says so with a code. No status of a call makes Envoy eject a gateway.
package deploy

import (
	_ "embed"
	"net/http"
)

//go:embed openapi.yaml
var openAPI []byte

// OpenAPI serves openapi.yaml.
func OpenAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(openAPI) // the caller may have left
}
