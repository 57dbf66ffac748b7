package observability

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

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

// annotate puts the code on the span of the call. error.type is the attribute
// that OpenTelemetry defines for a class of errors of low cardinality.
func annotate(ctx context.Context, e interceptor.Event) {
	attributes := []attribute.KeyValue{attribute.String("error.type", errorType(e))}
	if e.Err != nil {
		attributes = append(attributes, attribute.Int("codetable.code", int(e.Err.Number())))
	}
	if e.CorrelationID != "" {
		attributes = append(attributes, attribute.String("codetable.correlation_id", e.CorrelationID))
	}
	trace.SpanFromContext(ctx).SetAttributes(attributes...)
}

func reason(e interceptor.Event) string {
	if e.Err == nil {
		return ""
	}
	return e.Err.Reason()
}

func errorType(e interceptor.Event) string {
	if r := reason(e); r != "" {
		return r
	}
	return e.Status.Code().String()
}
