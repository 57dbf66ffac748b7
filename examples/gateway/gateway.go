// Package gateway serves JiGuang JVerification over gRPC. It is an example of
// what package interceptor is for: a REST upstream that answers with numbers
// in front of a gRPC service whose callers get statuses.
//
// A failing code reaches the caller as the status that the table gives it. The
// items of VerifyNumbers are the exception: each is answered in the stream with
// its own code, so that one does not end the others.
//
// # What it takes care of
//
// Tokens and captchas are single-use, so an upstream call is made once: it has
// a deadline, and is neither retried nor redirected. A reply counts as a
// success only with the success code of its own call. Phone numbers, tokens
// and secrets are in no log and in no text of an error; the body of an upstream
// reply isn't either, since it may repeat them.
//
// # Public boundary
//
// [Config.PublicBoundary] hides the codes that only the operator can mend, and
// those that the table does not list, from statuses, from the items of a stream
// and from the risk beside a verified number.
package gateway

import (
	"log/slog"

	"google.golang.org/grpc"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// Gateway is the service. Make one with [New]. It is safe for concurrent use.
type Gateway struct {
	jverificationv1.UnimplementedVerificationServiceServer

	api     *upstream
	admin   *upstream // nil where the activation is not configured
	captcha jverificationv1.ResponseCode
	public  bool
	log     *slog.Logger
}

// New returns a gateway. Settings that are not valid are a [*ConfigError],
// which names all of them.
func New(config Config) (*Gateway, error) {
	config = config.withDefaults()
	if err := config.validate(); err != nil {
		return nil, err
	}
	client := newClient(config.Transport)
	g := &Gateway{
		captcha: jverificationv1.ResponseCode(config.CaptchaSuccessCode),
		public:  config.PublicBoundary,
		log:     config.Logger,
	}
	var err error
	if g.api, err = newUpstream(client, config.Timeout, config.UpstreamURL, config.AppKey, config.MasterSecret); err != nil {
		return nil, err
	}
	if !config.hasAdmin() {
		return g, nil
	}
	g.admin, err = newUpstream(client, config.Timeout, config.AdminURL, config.DevKey, config.DevSecret)
	return g, err
}

// Register adds the service to a server made with [Gateway.ServerOptions].
func (g *Gateway) Register(server grpc.ServiceRegistrar) {
	jverificationv1.RegisterVerificationServiceServer(server, g)
}
