package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/embedded"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
)

// collect starts what the tables need, and returns what the client received.
func collect(ctx context.Context, public bool, opts []interceptor.ServerOption) (_ tables, err error) {
	upstream, err := embedded.Start(ctx)
	if err != nil {
		return nil, fmt.Errorf("start simulator: %w", err)
	}
	defer func() { err = errors.Join(err, upstream.Close()) }()
	config := upstream.Configure(gateway.Config{
		PublicBoundary: public,
		Interceptor:    opts,
		RiskAttempts:   1, // without the waits between them
		Logger:         slog.New(slog.DiscardHandler),
	})
	client, stop, err := serve(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("start gateway: %w", err)
	}
	defer stop()
	return tables{
		receive(ctx, responseCodes(client), public),
		receive(ctx, gatewayCodes(upstream, config), public),
	}, nil
}

// serve starts a gateway on a loopback port, and a client with the client
// interceptors.
func serve(ctx context.Context, config gateway.Config) (client jverificationv1.VerificationServiceClient, stop func(), err error) {
	g, err := gateway.New(config)
	if err != nil {
		return nil, nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	conn, err := grpc.NewClient(listener.Addr().String(),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithChainUnaryInterceptor(interceptor.UnaryClientInterceptor()))
	if err != nil {
		return nil, nil, errors.Join(err, listener.Close())
	}
	server := grpc.NewServer(g.ServerOptions()...)
	g.Register(server)
	served := make(chan struct{})
	go func() {
		_ = server.Serve(listener) // calls fail where it does
		close(served)
	}()
	return jverificationv1.NewVerificationServiceClient(conn), func() {
		_ = conn.Close()
		server.Stop()
		<-served
	}, nil
}
