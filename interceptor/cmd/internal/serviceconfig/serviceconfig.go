// Package serviceconfig makes the gRPC service config of the clients of services
// from the codes that their methods declare.
//
//   - round_robin over all addresses, without those whose health service says
//     NOT_SERVING.
//   - A timeout for each unary method, so that no call hangs. An earlier deadline
//     of the caller holds. Streams have no timeout.
//   - Retries for the methods that may be repeated. They happen on the statuses of
//     the declared codes with RETRY_ACTION_SAME_REQUEST, and on UNAVAILABLE: a
//     replica that is gone answers so, and so does a public boundary in place of
//     such a code.
//   - A throttle of the retries for when all servers fail.
//
// # Methods without retries
//
// A method may be repeated only if its .proto file or its caller says so. A retry
// policy sees the status only, and gRPC itself answers UNAVAILABLE, INTERNAL or
// RESOURCE_EXHAUSTED when a connection breaks after the server got the request.
// The safe cases need no policy: gRPC sends a call to another replica by itself
// if the call has not left the client, or if the server says that it did not look
// at it, as during a graceful shutdown.
//
// # Pushback
//
// Codes that must not be repeated may share a status with codes that may be. The
// interceptors send the trailer grpc-retry-pushback-ms, which overrules the
// policy: -1 forbids the retry, and any other value is the delay of the table.
//
// The throttle of gRPC counts each -1 as a failure of the server, for every
// method, even if it is an ordinary answer. Therefore a success gives back as much
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
	"google.golang.org/protobuf/types/descriptorpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/artefact"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// Mark is in each service config, which can't have a comment. It is the layout of
// this package, so that a config written by hand is not taken for a generated one.
const Mark = "\n  \"loadBalancingConfig\": [\n    {\n      \"round_robin\": {}\n    }\n  ],\n  \"methodConfig\": "

// maxAttempts is the limit of gRPC.
const maxAttempts = 5

// Settings are what a service config depends on beside the tables.
type Settings struct {
	// Timeout is the time of one attempt, with the network.
	Timeout time.Duration
	// Attempts is how often a repeatable call is sent at most, the first time
	// included: 2 to 5. Its timeout is this number of attempts.
	Attempts int
	// Repeatable are the methods that may be sent twice, beside those whose
	// idempotency_level says so.
	Repeatable []string
}

// check names every setting that is not valid.
func (s Settings) check() error {
	var faults []error
	if s.Timeout < time.Millisecond {
		faults = append(faults, catalogue.Argumentf("the timeout is %v: want the time of one attempt, such as 6s", s.Timeout))
	}
	if s.Attempts < 2 || s.Attempts > maxAttempts {
		faults = append(faults, catalogue.Argumentf("the number of attempts is %d: want 2 to %d", s.Attempts, maxAttempts))
	}
	return errors.Join(faults...)
}

type object = map[string]any

// Files returns the service config. It has the JSON form of
// grpc.service_config.ServiceConfig:
// https://github.com/grpc/grpc-proto/blob/master/grpc/service_config/service_config.proto
func Files(c *catalogue.Catalogue, settings Settings) ([]artefact.File, error) {
	if err := settings.check(); err != nil {
		return nil, err
	}
	methods, err := settings.methods(c)
	if err != nil {
		return nil, err
	}
	config := object{
		"loadBalancingConfig": []object{{"round_robin": object{}}},
		"retryThrottling":     object{"maxTokens": 100, "tokenRatio": 1},
		"methodConfig":        methods,
	}
	if len(c.Services) == 1 {
		config["healthCheckConfig"] = object{"serviceName": c.Services[0].FullName()}
	} else {
		config["healthCheckConfig"] = object{"serviceName": ""} // that of the whole server
	}
	text, err := json.MarshalIndent(config, "", "  ")
	return []artefact.File{{Name: "service_config.json", Content: append(text, '\n')}}, err
}

// methods returns the methods without retries, and a group for each set of
// statuses on which methods are repeated.
func (s Settings) methods(c *catalogue.Catalogue) (list []object, err error) {
	again := map[protoreflect.FullName]bool{}
	for _, name := range s.Repeatable {
		method, err := c.Method(name)
		if err != nil {
			return nil, err
		}
		if streams(method) {
			return nil, catalogue.Argumentf("method %q is a stream: it can't be repeated", name)
		}
		again[method.FullName()] = true
	}
	groups := map[string][]object{}
	var keys []string // in the order of the methods
	for _, service := range c.Services {
		for i := range service.Methods().Len() {
			method, key := service.Methods().Get(i), ""
			if streams(method) {
				continue
			}
			if again[method.FullName()] || idempotent(method) {
				key = strings.Join(retryableCodes(c, method), ",")
			}
			if groups[key] == nil {
				keys = append(keys, key)
			}
			groups[key] = append(groups[key], object{"service": service.FullName(), "method": method.Name()})
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("no unary method declares codes with (codetable.v1.method): nothing to configure")
	}
	slices.SortStableFunc(keys, func(a, b string) int { return min(len(a), 1) - min(len(b), 1) }) // those without retries first
	for _, key := range keys {
		list = append(list, s.methodConfig(groups[key], key))
	}
	return list, nil
}

func (s Settings) methodConfig(names []object, retryable string) object {
	if retryable == "" {
		return object{"name": names, "timeout": seconds(s.Timeout)}
	}
	return object{"name": names, "timeout": seconds(time.Duration(s.Attempts) * s.Timeout), "retryPolicy": object{
		"maxAttempts": s.Attempts,
		// The backoff counts without a pushback only: a replica is gone, and
		// another one can answer.
		"initialBackoff": seconds(50 * time.Millisecond), "maxBackoff": seconds(time.Second), "backoffMultiplier": 2,
		"retryableStatusCodes": strings.Split(retryable, ","),
	}}
}

func streams(method protoreflect.MethodDescriptor) bool {
	return method.IsStreamingClient() || method.IsStreamingServer()
}

func idempotent(method protoreflect.MethodDescriptor) bool {
	options, _ := method.Options().(*descriptorpb.MethodOptions)
	return options.GetIdempotencyLevel() != descriptorpb.MethodOptions_IDEMPOTENCY_UNKNOWN
}

// seconds writes a duration as protobuf does: "1.5s".
func seconds(d time.Duration) string { return fmt.Sprintf("%gs", d.Seconds()) }

// retryableCodes are the statuses of a method's codes that allow the same request
// again, and UNAVAILABLE, which is that of a replica that is gone.
func retryableCodes(c *catalogue.Catalogue, method protoreflect.MethodDescriptor) []string {
	names := []string{table.CodeName(codes.Unavailable)}
	for _, spec := range c.Declared(method) {
		if spec.Retry().Action == codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST {
			names = append(names, table.CodeName(spec.GRPCCode()))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
