package serviceconfig

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// repeatable are the methods that may be sent twice. A method that is added to
// the service is not among them until somebody has thought of it.
var repeatable = map[protoreflect.Name]bool{"QueryBusinessRisk": true}

// serviceConfig is the JSON form of grpc.service_config.ServiceConfig, as far
// as it is used here:
// https://github.com/grpc/grpc-proto/blob/master/grpc/service_config/service_config.proto
type serviceConfig struct {
	LoadBalancing []map[string]struct{} `json:"loadBalancingConfig"`
	HealthCheck   healthCheck           `json:"healthCheckConfig"`
	Throttling    throttling            `json:"retryThrottling"`
	Methods       []methodConfig        `json:"methodConfig"`
}

type healthCheck struct {
	Service protoreflect.FullName `json:"serviceName"`
}

type throttling struct {
	MaxTokens  int `json:"maxTokens"`
	TokenRatio int `json:"tokenRatio"`
}

type methodConfig struct {
	Names   []methodName `json:"name"`
	Timeout duration     `json:"timeout"`
	Retry   *retryPolicy `json:"retryPolicy,omitempty"`
}

type methodName struct {
	Service protoreflect.FullName `json:"service"`
	Method  protoreflect.Name     `json:"method"`
}

type retryPolicy struct {
	MaxAttempts          int      `json:"maxAttempts"`
	InitialBackoff       duration `json:"initialBackoff"`
	MaxBackoff           duration `json:"maxBackoff"`
	BackoffMultiplier    int      `json:"backoffMultiplier"`
	RetryableStatusCodes []string `json:"retryableStatusCodes"`
}

// duration is written as protobuf does it: "1.5s".
type duration time.Duration

// MarshalText implements encoding.TextMarshaler.
func (d duration) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%gs", time.Duration(d).Seconds()), nil
}

func newServiceConfig(s Settings) serviceConfig {
	service := jverificationv1.File_jiguang_jverification_v1_verification_service_proto.Services().ByName("VerificationService")
	once := methodConfig{Timeout: duration(s.UpstreamTimeout + margin)}
	again := methodConfig{
		Timeout: duration(time.Duration(s.Attempts) * (s.UpstreamTimeout + margin)),
		Retry: &retryPolicy{
			MaxAttempts: s.Attempts,
			// Without pushback only: a replica has gone, and another one is there.
			InitialBackoff: duration(50 * time.Millisecond), MaxBackoff: duration(margin), BackoffMultiplier: 2,
		},
	}
	var declared []codetable.Spec
	for i := range service.Methods().Len() {
		method := service.Methods().Get(i)
		name := methodName{service.FullName(), method.Name()}
		switch {
		case method.IsStreamingClient() || method.IsStreamingServer():
		case repeatable[method.Name()]:
			again.Names = append(again.Names, name)
			specs, _ := codetable.Declared(method)
			declared = append(declared, specs...)
		default:
			once.Names = append(once.Names, name)
		}
	}
	again.Retry.RetryableStatusCodes = retryableCodes(declared)
	return serviceConfig{
		LoadBalancing: []map[string]struct{}{{"round_robin": {}}},
		HealthCheck:   healthCheck{service.FullName()},
		Throttling:    throttling{MaxTokens: 100, TokenRatio: 1},
		Methods:       []methodConfig{once, again},
	}
}
