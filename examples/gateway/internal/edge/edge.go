// Package edge serves a gRPC server to those who don't speak gRPC: gRPC-Web,
// Connect and REST with JSON, beside gRPC, all on one HTTP listener.
//
// [connectrpc.com/vanguard] translates each protocol to gRPC and hands the call
// to the very same server, so that its interceptors make every status. What a
// status says, its code, reason, metadata and details, arrives whatever the
// protocol:
//
//   - gRPC and gRPC-Web: in the trailers, as gRPC does it;
//   - Connect: in the JSON error, or in the end of the stream; a detail is its
//     type and its value in base64;
//   - REST: as the JSON of google.rpc.Status, with the HTTP status of its code.
//     A detail whose type is not linked in is {"@type": …, "value": base64}.
//     What HTTP refuses, such as a verb or a media type, has the same form.
//
// The caller's Accept-Language header reaches the server as metadata in all of
// them, and with it the user messages.
//
// # REST
//
// Each unary method is a custom method of AIP-136, stateless and on a
// collection: POST, the verb of the RPC after a colon, followed by its noun
// where the collection doesn't say it, and the whole request as the body. No
// method is a GET, since URLs are logged, and these would hold phone numbers.
//
//	POST /v1/numbers:verify               VerifyNumber
//	POST /v1/numbers:queryBusinessRisk    QueryBusinessRisk
//	POST /v1/loginTokens:exchange         ExchangeLoginToken
//	POST /v1/captchas:check               CheckCaptcha
//	POST /v1/apps:enableOneClickLogin     EnableOneClickLogin
//
// VerifyNumbers has no route: REST has no streams in both directions. Over the
// other protocols it needs HTTP/2, and a client that sends while it receives,
// which a browser doesn't.
//
// A body that is not the JSON of its request is PARAMETER_INVALID, with all the
// fields that are malformed, and an empty one lacks all fields. The name of an
// enum's value has to be one that the server knows; a field that it does not know
// is ignored. What the edge answers by itself has the caller's language too, but
// the interceptors of the server do not see it: [WithObserver] does.
//
// # What only the native listener does
//
// A gRPC server behind net/http sends headers before an error, while gRPC's own
// retry obeys the grpc-retry-pushback-ms trailer only in responses without
// headers: gRPC clients belong on the server's own listener. So does keepalive,
// which is a setting of that listener. [LimitAge] has connections of the edge
// end as those of the server do.
//
// GracefulStop of the gRPC server cuts calls of the edge off. Shut the HTTP
// server down first.
package edge

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	connectcors "connectrpc.com/cors"
	"connectrpc.com/vanguard"
	"github.com/rs/cors"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoregistry"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// preflightAge is the longest that a browser keeps an answer to a preflight.
const preflightAge = 2 * time.Hour

// New returns the handler of all services that are registered with a server.
// VerificationService has to be among them. Serve it with [NewServer], or with
// a server of your own that has HTTP/2 without TLS switched on.
func New(server *grpc.Server, opts ...Option) (http.Handler, error) {
	set := settings{
		maxMessage: DefaultMaxMessage, fallback: http.NotFoundHandler(),
		observe: func(context.Context, Refusal) {},
	}
	for _, opt := range opts {
		opt(&set)
	}
	if set.maxMessage == 0 {
		return nil, errors.New("edge: WithMaxMessage is 0 and would refuse every call; leave it out for the default")
	}
	streams := procedures(server)
	services, err := services(server, arrival{hangup{streams, server}})
	if err != nil {
		return nil, err
	}
	transcoders, err := newLanguages(func(locale string) (http.Handler, error) { return set.transcoder(services, locale) })
	if err != nil {
		return nil, fmt.Errorf("edge: %w", err)
	}
	door := &door{streams: streams, maxMessage: int64(set.maxMessage), next: transcoders}
	guarded, err := guard(door, set.origins)
	if err != nil {
		return nil, err
	}
	return watch{set.observe, methodPaths(streams), refusals{guarded}}, nil
}

// transcoder answers malformed bodies in one language.
func (s settings) transcoder(services []*vanguard.Service, locale string) (http.Handler, error) {
	return vanguard.NewTranscoder(services,
		vanguard.WithDefaultServiceOptions(
			vanguard.WithTargetProtocols(vanguard.ProtocolGRPC),
			vanguard.WithTargetCodecs(vanguard.CodecProto),
			vanguard.WithNoTargetCompression(),
			vanguard.WithTypeResolver(protoregistry.GlobalTypes),
			vanguard.WithMaxMessageBufferBytes(s.maxMessage),
		),
		vanguard.WithCodec(newCodec(locale)),
		vanguard.WithCompression(vanguard.CompressionGzip, newCompressor, newDecompressor(s.maxMessage)),
		vanguard.WithUnknownHandler(s.fallback),
	)
}

// services are those of the server, ours with its REST routes.
func services(server *grpc.Server, handler http.Handler) ([]*vanguard.Service, error) {
	const ours = "jiguang.jverification.v1.VerificationService"
	registered := server.GetServiceInfo()
	if _, ok := registered[ours]; !ok {
		return nil, fmt.Errorf("edge: %s is not registered with the server; call Gateway.Register before New", ours)
	}
	var list []*vanguard.Service
	for name := range registered {
		if name != ours {
			list = append(list, vanguard.NewService(name, handler))
		}
	}
	file := jverificationv1.File_jiguang_jverification_v1_verification_service_proto
	schema, err := annotate(file.Services().ByName("VerificationService"))
	if err != nil {
		return nil, err
	}
	return append(list, vanguard.NewServiceWithSchema(schema, handler)), nil
}

// procedures tells the paths of the methods, and which of them are streams.
func procedures(server *grpc.Server) map[string]bool {
	streams := map[string]bool{}
	for service, info := range server.GetServiceInfo() {
		for _, method := range info.Methods {
			streams["/"+service+"/"+method.Name] = method.IsClientStream || method.IsServerStream
		}
	}
	return streams
}

// methodPaths are the full names of the methods by each path that they have.
func methodPaths(streams map[string]bool) map[string]string {
	names := map[string]string{}
	for procedure := range streams {
		names[procedure] = procedure
	}
	for name, path := range routes {
		names[path] = "/" + jverificationv1.VerificationService_ServiceDesc.ServiceName + "/" + string(name)
	}
	return names
}

// guard admits pages of the origins alone. Without CORS headers a browser only
// hides the answer from a foreign page, and a call that it sends without a
// preflight has spent a token by then: hence the refusal.
func guard(next http.Handler, origins []string) (http.Handler, error) {
	protection := http.NewCrossOriginProtection()
	for _, origin := range origins {
		if err := protection.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("edge: WithOrigins needs origins such as https://app.example.com: %w", err)
		}
	}
	next = protection.Handler(next)
	if len(origins) == 0 {
		return next, nil
	}
	return cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: connectcors.AllowedMethods(),
		AllowedHeaders: append(connectcors.AllowedHeaders(), "X-Server-Timeout"), // the deadline of a REST call
		ExposedHeaders: connectcors.ExposedHeaders(),
		MaxAge:         int(preflightAge.Seconds()),
	}).Handler(next), nil
}

// door prepares what vanguard is too strict about, or can't know.
type door struct {
	streams    map[string]bool // by path
	maxMessage int64
	next       http.Handler
}

// ServeHTTP implements [http.Handler].
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	stream, rpc := d.streams[r.URL.Path]
	if stream {
		// The timeouts of the HTTP server are those of a unary call. A writer
		// that can't lift them has none.
		controller := http.NewResponseController(w)
		_ = controller.SetReadDeadline(time.Time{})
		_ = controller.SetWriteDeadline(time.Time{})
	}
	contentType := r.Header.Get("Content-Type")
	if plainJSON(contentType) {
		contentType = "application/json"
		r.Header.Set("Content-Type", contentType)
	}
	// Connect lets a client leave its version out, as people with curl do.
	// Vanguard takes such a call for REST.
	if rpc && (contentType == "application/json" || contentType == "application/proto") {
		r.Header.Set("Connect-Protocol-Version", "1")
	}
	if fault := timeoutFault(r, rpc); fault != "" {
		http.Error(w, fault, http.StatusBadRequest)
		return
	}
	d.prepareBody(r, contentType, rpc)
	d.next.ServeHTTP(w, r)
}

// prepareBody makes a body one that vanguard reads, or refuses in clear words.
func (d *door) prepareBody(r *http.Request, contentType string, rpc bool) {
	if r.ContentLength > d.maxMessage {
		// Vanguard finds out as well when it reads. Told beforehand, it answers
		// Unavailable where the body needs no translation (v0.4.0).
		r.ContentLength = -1
	}
	if r.Method != http.MethodPost || d.streams[r.URL.Path] {
		return
	}
	if contentType == "application/json" || contentType == "" && !rpc {
		fill(r)
	}
	if !strings.HasPrefix(contentType, "application/grpc") {
		r.Body = &bounded{r.Body, d.maxMessage, d.maxMessage}
		passageOf(r.Context()).whole = true
	}
}

// plainJSON reports whether a body is JSON in UTF-8, however the header spells
// that. Vanguard knows two spellings.
func plainJSON(contentType string) bool {
	media, params, err := mime.ParseMediaType(contentType)
	return err == nil && media == "application/json" &&
		(params["charset"] == "" || strings.EqualFold(params["charset"], "utf-8"))
}
