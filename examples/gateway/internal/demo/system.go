package demo

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/rsa"
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
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/embedded"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/inspect"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
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
	return [][]*result{receive[jverificationv1.ResponseCode](ctx, s), receive[jverificationv1.GatewayCode](ctx, s)}, nil
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

// receive has every code of a table answered but the unspecified one of the gateway,
// which is never sent. It makes the calls at once, and judges what comes back.
func receive[E codetable.Enum](ctx context.Context, s system) []*result {
	ctx = metadata.AppendToOutgoingContext(ctx, "accept-language", locale)
	var results []*result
	var sending sync.WaitGroup
	for code, spec := range codetable.All[E]() {
		if protoreflect.Enum(code) == jverificationv1.GatewayCode_GATEWAY_CODE_UNSPECIFIED {
			continue
		}
		r := &result{spec: spec}
		results = append(results, r)
		sending.Go(func() {
			var response inspect.Response
			response, r.err = s.provoke(ctx, spec, provocations[code], grpc.Trailer(&r.trailer))
			r.read(response)
			r.judge(s.config.PublicBoundary)
		})
	}
	sending.Wait()
	return results
}

// provoke makes the call that is answered with a code.
func (s system) provoke(ctx context.Context, spec codetable.Spec, p provocation, opts ...grpc.CallOption) (inspect.Response, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if p.configure != nil {
		p.configure(&s.config)
		var err error
		if s.client, err = serve(ctx, s.config); err != nil {
			return nil, err
		}
	}
	if p.occupied {
		hold := fmt.Sprintf("then-success-fault-hang-%d", spec.Number())
		go func() { _, _ = inspect.Send(ctx, s.client, inspect.MethodOf(spec), hold) }()
		for s.simulator.Calls(hold) == 0 && ctx.Err() == nil {
			runtime.Gosched()
		}
	}
	return inspect.Send(ctx, s.client, inspect.MethodOf(spec), cmp.Or(p.word, fmt.Sprintf("code-%d", spec.Number())), opts...)
}

// provocation makes a gateway answer with a code of its own.
type provocation struct {
	configure func(*gateway.Config) // of a gateway for this call alone, or nil
	occupied  bool                  // this gateway has another call under way
	word      string                // for the simulator; the default is the code of the upstream
}

// provocations has one for each code of the gateway. Codes of the upstream need none.
var provocations = map[protoreflect.Enum]provocation{
	jverificationv1.GatewayCode_GATEWAY_CODE_OVERLOADED: {
		configure: func(c *gateway.Config) { c.MaxUpstreamCalls, c.MaxCallerCalls = 1, 2 }, occupied: true,
	},
	jverificationv1.GatewayCode_GATEWAY_CODE_CALLER_LIMIT: {
		configure: func(c *gateway.Config) { c.MaxUpstreamCalls, c.MaxCallerCalls = 2, 1 }, occupied: true,
	},
	jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_TIMEOUT: {
		configure: func(c *gateway.Config) { c.Timeout = time.Second / 2 }, word: "fault-hang",
	},
	jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_UNREACHABLE: {
		configure: func(c *gateway.Config) { c.UpstreamURL = "http://127.0.0.1:1" }, // a port that nothing listens on
	},
	jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_NO_ANSWER:      {word: "fault-reset"},
	jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_UNINTELLIGIBLE: {word: "fault-truncated"},
	jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_REJECTED: {
		configure: func(c *gateway.Config) { c.UpstreamURL += "/elsewhere" }, // a 404 without a code
	},
	jverificationv1.GatewayCode_GATEWAY_CODE_PHONE_NOT_DECRYPTED: {
		// The simulator encrypts the phone number with another key.
		configure: func(c *gateway.Config) { c.PhoneKey, _ = rsa.GenerateKey(rand.Reader, 2048) }, word: "code-8000",
	},
	jverificationv1.GatewayCode_GATEWAY_CODE_METHOD_NOT_OFFERED: {
		configure: func(c *gateway.Config) { c.AdminURL, c.DevKey, c.DevSecret = "", "", "" },
	},
}
