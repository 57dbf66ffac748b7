package observability

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/logging"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor"
)

// call counts and logs one call.
type call struct {
	interceptors.NoopReporter
	*Signals

	ctx      context.Context
	meta     interceptors.CallMeta
	inFlight prometheus.Gauge // nil without a registerer
}

func (s *Signals) begin(ctx context.Context, meta interceptors.CallMeta) (interceptors.Reporter, context.Context) {
	c := call{Signals: s, ctx: ctx, meta: meta}
	if s.metrics != nil {
		c.inFlight = s.metrics.inFlight.WithLabelValues("/" + meta.Service + "/" + meta.Method)
		c.inFlight.Inc()
	}
	return c, ctx
}

// PostCall implements [interceptors.Reporter].
func (c call) PostCall(err error, took time.Duration) {
	if c.inFlight != nil {
		c.inFlight.Dec()
	}
	if c.config.Logger != nil && !strings.HasPrefix(c.meta.Service, "grpc.") {
		c.log(err, took)
	}
}

// log writes a line with the fields of go-grpc-middleware's logging. That one
// builds each line before it asks the logger whether to write it, which costs a
// tenth of a call.
func (c call) log(err error, took time.Duration) {
	code := status.Code(err)
	level := slog.Level(logging.DefaultServerCodeToLevel(code))
	if !c.config.Logger.Enabled(c.ctx, level) {
		return
	}
	fields := []any{
		"protocol", "grpc", "grpc.component", "server",
		"grpc.service", c.meta.Service, "grpc.method", c.meta.Method, "grpc.method_type", string(c.meta.Typ),
		"grpc.start_time", time.Now().Add(-took).Format(time.RFC3339), "grpc.code", code.String(),
	}
	if from, ok := peer.FromContext(c.ctx); ok {
		fields = append(fields, "peer.address", from.Addr.String())
	}
	if err != nil {
		fields = append(append(fields, "grpc.error", err.Error()), interceptor.LoggingFields(err)...)
	}
	c.config.Logger.Log(c.ctx, level, "finished call", append(fields, "grpc.time_ms", float32(took.Microseconds())/1000)...)
}
