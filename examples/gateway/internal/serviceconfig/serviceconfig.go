// Package fleet makes the gRPC service config for clients of several gateways,
// from the table of response codes. service_config.json is the one for a
// gateway with its default settings. In Go a client takes it with
//
//	import _ "google.golang.org/grpc/health" // for healthCheckConfig
//
//	conn, err := grpc.NewClient("dns:///gateways.example:8090",
//		grpc.WithDefaultServiceConfig(string(config)), ...)
//
// and in other languages as the default service config, which each gRPC
// library has an option for, or from the resolver (DNS TXT, xDS).
//
// # What is in it
//
//   - round_robin over all addresses, without those whose health service says
//     NOT_SERVING.
//   - For each unary method a timeout, so that no call hangs. A caller's
//     earlier deadline holds. A stream may last.
//   - For QueryBusinessRisk, which may be repeated, retries on another replica:
//     on every status that one of its codes with RETRY_ACTION_SAME_REQUEST
//     travels as, and on UNAVAILABLE, which is what a replica that has gone looks
//     like. It is also what such a code looks like at a public boundary.
//   - A throttle of the retries, for when the whole fleet is ill.
//
// # Single-use input
//
// VerifyNumber, ExchangeLoginToken and CheckCaptcha spend what they are called
// with, and EnableOneClickLogin answers 9203 the second time. None of them gets
// a retry policy. A policy sees a status only, and UNAVAILABLE, INTERNAL and
// RESOURCE_EXHAUSTED are also what gRPC itself makes of a connection that broke
// after the upstream had the token. What is safe needs no policy: a call that
// has not left the client, or that the server says it never looked at (as while
// it shuts down gracefully), is sent to another replica by gRPC itself.
//
// # Pushback
//
// A retryable status is shared by codes that must not be repeated: 9007 is a
// RESOURCE_EXHAUSTED like 1804. The gateways tell them apart with the trailer
// grpc-retry-pushback-ms, which overrules the policy with -1 or with the delay
// of the table.
//
// gRPC takes a -1 for a failure of the server when it reckons the throttle,
// whichever method it is for, and here it is an answer like 9001 more often
// than not. So a success gives back as much as a failure takes, and retries
// stop only where more than half of all calls fail.
package serviceconfig

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// maxAttempts is where gRPC stops, whatever a service config says.
const maxAttempts = 5

// margin is what a call needs beside the upstream's time: the way there and
// back, and the wait before an attempt.
const margin = time.Second

// Settings are what a service config depends on beside the table. The zero
// value is not valid: start from [DefaultSettings].
type Settings struct {
	// UpstreamTimeout is how long the gateways give an upstream call. Default
	// 5 s, as theirs.
	UpstreamTimeout time.Duration
	// Attempts bounds how often a call is sent that may be repeated, the first
	// time included: from 2 to 5, where gRPC stops. What the gateways repeat by
	// themselves comes on top each time. Default 2.
	Attempts int
}

// DefaultSettings fit a gateway without settings.
func DefaultSettings() Settings {
	return Settings{UpstreamTimeout: 5 * time.Second, Attempts: 2}
}

// ServiceConfig returns a service config as indented JSON. The error names
// every setting that is not valid.
func ServiceConfig(settings Settings) ([]byte, error) {
	if err := settings.validate(); err != nil {
		return nil, fmt.Errorf("service config: %w", err)
	}
	config, err := json.MarshalIndent(newServiceConfig(settings), "", "  ")
	return append(config, '\n'), err
}

func (s Settings) validate() error {
	var faults []error
	if s.UpstreamTimeout < time.Millisecond {
		faults = append(faults, fmt.Errorf("setting UpstreamTimeout is %v: want the -timeout of the gateways, such as 5s", s.UpstreamTimeout))
	}
	if s.Attempts < 2 || s.Attempts > maxAttempts {
		faults = append(faults, fmt.Errorf("setting Attempts is %d: want 2 to %d", s.Attempts, maxAttempts))
	}
	return errors.Join(faults...)
}

// retryableCodes are the statuses of those of the codes that allow the same
// request again, and the one of a replica that has gone.
func retryableCodes(specs []codetable.Spec) []string {
	names := []string{statusName(codes.Unavailable)}
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
