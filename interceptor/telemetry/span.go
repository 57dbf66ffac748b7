package telemetry

import (
	"context"
	"strings"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	grpccodes "google.golang.org/grpc/codes"
	"google.golang.org/grpc/stats"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

// otherMethod is the method of a span whose method is unknown. The semantic
// conventions define it, so that names are bounded.
const otherMethod = "_OTHER"

// maxMethod is the limit of an unknown method in the attribute of a span, in bytes.
const maxMethod = 256

// spans is the stats handler of otelgrpc, which makes and ends the spans and
// knows the conventions. It adds the code, and decides the status.
type spans struct {
	stats.Handler

	methods *methods
}

func newSpans(s *side) spans {
	opts := []otelgrpc.Option{
		otelgrpc.WithPropagators(s.propagator),
		otelgrpc.WithTracerProvider(tracenoop.NewTracerProvider()),
		otelgrpc.WithMeterProvider(metricnoop.NewMeterProvider()),
		otelgrpc.WithFilter(func(info *stats.RPCTagInfo) bool { return !isQuiet(info.FullMethodName) }),
	}
	if s.tracerProvider != nil {
		opts = append(opts, otelgrpc.WithTracerProvider(s.tracerProvider))
	}
	if s.meterProvider != nil {
		opts = append(opts, otelgrpc.WithMeterProvider(s.meterProvider))
	}
	if s.client {
		return spans{otelgrpc.NewClientHandler(opts...), s.methods}
	}
	return spans{otelgrpc.NewServerHandler(opts...), s.methods}
}

// quietKey marks the context of a call that has no span: the span in it is that
// of another call.
type quietKey struct{}

// TagRPC implements [stats.Handler].
func (s spans) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	switch {
	case isQuiet(info.FullMethodName):
		return context.WithValue(s.Handler.TagRPC(ctx, info), quietKey{}, true)
	case s.methods.of(info.FullMethodName) == s.methods.unknown:
		ctx = s.Handler.TagRPC(ctx, &stats.RPCTagInfo{FullMethodName: "/" + otherMethod, FailFast: info.FailFast})
		trace.SpanFromContext(ctx).SetAttributes(semconv.RPCMethodOriginal(originalMethod(info.FullMethodName)))
		return ctx
	default:
		return s.Handler.TagRPC(ctx, info)
	}
}

// originalMethod returns a method that a peer invented. With one byte of invalid
// UTF-8 an OTLP exporter loses the whole batch of spans.
func originalMethod(fullMethod string) string {
	return text.Clean(text.Cut(strings.TrimPrefix(fullMethod, "/"), maxMethod))
}

// HandleRPC implements [stats.Handler].
func (s spans) HandleRPC(ctx context.Context, event stats.RPCStats) {
	if end, ok := event.(*stats.End); ok && end.Error != nil && ctx.Value(quietKey{}) == nil {
		span := trace.SpanFromContext(ctx)
		if span.IsRecording() {
			Annotate(span, end.Error)
			ctx = trace.ContextWithSpan(ctx, decided{span})
		}
	}
	s.Handler.HandleRPC(ctx, event)
}

// decided is a span whose status is decided. The handler of otelgrpc would set it
// by the gRPC code, and no later call can take back an Error.
type decided struct{ trace.Span }

// SetStatus implements [trace.Span].
func (decided) SetStatus(codes.Code, string) {}

// Annotate adds the code of an error to the span of a call that is not gRPC, such as
// one to a REST upstream: error.type, the attributes codetable.*, and the status by the
// fault, as for the spans of this package. It does nothing where err is nil. The
// description of the status is the text that a server would send, and for an error
// without a code and a status its own text. A status of Error can't be taken back, so
// let nothing else set it by the status of HTTP.
func Annotate(span trace.Span, err error) {
	if err == nil || !span.IsRecording() {
		return
	}
	e := interceptor.EventOf(err)
	span.SetAttributes(attributesOf(e)...)
	if isError(e) {
		span.SetStatus(codes.Error, text.Clean(e.Status.Message()))
	}
}

// isError reports whether somebody has to act on a failure. A failure without a
// code is judged by the rule of the semantic conventions for servers.
func isError(e interceptor.Event) bool {
	if e.Err != nil {
		switch faultOf(e.Err) {
		case codetablev1.Fault_FAULT_CALLER, codetablev1.Fault_FAULT_END_USER:
			return false
		default:
			return true
		}
	}
	switch grpcCode(e) {
	case grpccodes.Unknown, grpccodes.DeadlineExceeded, grpccodes.Unimplemented,
		grpccodes.Internal, grpccodes.Unavailable, grpccodes.DataLoss:
		return true
	default:
		return bare(e)
	}
}

// addEvent adds the failure of a part to the span of the call, which itself may
// succeed.
func addEvent(ctx context.Context, e interceptor.Event) {
	if span := trace.SpanFromContext(ctx); span.IsRecording() {
		span.AddEvent("codetable.failure", trace.WithAttributes(attributesOf(e)...))
	}
}

func attributesOf(e interceptor.Event) []attribute.KeyValue {
	if e.Err == nil {
		return append(maskOf(e), semconv.ErrorTypeKey.String(statusCode(grpcCode(e))))
	}
	c := codeOf(e.Err)
	return append(maskOf(e),
		semconv.ErrorTypeKey.String(c.reason),
		attribute.String("codetable.domain", c.domain),
		attribute.Int("codetable.code", int(e.Err.Number())),
		attribute.String("codetable.reason", c.reason),
		attribute.String("codetable.fault", table.FaultName(faultOf(e.Err))),
		attribute.String("codetable.retry", e.Err.Retry().String()))
}

func maskOf(e interceptor.Event) []attribute.KeyValue {
	attributes := []attribute.KeyValue{attribute.Bool("codetable.masked", e.Masked)}
	if e.CorrelationID != "" {
		attributes = append(attributes, attribute.String("codetable.request_id", e.CorrelationID))
	}
	return attributes
}

// statusCode spells a gRPC code as rpc.response.status_code does.
func statusCode(code grpccodes.Code) string {
	return codetablev1.GrpcCode(code).String()[len("GRPC_CODE_"):]
}
