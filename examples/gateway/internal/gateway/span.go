package gateway

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// spans make the spans of calls upstream, by the semantic conventions of HTTP clients,
// version 1.43.0. otelhttp does not fit: it judges by the HTTP status, which is 200
// for most failures here, and its span would have to travel in the context of the
// request, from which post keeps the values of the call.
type spans struct {
	tracer trace.Tracer // nil where there are none
	base   *url.URL
	server []attribute.KeyValue
}

// newSpans takes a base URL that Validate has accepted: it has no credentials and no
// query.
func newSpans(c Config, base *url.URL) spans {
	if c.Tracer == nil {
		return spans{}
	}
	port, err := strconv.Atoi(base.Port())
	if err != nil {
		port = map[string]int{"http": 80, "https": 443}[base.Scheme]
	}
	return spans{
		c.Tracer.Tracer("github.com/codetable/grpc-codetable/examples/gateway/internal/gateway", trace.WithSchemaURL(semconv.SchemaURL)), base,
		[]attribute.KeyValue{semconv.HTTPRequestMethodPost, semconv.ServerAddress(base.Hostname()), semconv.ServerPort(port)},
	}
}

// start begins a span. Its attributes hold nothing of the request but its URL.
func (s spans) start(ctx context.Context, path string, resends int) trace.Span {
	if s.tracer == nil {
		return noop.Span{}
	}
	attributes := append([]attribute.KeyValue{semconv.URLFull(s.base.JoinPath(path).String()), semconv.URLTemplate(path)}, s.server...)
	if resends > 0 {
		attributes = append(attributes, semconv.HTTPRequestResendCount(resends))
	}
	_, span := s.tracer.Start(ctx, http.MethodPost+" "+path, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attributes...))
	return span
}

// observeReply notes what the reply alone says on the span of its request, if any.
func observeReply(ctx context.Context, resp *http.Response) {
	if span := trace.SpanFromContext(ctx); span.IsRecording() {
		protocol := strings.TrimSuffix(strings.TrimPrefix(resp.Proto, "HTTP/"), ".0")
		span.SetAttributes(semconv.HTTPResponseStatusCode(resp.StatusCode), semconv.NetworkProtocolVersion(protocol))
	}
}
