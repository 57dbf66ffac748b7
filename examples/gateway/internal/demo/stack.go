// Package trip sends every response code through the whole stack, upstream to
// caller over real sockets, and judges what comes out.
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
	"github.com/codetable/grpc-codetable/interceptor"
)

// Stack is a simulator, a gateway that calls it, and a client of the gateway.
type Stack struct {
	// Conn has the client interceptors.
	Conn *grpc.ClientConn

	upstream *embedded.Upstream
	server   *grpc.Server
	failed   chan error
}

// Start runs a stack on loopback ports until Close. The server options go to
// the gateway's interceptors, so that a test can break one.
func Start(ctx context.Context, public bool, opts ...interceptor.ServerOption) (_ *Stack, err error) {
	s := &Stack{failed: make(chan error, 1)}
	if s.upstream, err = embedded.Start(ctx); err != nil {
		return nil, fmt.Errorf("start simulator: %w", err)
	}
	if err := s.serve(ctx, public, opts); err != nil {
		return nil, errors.Join(fmt.Errorf("start gateway: %w", err), s.upstream.Close())
	}
	return s, nil
}

func (s *Stack) serve(ctx context.Context, public bool, opts []interceptor.ServerOption) error {
	g, err := gateway.New(s.upstream.Configure(gateway.Config{
		PublicBoundary: public,
		Interceptor:    opts,
		RiskAttempts:   1, // each code is to be seen, not waited for
		Logger:         slog.New(slog.DiscardHandler),
	}))
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.Conn, err = grpc.NewClient(listener.Addr().String(),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithChainUnaryInterceptor(interceptor.UnaryClientInterceptor()),
		grpc.WithChainStreamInterceptor(interceptor.StreamClientInterceptor()))
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	s.server = grpc.NewServer(g.ServerOptions()...)
	g.Register(s.server)
	go func() { s.failed <- s.server.Serve(listener) }()
	return nil
}

// Close stops everything and waits for it.
func (s *Stack) Close() error {
	err := s.Conn.Close()
	s.server.Stop()
	served := <-s.failed
	if errors.Is(served, grpc.ErrServerStopped) {
		served = nil // stopped before it began to serve
	}
	return errors.Join(err, served, s.upstream.Close())
}
