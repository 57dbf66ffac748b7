package observability

import (
	"cmp"
	"context"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/codes"

	"github.com/codetable/grpc-codetable/interceptor"
)

// NewTracer returns a provider that sends spans to a collector by OTLP over
// gRPC. The endpoint is a URL, whose scheme http means without TLS. The other
// OTEL_ variables have their standard meaning; OTEL_SERVICE_NAME is service by
// default. Shut the provider down to send what it still holds.
func NewTracer(ctx context.Context, endpoint, service string) (*sdktrace.TracerProvider, error) {
	exporter, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpointURL(endpoint))
	if err != nil {
		return nil, fmt.Errorf("make trace exporter: %w", err)
	}
	res, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", service)),
		resource.WithTelemetrySDK(),
		resource.WithFromEnv()) // last, so that it wins
	if err != nil {
		return nil, fmt.Errorf("describe the traced service: %w", err)
	}
	return sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(res)), nil
}

// annotate puts the code on the span of the call.
func annotate(ctx context.Context, e interceptor.Event) {
	trace.SpanFromContext(ctx).SetAttributes(attributesOf(e)...)
}

// addEvent puts the code on an event of the span: the call itself may succeed.
func addEvent(ctx context.Context, e interceptor.Event) {
	trace.SpanFromContext(ctx).AddEvent("codetable.failure", trace.WithAttributes(attributesOf(e)...))
}

// attributesOf has as error.type what OpenTelemetry defines it for: a class of
// errors of low cardinality.
func attributesOf(e interceptor.Event) []attribute.KeyValue {
	attributes := []attribute.KeyValue{attribute.String("error.type", cmp.Or(reason(e), grpcCode(e).String()))}
	if e.Err != nil {
		attributes = append(attributes, attribute.Int("codetable.code", int(e.Err.Number())))
	}
	if e.CorrelationID != "" {
		attributes = append(attributes, attribute.String("codetable.request_id", e.CorrelationID))
	}
	return attributes
}

// reason is that of the table, also where a peer sent another one with a number
// that the table does not list.
func reason(e interceptor.Event) string { return e.Err.Spec().Reason() }

// grpcCode is Unknown for what a peer invents, as gRPC reads it.
func grpcCode(e interceptor.Event) codes.Code {
	if code := e.Status.Code(); code <= codes.Unauthenticated {
		return code
	}
	return codes.Unknown
}
