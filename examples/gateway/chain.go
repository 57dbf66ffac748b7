package gateway

import (
	"context"
	"log/slog"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/logging"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"google.golang.org/grpc"

	"github.com/codetable/grpc-codetable/interceptor"
)

// maxRequest is far above any request of the service, so that no caller makes
// the gateway hold megabytes.
const maxRequest = 64 << 10

// ServerOptions returns the chain that the service is to be served with:
// logging sees the status that is sent, codetable makes it, and recovery turns
// a panic into a plain error that codetable then hides.
func (g *Gateway) ServerOptions(opts ...interceptor.ServerOption) []grpc.ServerOption {
	if g.public {
		opts = append(opts, interceptor.WithPublicBoundary())
	}
	logger := logging.LoggerFunc(func(ctx context.Context, level logging.Level, message string, fields ...any) {
		g.log.Log(ctx, slog.Level(level), message, fields...)
	})
	logOpts := []logging.Option{
		// Without the payloads, which hold phone numbers and tokens.
		logging.WithLogOnEvents(logging.FinishCall),
		logging.WithErrorFields(interceptor.LoggingFields),
	}
	return []grpc.ServerOption{
		grpc.MaxRecvMsgSize(maxRequest),
		grpc.ChainUnaryInterceptor(
			logging.UnaryServerInterceptor(logger, logOpts...),
			interceptor.UnaryServerInterceptor(opts...),
			recovery.UnaryServerInterceptor(),
		),
		grpc.ChainStreamInterceptor(
			logging.StreamServerInterceptor(logger, logOpts...),
			interceptor.StreamServerInterceptor(opts...),
			recovery.StreamServerInterceptor(),
		),
	}
}
