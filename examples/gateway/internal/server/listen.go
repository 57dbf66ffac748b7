package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/reflection"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/edge"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/tlsfiles"
	"github.com/codetable/grpc-codetable/examples/gateway/web"
)

const (
	maxHeaderBytes = 64 << 10
	scrapeTimeout  = 30 * time.Second
)

// servers is all that listens.
type servers struct {
	gateway           *gateway.Gateway
	log               *slog.Logger
	grace, drainDelay time.Duration
	tls               *tls.Config // nil for plain text
	page              bool

	grpc, web, metrics net.Listener // the last two are nil where they are off

	native                   *grpc.Server
	webServer, metricsServer *http.Server
}

func listen(ctx context.Context, g *gateway.Gateway, set *settings, signals *signals) (*servers, error) {
	s := &servers{gateway: g, log: signals.log, grace: set.grace, drainDelay: set.drainDelay, page: set.page}
	if set.tls.Cert != "" {
		files, err := tlsfiles.Load(set.tls, s.log)
		if err != nil {
			return nil, usageError{fmt.Errorf("-tls-cert-file, -tls-key-file or -tls-client-ca-file: %w", err)}
		}
		s.tls = files.Config()
	}
	if err := s.makeServers(set, signals); err != nil {
		return nil, err
	}
	for _, l := range []struct {
		listener   *net.Listener
		name, addr string
	}{{&s.grpc, "addr", set.addr}, {&s.web, "web-addr", set.webAddr}, {&s.metrics, "metrics-addr", set.metricsAddr}} {
		if l.addr == off {
			continue
		}
		var err error
		if *l.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", l.addr); err != nil {
			return nil, errors.Join(fmt.Errorf("%w; set -%s or %s to a free address", err, l.name, env(l.name)), s.close())
		}
	}
	return s, nil
}

func (s *servers) makeServers(set *settings, signals *signals) error {
	opts := s.gateway.ServerOptions()
	if s.tls != nil {
		opts = append(opts, grpc.Creds(credentials.NewTLS(s.tls)))
	}
	s.native = grpc.NewServer(opts...)
	behind := edge.NewBackend(s.gateway.Chain()) // the same service for the web server
	for _, server := range []reflection.GRPCServer{s.native, behind} {
		s.gateway.Register(server)
		reflection.Register(server)
	}
	handler, err := s.webHandler(behind, set, signals)
	if err != nil {
		return err
	}
	errorLog := slog.NewLogLogger(s.log.Handler(), slog.LevelWarn)
	s.webServer = edge.NewServer(handler)
	edge.LimitAge(s.webServer, set.config.MaxConnectionAge)
	s.webServer.ErrorLog, s.webServer.MaxHeaderBytes, s.webServer.TLSConfig = errorLog, maxHeaderBytes, s.tls
	s.metricsServer = &http.Server{
		Handler: signals.handler(), ErrorLog: errorLog, MaxHeaderBytes: maxHeaderBytes,
		ReadTimeout: scrapeTimeout, WriteTimeout: scrapeTimeout,
	}
	return nil
}

func (s *servers) webHandler(behind *edge.Backend, set *settings, signals *signals) (http.Handler, error) {
	opts := []edge.Option{
		edge.WithOrigins(set.origins()...), edge.WithMaxMessage(uint32(set.config.MaxRequestBytes)),
		edge.WithObserver(observeRefusals(s.log, signals.registry)),
	}
	if set.page {
		page, err := web.Handler(web.Info{Simulated: set.simulated(), Login: true, Advance: set.advance})
		if err != nil {
			return nil, err
		}
		opts = append(opts, edge.WithFallback(page))
	}
	handler, err := edge.New(behind, opts...)
	if err != nil {
		return nil, usageError{fmt.Errorf("-web-origins or %s: %w", env("web-origins"), err)}
	}
	return handler, nil
}

// close frees the listeners that nothing serves yet.
func (s *servers) close() error {
	var errs []error
	for _, l := range []net.Listener{s.grpc, s.web, s.metrics} {
		if l != nil {
			errs = append(errs, l.Close())
		}
	}
	return errors.Join(errs...)
}
