package cli

import (
	"time"

	"github.com/spf13/pflag"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/artefact"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/serviceconfig"
)

func genServiceConfig() generator {
	var settings serviceconfig.Settings
	return generator{
		name: "service-config", short: "Write the gRPC service config for clients of several replicas",
		long: `Writes service_config.json for the clients of all services that declare codes:
round_robin, health checking, a timeout for each unary method, a throttle, and
retries of the methods that may be repeated. These are repeated on UNAVAILABLE and
on the statuses of their codes with RETRY_ACTION_SAME_REQUEST. A retry policy sees
the status only, so the interceptors send grpc-retry-pushback-ms, which overrules
it for codes that must not be repeated.

A method may be repeated if its option idempotency_level says so, or if it is
named with --repeatable. Name no method with single-use input.

In Go, pass the file to grpc.WithDefaultServiceConfig and import
google.golang.org/grpc/health.`,
		example: `codetable gen service-config --proto proto --out deploy --repeatable QueryBusinessRisk`,
		pattern: "service_config.json", mark: serviceconfig.Mark,
		flags: func(flags *pflag.FlagSet) {
			flags.DurationVar(&settings.Timeout, "timeout", 6*time.Second, "the `TIME` of one attempt, with the network")
			flags.IntVar(&settings.Attempts, "attempts", 2, "send a repeatable call at most `COUNT` times, 2 to 5")
			flags.StringArrayVar(&settings.Repeatable, "repeatable", nil, "a `METHOD` that may be sent twice; may be repeated")
		},
		files: func(c *catalogue.Catalogue, _ string) ([]artefact.File, error) {
			return serviceconfig.Files(c, settings)
		},
	}
}
