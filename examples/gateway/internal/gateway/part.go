package gateway

import (
	"context"
	"log/slog"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/logging"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor"
)

// failedPart says what a caller sees of an error that does not end its call:
// that of an item, or of the risk beside an answer. It is counted and traced as
// if it did, and gets a line of its own: the log of the call speaks of its end,
// which may be a success.
func (g *Gateway) failedPart(ctx context.Context, message string, err error) interceptor.Event {
	level := slog.Level(logging.DefaultServerCodeToLevel(status.Code(err)))
	g.config.CallLogger.Log(ctx, level, message, append(interceptor.LoggingFields(err), "error", err)...)
	return g.translator.Translate(ctx, err)
}

// within returns a context for a part of a call that is another method.
func within(ctx context.Context, method string) context.Context {
	return grpc.NewContextWithServerTransportStream(ctx, part{grpc.ServerTransportStreamFromContext(ctx), method})
}

type part struct {
	grpc.ServerTransportStream

	method string
}

// Method implements [grpc.ServerTransportStream].
func (p part) Method() string { return p.method }
