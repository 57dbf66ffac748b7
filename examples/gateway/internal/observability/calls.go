package observability

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/logging"
	"google.golang.org/grpc"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor"
)

// callLog writes a line for each call that ended, with the fields of
// go-grpc-middleware's logging. That one builds each line before it asks the
// logger whether to write it, which costs a tenth of a call.
type callLog struct{ *slog.Logger }

func (l callLog) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	began := time.Now()
	resp, err := handler(ctx, req)
	l.finished(ctx, info.FullMethod, "unary", began, err)
	return resp, err
}

func (l callLog) stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	began, kind := time.Now(), "bidi_stream"
	switch {
	case !info.IsServerStream:
		kind = "client_stream"
	case !info.IsClientStream:
		kind = "server_stream"
	}
	err := handler(srv, stream)
	l.finished(stream.Context(), info.FullMethod, kind, began, err)
	return err
}

func (l callLog) finished(ctx context.Context, fullMethod, kind string, began time.Time, err error) {
	service, method, _ := strings.Cut(strings.TrimPrefix(fullMethod, "/"), "/")
	code := status.Code(err)
	level := slog.Level(logging.DefaultServerCodeToLevel(code))
	if strings.HasPrefix(service, "grpc.") || !l.Enabled(ctx, level) {
		return
	}
	fields := []any{
		"protocol", "grpc", "grpc.component", "server",
		"grpc.service", service, "grpc.method", method, "grpc.method_type", kind,
		"grpc.start_time", began.Format(time.RFC3339), "grpc.code", code.String(),
	}
	if from, ok := peer.FromContext(ctx); ok {
		fields = append(fields, "peer.address", from.Addr.String())
	}
	fields = append(fields, logging.ExtractFields(ctx)...)
	if err != nil {
		fields = append(append(fields, "grpc.error", err.Error()), interceptor.LoggingFields(err)...)
	}
	l.Log(ctx, level, "finished call", append(fields, "grpc.time_ms", float32(time.Since(began).Microseconds())/1000)...)
}
