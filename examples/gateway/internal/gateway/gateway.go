// Package gateway serves JiGuang JVerification over gRPC. It is an example of
// what package interceptor is for: a REST upstream that answers with numbers
// in front of a gRPC service whose callers get statuses.
//
// A failing code reaches the caller as the status that the table gives it. The
// items of VerifyNumbers are the exception: each is answered in the stream with
// its own code, so that one does not end the others.
//
// What fails in the gateway itself has a code too, of a second table:
// GatewayCode. A refusal from the cool-down keeps the code that the upstream gave,
// which says more, with a mark in its metadata.
//
// # What it takes care of
//
// Tokens and captchas are single-use, so an upstream call is made once: it has
// a deadline, and is neither retried nor redirected. It goes on where its caller
// leaves. A risk query spends nothing, and is sent again where the table says that
// the same request may be. Calls under way are bounded, for each caller and for
// all; one that finds no place in time was not sent. A reply counts as a success
// only with the success code of its own call. What the upstream would refuse
// anyway is answered without a call, as PARAMETER_INVALID with a violation for each
// field at fault. Phone numbers, tokens and secrets are in no log and in no text of
// an error; neither are the texts of replies and of transports, since they may
// repeat them.
//
// # Health
//
// The health of "" and of "liveness" is for liveness probes: SERVING until the
// process ends, also while it drains, and whatever the upstream does. Those of
// "readiness" and of the service itself are equal: SERVING while the upstream can be
// reached, not before the first reply, and not from [Gateway.Drain] on. Calls that
// got no reply, or one of 502 to 504 from a proxy, speak against it; any other reply
// speaks for it. Where no calls are made, [Gateway.Probe] asks for the root of the
// API host, without credentials: that spends no token and no money.
package gateway

import (
	"regexp"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/telemetry"
)

// Gateway is the service. Make one with [New]. It is safe for concurrent use.
type Gateway struct {
	jverificationv1.UnimplementedVerificationServiceServer

	config   Config
	observed *telemetry.Server
	success  successes

	api    *upstream
	admin  *upstream // nil where the activation is not configured
	health *reachability
	checks *health.Server
	phone  *regexp.Regexp
	open   *openCalls
}

// New returns a gateway. Settings that are not valid are a [*ConfigError],
// which names all of them.
func New(config Config) (*Gateway, error) {
	config = config.WithDefaults().withObjects()
	if err := config.Validate(); err != nil {
		return nil, err
	}
	phone, _ := compilePhone(config.PhonePattern) // Validate has compiled it
	g := &Gateway{
		config: config, observed: config.telemetry().Server(config.interceptorOptions()...),
		success: newSuccesses(config), checks: newChecks(), phone: phone, open: newOpenCalls(config),
	}
	m := newMetrics(config.Registerer)
	g.health = newReachability(config, m, g.report)
	g.api = newUpstream(config, g.health.record, m, g.success)
	if config.hasAdmin() {
		// The activation has credentials and a host of its own, which say nothing of
		// the AppKey and of the API host.
		config.UpstreamURL, config.AppKey, config.MasterSecret, config.Cooldown = config.AdminURL, config.DevKey, config.DevSecret, noCooldown{}
		g.admin = newUpstream(config, func(string) {}, m, g.success)
	}
	return g, nil
}

// Register adds the service and its health to a server made with
// [Gateway.ServerOptions].
func (g *Gateway) Register(server grpc.ServiceRegistrar) {
	jverificationv1.RegisterVerificationServiceServer(server, g)
	healthpb.RegisterHealthServer(server, g.checks)
	if declares, ok := server.(reflection.ServiceInfoProvider); ok {
		g.observed.Declare(declares)
	}
}
