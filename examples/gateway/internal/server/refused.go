package server

import (
	"context"
	"log/slog"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/edge"
	"github.com/codetable/grpc-codetable/interceptor"
)

// observeRefusals counts and logs what the web listener refuses before there is
// a call that the interceptors could count and log. The labels are bounded, and
// so is the rate of the log.
func observeRefusals(log *slog.Logger, registerer prometheus.Registerer) func(context.Context, edge.Refusal) {
	refused := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "gateway_edge_refused_total",
		Help: "Requests that the web listener refused by itself, by method, gRPC code and cause.",
	}, []string{"grpc_method", "grpc_code", "cause"})
	registerer.MustRegister(refused)
	return func(ctx context.Context, r edge.Refusal) {
		service, method, _ := strings.Cut(strings.TrimPrefix(r.Method, "/"), "/")
		code := status.Code(r.Err).String()
		refused.WithLabelValues(method, code, r.Cause).Inc()
		log.With("grpc.service", service, "grpc.method", method, "peer.address", r.Peer, "cause", r.Cause, "grpc.code", code).
			InfoContext(ctx, "refused request", interceptor.LoggingFields(r.Err)...)
	}
}
