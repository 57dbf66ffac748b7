package telemetry

import (
	"context"
	"log/slog"
	"time"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/logging"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/peer"

	"github.com/codetable/grpc-codetable/interceptor"
)

// level returns the level of a call that ended. The Event of a success is empty.
func (s *side) level(e interceptor.Event) slog.Level {
	switch {
	case e.Err != nil || bare(e):
		return s.levels[faultOf(e.Err)]
	case s.client:
		return slog.Level(logging.DefaultClientCodeToLevel(grpcCode(e)))
	default:
		return slog.Level(logging.DefaultServerCodeToLevel(grpcCode(e)))
	}
}

// logCall writes the line of a call that ended. It asks the logger before it
// builds the line, which costs a tenth of a call.
func (s *side) logCall(ctx context.Context, c call, err error, e interceptor.Event) {
	level := s.level(e)
	if c.method.quiet || !s.logger.Enabled(ctx, level) {
		return
	}
	took := time.Since(c.start)
	component := "server"
	if s.client {
		component = "client"
	}
	fields := []any{
		"protocol", "grpc", "grpc.component", component,
		"grpc.service", c.method.service, "grpc.method", c.method.name, "grpc.method_type", string(c.kind),
		"grpc.start_time", c.start.Format(time.RFC3339), "grpc.code", e.Status.Code().String(),
	}
	if from, ok := peer.FromContext(ctx); ok && !s.client {
		fields = append(fields, "peer.address", from.Addr.String())
	}
	if err != nil {
		fields = append(fields, "grpc.error", err.Error())
	}
	fields = s.describe(ctx, fields, e)
	s.logger.Log(ctx, level, "finished call", append(fields, "grpc.time_ms", float32(took.Microseconds())/1000)...)
}

// logPart writes the line of a part of a call that ended.
func (s *side) logPart(ctx context.Context, m *method, err error, e interceptor.Event) {
	level := slog.LevelDebug
	if err != nil {
		level = s.level(e)
	}
	if s.logger == nil || !s.logger.Enabled(ctx, level) {
		return
	}
	fields := []any{"grpc.service", m.service, "grpc.method", m.name, "grpc.code", e.Status.Code().String()}
	if err != nil {
		fields = append(fields, "grpc.error", e.Status.String())
	}
	s.logger.Log(ctx, level, "finished part", s.describe(ctx, fields, e)...)
}

// describe adds the span and the code. The span of a client's call begins behind
// the interceptors, so the one that is logged is its parent.
func (s *side) describe(ctx context.Context, fields []any, e interceptor.Event) []any {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		fields = append(fields, "trace_id", span.TraceID().String(), "span_id", span.SpanID().String())
	}
	if e.Status == nil {
		return fields
	}
	fields = append(fields, e.LoggingFields()...)
	if e.Err == nil || len(s.metadata) == 0 {
		return fields
	}
	metadata := e.Err.Metadata()
	for _, key := range s.metadata {
		if value, ok := metadata[key]; ok {
			fields = append(fields, "codetable.metadata."+key, value)
		}
	}
	return fields
}
