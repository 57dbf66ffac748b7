package server

import (
	"fmt"
	"strings"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// announce logs all addresses. The first line is what scripts wait for.
func (s *servers) announce(config gateway.Config) {
	s.log.Info("gateway is listening", "address", s.grpc.Addr().String(),
		"upstream", config.UpstreamURL, "public_boundary", config.PublicBoundary, "tls", s.tls != nil)
	if s.web != nil {
		s.log.Info("web is listening", "url", s.webURL())
	}
	if s.metrics != nil {
		s.log.Info("metrics are listening", "url", s.metricsURL())
	}
}

func (s *servers) webURL() string {
	if s.tls != nil {
		return "https://" + s.web.Addr().String()
	}
	return "http://" + s.web.Addr().String()
}

func (s *servers) metricsURL() string { return "http://" + s.metrics.Addr().String() + "/metrics" }

// invitation is for who has just started the gateway to look at it.
func (s *servers) invitation() string {
	const body = `'{"phone":"13800138000","token":"code-9005"}'`
	service := jverificationv1.VerificationService_ServiceDesc.ServiceName
	plaintext, insecure := "-plaintext", ""
	if s.tls != nil {
		plaintext, insecure = "-insecure", " -k"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n  gRPC      %s\n", s.grpc.Addr())
	if s.web != nil {
		fmt.Fprintf(&b, "  web       %s   gRPC-Web, Connect, REST\n", s.webURL())
	}
	if s.metrics != nil {
		fmt.Fprintf(&b, "  metrics   %s\n", s.metricsURL())
	}
	fmt.Fprintf(&b, "\nTry it (a token code-N makes the simulator answer N):\n\n")
	fmt.Fprintf(&b, "  grpcurl %s -d %s %s %s/VerifyNumber\n", plaintext, body, s.grpc.Addr(), service)
	if s.web != nil {
		fmt.Fprintf(&b, "  curl%s -H 'Content-Type: application/json' -d %s %s/v1/numbers:verify\n", insecure, body, s.webURL())
	}
	if s.web != nil && s.set.Page != off {
		fmt.Fprintf(&b, "  open %s/ in a browser: a login, and the reference of the codes\n", s.webURL())
	}
	b.WriteByte('\n')
	return b.String()
}
