package server

import (
	_ "embed"
	"io"
	"net"
	"text/template"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
)

//go:embed invitation.txt
var invitationText string

var invitation = template.Must(template.New("").Parse(invitationText))

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

// invite prints what a person can try who has just started the gateway.
func (s *servers) invite(w io.Writer) error {
	return invitation.Execute(w, map[string]any{
		"GRPC": s.grpc.Addr(), "Web": s.webURL(), "Metrics": s.metricsURL(),
		"TLS": s.tls != nil, "Page": s.set.Page != off,
	})
}

func (s *servers) webURL() string {
	if s.tls != nil {
		return urlOf("https", s.web, "")
	}
	return urlOf("http", s.web, "")
}

func (s *servers) metricsURL() string { return urlOf("http", s.metrics, "/metrics") }

// urlOf is "" for a listener that is off.
func urlOf(scheme string, listener net.Listener, path string) string {
	if listener == nil {
		return ""
	}
	return scheme + "://" + listener.Addr().String() + path
}
