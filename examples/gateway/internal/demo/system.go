package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/embedded"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
)

// system is what the calls go through.
type system struct {
	simulator *simulator.Simulator
	config    gateway.Config
	client    jverificationv1.VerificationServiceClient // of a gateway with this configuration
}

// collect starts a system, and returns the results of both tables.
func collect(ctx context.Context, public bool, opts []interceptor.ServerOption) (_ [][]*result, err error) {
	upstream, err := embedded.Start(ctx)
	if err != nil {
		return nil, fmt.Errorf("start simulator: %w", err)
	}
	defer func() { err = errors.Join(err, upstream.Close()) }()
	s := system{simulator: upstream.Simulator, config: upstream.Configure(gateway.Config{
		PublicBoundary: public,
		Interceptor:    opts,
		RiskAttempts:   1, // without the waits between them
		Logger:         slog.New(slog.DiscardHandler),
	})}
	if s.client, err = serve(ctx, s.config); err != nil {
		return nil, fmt.Errorf("start gateway: %w", err)
	}
	return [][]*result{s.receive(ctx, responseCodes()), s.receive(ctx, gatewayCodes())}, nil
}

// serve runs a gateway on a loopback port until ctx ends, and returns a client with the
// client interceptor.
func serve(ctx context.Context, config gateway.Config) (jverificationv1.VerificationServiceClient, error) {
	g, err := gateway.New(config)
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := grpc.NewServer(g.ServerOptions()...)
	g.Register(server)
	context.AfterFunc(ctx, server.Stop)
	go func() { _ = server.Serve(listener) }() // if it fails, the calls fail
	conn, err := grpc.NewClient(listener.Addr().String(),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithChainUnaryInterceptor(interceptor.UnaryClientInterceptor()))
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { _ = conn.Close() })
	return jverificationv1.NewVerificationServiceClient(conn), nil
}

// receive makes all calls at once, and judges what comes back.
func (s system) receive(ctx context.Context, calls []call) []*result {
	ctx = metadata.AppendToOutgoingContext(ctx, "accept-language", locale)
	results := make([]*result, len(calls))
	var sending sync.WaitGroup
	for i, c := range calls {
		sending.Go(func() {
			var trailer metadata.MD
			response, err := s.send(ctx, c, grpc.Trailer(&trailer))
			results[i] = newResult(c.spec, response, err, trailer)
			results[i].judge(s.config.PublicBoundary)
		})
	}
	sending.Wait()
	return results
}

// patience is the time that a call to a gateway of its own has. The gateway waits for a
// place for half of it; the other half is for a machine that is busy.
const patience = 3 * time.Second

func (s system) send(ctx context.Context, c call, opts ...grpc.CallOption) (response, error) {
	if c.configure == nil {
		return c.send(ctx, s.client, opts...)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	config := s.config
	c.configure(&config)
	client, err := serve(ctx, config)
	if err != nil {
		return nil, err
	}
	if c.occupied {
		other := call{spec: c.spec, word: fmt.Sprintf("then-success-fault-hang-%d", c.spec.Number())}
		go func() { _, _ = other.send(ctx, client) }()
		for s.simulator.Calls(other.word) == 0 && ctx.Err() == nil {
			runtime.Gosched()
		}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return c.send(ctx, client, opts...)
}
