package demo

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"runtime"
	"time"

	"google.golang.org/grpc"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/embedded"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// provocation makes a gateway answer with a code of its own.
type provocation struct {
	configure func(*gateway.Config) // of a gateway for this code alone
	word      string                // for the simulator
	occupied  bool                  // another call is under way
}

// patience is the time that a call has. The gateway waits for a place for half of it;
// the other half is for a machine that is busy.
const patience = 3 * time.Second

var provocations = map[jverificationv1.GatewayCode]provocation{
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
		// Another key than that of the simulator.
		configure: func(c *gateway.Config) { c.PhoneKey, _ = rsa.GenerateKey(rand.Reader, 2048) }, word: "code-8000",
	},
	jverificationv1.GatewayCode_GATEWAY_CODE_METHOD_NOT_OFFERED: {
		configure: func(c *gateway.Config) { c.AdminURL, c.DevKey, c.DevSecret = "", "", "" },
	},
}

// gatewayCodes calls for every code of the gateway's own table but the unspecified
// one, which is never sent.
func gatewayCodes(upstream *embedded.Upstream, config gateway.Config) []call {
	var calls []call
	for code, spec := range codetable.All[jverificationv1.GatewayCode]() {
		if code == jverificationv1.GatewayCode_GATEWAY_CODE_UNSPECIFIED {
			continue
		}
		calls = append(calls, call{spec, func(ctx context.Context, opts ...grpc.CallOption) (response, error) {
			p, ok := provocations[code]
			if !ok {
				return nil, fmt.Errorf("nothing provokes %v", spec)
			}
			return p.send(ctx, upstream, config, spec, opts...)
		}})
	}
	return calls
}

func (p provocation) send(ctx context.Context, upstream *embedded.Upstream, config gateway.Config, spec codetable.Spec, opts ...grpc.CallOption) (response, error) {
	if p.configure != nil {
		p.configure(&config)
	}
	client, stop, err := serve(ctx, config)
	if err != nil {
		return nil, err
	}
	defer stop()
	if p.occupied {
		hold := fmt.Sprintf("then-success-fault-hang-%d", spec.Number())
		held, release := context.WithCancel(ctx)
		defer release()
		go func() {
			_, _ = send(held, client, jverificationv1.VerificationService_VerifyNumber_FullMethodName, hold)
		}()
		for upstream.Simulator.Calls(hold) == 0 && ctx.Err() == nil {
			runtime.Gosched()
		}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	word := p.word
	if word == "" {
		word = "code-9000"
	}
	return send(ctx, client, methodOf(spec), word, opts...)
}
