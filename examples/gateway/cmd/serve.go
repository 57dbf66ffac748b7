package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"github.com/codetable/grpc-codetable/examples/gateway"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// serve answers calls until ctx is done, and then gives those under way the
// time of grace to finish.
func serve(ctx context.Context, listener net.Listener, g *gateway.Gateway, grace time.Duration, log *slog.Logger) error {
	server := grpc.NewServer(g.ServerOptions()...)
	g.Register(server)
	checks := health.NewServer()
	checks.SetServingStatus(jverificationv1.VerificationService_ServiceDesc.ServiceName, healthpb.HealthCheckResponse_SERVING)
	healthpb.RegisterHealthServer(server, checks)
	reflection.Register(server)

	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	log.Info("shutting down", "grace", grace)
	checks.Shutdown()
	stop(server, grace, log)
	return nil
}

// stop waits for the calls under way, but not for ever: a stream may have no
// end.
func stop(server *grpc.Server, grace time.Duration, log *slog.Logger) {
	late := time.AfterFunc(grace, func() {
		log.Warn("cutting off the calls that are still under way")
		server.Stop()
	})
	defer late.Stop()
	server.GracefulStop()
}
