package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/net/netutil"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/reflection"

	"github.com/codetable/grpc-codetable/examples/gateway/deploy"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/edge"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/tlsfiles"
	"github.com/codetable/grpc-codetable/examples/gateway/web"
)

const (
	spareDescriptors = 100 // for files, a Redis, a collector of traces and the like

	maxHeaderBytes = 64 << 10
	scrapeTimeout  = 30 * time.Second
)

// off is the address of a listener that is not wanted.
const off = "off"

// hostName is what [edge.AllowHosts] can find in a request, or "*".
var hostName = regexp.MustCompile(`^(\*|[\w-]+(\.[\w-]+)*)$`)

func (s *settings) checkListeners() {
	s.require(s.Addr != off, "addr", "can't be off: it is what the gateway is for")
	for key, addr := range map[string]string{"addr": s.Addr, "web-addr": s.WebAddr, "metrics-addr": s.MetricsAddr} {
		_, port, err := net.SplitHostPort(addr)
		_, notPort := strconv.ParseUint(port, 10, 16)
		s.require(addr == off || err == nil && notPort == nil, key, "is not an address such as 127.0.0.1:8090")
	}
	s.require(!s.Admin || s.MetricsAddr != off, "admin", "has no effect without the metrics address: set metrics-addr, or leave admin out")
	protection := http.NewCrossOriginProtection()
	for _, origin := range s.WebOrigins {
		// Browsers send lower case; CORS would take an asterisk for a pattern.
		exact := origin == strings.ToLower(origin) && !strings.Contains(origin, "*")
		s.require(exact && protection.AddTrustedOrigin(origin) == nil, "web-origins", "holds something else than origins such as https://app.example.com")
	}
	for _, host := range s.AllowedHosts {
		_, notAddr := netip.ParseAddr(host)
		s.require(hostName.MatchString(host) || notAddr == nil, "allowed-hosts", `holds something else than names such as gateway.example.com, without ports, or "*" for all`)
	}
	s.require(s.CallerIdentity != gateway.CallerByCertificate || s.ClientCAs != "", "caller-identity", "needs certificates of clients: set tls-client-ca-file, or another identity")
}

// followPort gives the other listeners a free port where gRPC has one and they are
// not set, so that several gateways run beside each other.
func (s *settings) followPort() {
	host, port, _ := net.SplitHostPort(s.Addr)
	for key, addr := range map[string]*string{"web-addr": &s.WebAddr, "metrics-addr": &s.MetricsAddr} {
		if port == "0" && s.places[key] == "" {
			*addr = net.JoinHostPort(host, port)
		}
	}
}

// connections are those that each of the three listeners takes: no more than leave
// descriptors for calls upstream and files.
func (s *settings) connections(descriptors uint64) int {
	left := int(min(descriptors, math.MaxInt32)) - s.MaxUpstreamCalls - spareDescriptors
	return max(1, min(s.MaxConnections, left/3))
}

// secure says that the gateway serves TLS.
func (s *settings) secure() bool { return s.Cert != "" }

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
	webCalls                 sync.WaitGroup
	admin                    atomic.Bool // the setting, which may change
}

func listen(ctx context.Context, g *gateway.Gateway, set *settings, signals *signals, advance http.Handler) (*servers, error) {
	s := &servers{gateway: g, set: set, signals: signals, log: signals.log, advance: advance}
	if set.secure() {
		var err error
		if s.files, err = tlsfiles.Load(set.Paths, s.log); err != nil {
			return nil, err
		}
		s.tls = s.files.Config()
		signals.watchCertificate(s.files)
	}
	if err := s.makeServers(); err != nil {
		return nil, err
	}
	most := set.connections(descriptors())
	if most < set.MaxConnections {
		s.log.Warn("max-connections is more than this process has descriptors for: set it lower, or raise ulimit -n", "connections", most)
	}
	for _, l := range []struct {
		listener  *net.Listener
		key, addr string
		bound     func(net.Listener, int) net.Listener
	}{
		// On the first two, more connections than the bound wait until one ends.
		{&s.grpc, "addr", set.Addr, netutil.LimitListener},
		{&s.web, "web-addr", set.WebAddr, netutil.LimitListener},
		{&s.metrics, "metrics-addr", set.MetricsAddr, newNewestListener},
	} {
		if l.addr == off {
			continue
		}
		listener, err := bind(ctx, l.addr)
		if err != nil {
			return nil, fmt.Errorf("%s: %w: set it to a free address", l.key, err) // the process ends, and with it the other listeners
		}
		*l.listener = l.bound(listener, most)
	}
	return s, nil
}

// bind returns an error that leaves out the address, which may be anything.
func bind(ctx context.Context, address string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return nil, errno
	}
	if err != nil {
		return nil, errors.New("no address of this machine")
	}
	return listener, nil
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
	s.webServer = edge.NewServer(s.counted(handler))
	// A call may take its timeout, after its request was read.
	s.webServer.ReadTimeout += s.set.Timeout
	s.webServer.WriteTimeout += s.set.Timeout
	edge.LimitAge(s.webServer, s.set.MaxConnectionAge)
	s.webServer.ErrorLog, s.webServer.TLSConfig = errorLog, s.tls
	s.setAdmin(s.set.Admin)
	s.signals.registry.MustRegister(newBuildInfo())
	if s.set.coolsDown() {
		s.signals.registry.MustRegister(heldCollector{s.gateway})
	}
	s.metricsServer = &http.Server{
		Handler: s.operations(), ErrorLog: errorLog, MaxHeaderBytes: maxHeaderBytes,
		ReadTimeout: scrapeTimeout, WriteTimeout: scrapeTimeout,
	}
	return nil
}

func (s *servers) webHandler(behind *edge.Backend) (http.Handler, error) {
	files := http.NewServeMux()
	files.HandleFunc("GET /openapi.yaml", deploy.OpenAPI)
	if s.set.Page != off {
		page, err := web.Handler(web.Info{Simulated: s.set.Simulate, Login: s.set.Simulate || s.set.Page == "on", Advance: s.advance})
		if err != nil {
			return nil, err
		}
		files.Handle("/", page)
	}
	return edge.New(behind, edge.Config{
		Hosts: s.set.AllowedHosts, Origins: s.set.WebOrigins, Fallback: files,
		MaxMessage: uint32(s.set.MaxRequestBytes), //nolint:gosec // the settings allow 1 GiB at most
		Admit:      s.gateway.Admit,
		Observe:    observeRefusals(s.signals.calls, s.signals.registry),
	})
}
