// Package serviceconfig makes the gRPC service config for clients of several
// gateways from the table of response codes. deploy/service_config.json is the one
// for gateways with their default settings. A client in Go uses it so:
//
//	import _ "google.golang.org/grpc/health" // for healthCheckConfig
//
//	conn, err := grpc.NewClient("dns:///gateways.example:8090",
//		grpc.WithDefaultServiceConfig(string(config)), ...)
//
// In other languages it is the default service config, an option of each gRPC
// library, or comes from the resolver (DNS TXT, xDS).
//
// # What is in it
//
//   - round_robin over all addresses, without those whose health service says
//     NOT_SERVING.
//   - A timeout for each unary method, so that no call hangs. An earlier deadline
//     of the caller holds. Streams have no timeout.
//   - Retries for QueryBusinessRisk, the one method that may be repeated. They
//     happen on the statuses of its codes with RETRY_ACTION_SAME_REQUEST, and on
//     UNAVAILABLE: a replica that is gone answers so, and so does a public gateway
//     in place of such a code.
//   - A throttle of the retries for when all gateways fail.
//
// # Single-use input
//
// VerifyNumber, ExchangeLoginToken and CheckCaptcha spend their token or captcha,
// and EnableOneClickLogin answers 9203 the second time. None of them has a retry
// policy: a policy sees the status only, and gRPC itself answers UNAVAILABLE,
// INTERNAL or RESOURCE_EXHAUSTED when a connection breaks after the upstream has
// the token. The safe cases need no policy. gRPC sends a call to another replica
// by itself if the call has not left the client, or if the server says that it did
// not look at it, as during a graceful shutdown.
//
// # Pushback
//
// Codes that must not be repeated share a status with codes that may be: 9007 is
// RESOURCE_EXHAUSTED, as 1804 is. The gateways send the trailer
// grpc-retry-pushback-ms, which overrules the policy: -1 forbids the retry, and
// any other value is the delay of the table.
//
// The throttle of gRPC counts each -1 as a failure of the server, for every
// method, though most are answers such as 9001. Hence a success gives back as much
// as a failure takes: retries stop when more than half of all calls fail.
package serviceconfig

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// repeatable is the method that may be sent twice. A new method of the service is
// not until somebody has decided so.
const repeatable protoreflect.Name = "QueryBusinessRisk"

// maxAttempts is the limit of gRPC.
const maxAttempts = 5

// margin is what a call needs beside the upstream's time: the network, and the
// wait before an attempt.
const margin = time.Second

// Settings are what a service config depends on beside the table. The zero value
// is not valid: start from [DefaultSettings].
type Settings struct {
	// UpstreamTimeout is the time that the gateways give an upstream call.
	// Default 5 s, which is their default.
	UpstreamTimeout time.Duration
	// Attempts is how often a repeatable call is sent at most, the first time
	// included: 2 to 5, the limit of gRPC. Each attempt may be repeated upstream by
	// the gateway too. Default 2.
	Attempts int
}

// DefaultSettings fit gateways with their default settings.
func DefaultSettings() Settings {
	return Settings{UpstreamTimeout: 5 * time.Second, Attempts: 2}
}

// ServiceConfig returns a service config as indented JSON. The error names
// every setting that is not valid.
func ServiceConfig(settings Settings) ([]byte, error) {
	var faults []error
	if settings.UpstreamTimeout < time.Millisecond {
		faults = append(faults, fmt.Errorf("setting UpstreamTimeout is %v: want the upstream timeout of the gateways, such as 5s", settings.UpstreamTimeout))
	}
	if settings.Attempts < 2 || settings.Attempts > maxAttempts {
		faults = append(faults, fmt.Errorf("setting Attempts is %d: want 2 to %d", settings.Attempts, maxAttempts))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("service config: %w", err)
	}
	config, err := json.MarshalIndent(settings.config(), "", "  ")
	return append(config, '\n'), err
}

type object = map[string]any

// config is the JSON form of grpc.service_config.ServiceConfig:
// https://github.com/grpc/grpc-proto/blob/master/grpc/service_config/service_config.proto
func (s Settings) config() object {
	service := jverificationv1.File_jiguang_jverification_v1_verification_service_proto.Services().ByName("VerificationService")
	var once, again []object
	for i := range service.Methods().Len() {
		method := service.Methods().Get(i)
		name := object{"service": service.FullName(), "method": method.Name()}
		switch {
		case method.Name() == repeatable:
			again = append(again, name)
		case !method.IsStreamingClient() && !method.IsStreamingServer():
			once = append(once, name)
		}
	}
	attempt := s.UpstreamTimeout + margin
	return object{
		"loadBalancingConfig": []object{{"round_robin": object{}}},
		"healthCheckConfig":   object{"serviceName": service.FullName()},
		"retryThrottling":     object{"maxTokens": 100, "tokenRatio": 1},
		"methodConfig": []object{
			{"name": once, "timeout": seconds(attempt)},
			{"name": again, "timeout": seconds(time.Duration(s.Attempts) * attempt), "retryPolicy": object{
				"maxAttempts": s.Attempts,
				// The backoff counts without a pushback only: a replica is gone, and
				// another one can answer.
				"initialBackoff": seconds(50 * time.Millisecond), "maxBackoff": seconds(margin), "backoffMultiplier": 2,
				"retryableStatusCodes": retryableCodes(service.Methods().ByName(repeatable)),
			}},
		},
	}
}

// seconds writes a duration as protobuf does: "1.5s".
func seconds(d time.Duration) string { return fmt.Sprintf("%gs", d.Seconds()) }

// retryableCodes are the statuses of a method's codes that allow the same request
// again, and UNAVAILABLE, which is that of a replica that is gone.
func retryableCodes(method protoreflect.MethodDescriptor) []string {
	names := []string{statusName(codes.Unavailable)}
	specs, _ := codetable.Declared(method)
	for _, spec := range specs {
		if spec.Retry().Action == codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST {
			names = append(names, statusName(spec.GRPCCode()))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// statusName is the name in JSON, such as RESOURCE_EXHAUSTED.
func statusName(code codes.Code) string {
	return strings.TrimPrefix(codetablev1.GrpcCode(code).String(), "GRPC_CODE_")
}
