package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"golang.org/x/net/netutil"
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
	gateway *gateway.Gateway
	set     *settings
	signals *signals
	log     *slog.Logger
	tls     *tls.Config     // nil for plain text
	files   *tlsfiles.Files // nil as well
	advance http.Handler    // nil as well
	reloads <-chan os.Signal
	load    func() (*settings, error)

	grpc, web, metrics net.Listener // the last two are nil where they are off

	native                   *grpc.Server
	webServer, metricsServer *http.Server
}

func listen(ctx context.Context, g *gateway.Gateway, set *settings, signals *signals, advance http.Handler) (*servers, error) {
	s := &servers{gateway: g, set: set, signals: signals, log: signals.log, advance: advance}
	if set.secure() {
		var err error
		if s.files, err = tlsfiles.Load(set.Paths, s.log); err != nil {
			return nil, err
		}
		s.tls = s.files.Config()
	}
	if err := s.makeServers(); err != nil {
		return nil, err
	}
	for _, l := range []struct {
		listener  *net.Listener
		key, addr string
	}{{&s.grpc, "addr", set.Addr}, {&s.web, "web-addr", set.WebAddr}, {&s.metrics, "metrics-addr", set.MetricsAddr}} {
		if l.addr == off {
			continue
		}
		var err error
		if *l.listener, err = bind(ctx, l.addr, set.MaxConnections); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w: set it to a free address", l.key, err), s.close())
		}
	}
	return s, nil
}

// bind returns a listener of a bounded number of connections. More of them wait
// until one ends. Its error leaves out the address, which may be anything.
func bind(ctx context.Context, address string, most int) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return nil, errno
	}
	if err != nil {
		return nil, errors.New("no address of this machine")
	}
	return netutil.LimitListener(listener, most), nil
}

func (s *servers) makeServers() error {
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
	handler, err := s.webHandler(behind)
	if err != nil {
		return err
	}
	errorLog := slog.NewLogLogger(s.signals.calls.Handler(), slog.LevelWarn)
	s.webServer = edge.NewServer(handler)
	edge.LimitAge(s.webServer, s.set.MaxConnectionAge)
	s.webServer.ErrorLog, s.webServer.MaxHeaderBytes, s.webServer.TLSConfig = errorLog, maxHeaderBytes, s.tls
	s.metricsServer = &http.Server{
		Handler: edge.AllowHosts(s.signals.handler(), s.set.AllowedHosts...), ErrorLog: errorLog, MaxHeaderBytes: maxHeaderBytes,
		ReadTimeout: scrapeTimeout, WriteTimeout: scrapeTimeout,
	}
	return nil
}

func (s *servers) webHandler(behind *edge.Backend) (http.Handler, error) {
	opts := []edge.Option{
		edge.WithHosts(s.set.AllowedHosts...), edge.WithOrigins(s.set.WebOrigins...), edge.WithMaxMessage(uint32(s.set.MaxRequestBytes)),
		edge.WithObserver(observeRefusals(s.signals.calls, s.signals.registry)),
	}
	if s.set.Page != off {
		page, err := web.Handler(web.Info{Simulated: s.set.Simulate, Login: s.set.Simulate || s.set.Page == "on", Advance: s.advance})
		if err != nil {
			return nil, err
		}
		opts = append(opts, edge.WithFallback(page))
	}
	return edge.New(behind, opts...)
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
