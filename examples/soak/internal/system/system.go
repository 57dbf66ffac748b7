// Package system is what a soak drives: servers with the interceptors, a server
// that relays to another one, proxies that reset connections, and a server that
// sends malformed replies. All are on loopback.
package system

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	pb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/codetable/grpc-codetable/examples/soak/internal/plan"
	"github.com/codetable/grpc-codetable/interceptor"
)

// Options say what to start.
type Options struct {
	// Seed is that of the plans.
	Seed uint64
	// Sent is called before a server sends a code.
	Sent func(id uint64)
	// Tamper changes what the servers send: a fault on purpose, for a test of
	// the checks. Nil changes nothing.
	Tamper func(error) error
}

// System is what runs.
type System struct {
	// Received is what the clients receive.
	Received Received
	// Panics counts panics that left the interceptors, and Resets the
	// connections that were reset on purpose.
	Panics, Resets atomic.Int64

	options   Options
	addresses [plan.Routes]string // of the servers
	proxies   [plan.Routes]*proxy // before the servers
	closers   []func() error
}

// Start starts the servers and the proxies.
func Start(ctx context.Context, o Options) (*System, error) {
	s := &System{options: o}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *System) start(ctx context.Context) error {
	origin := &service{planOf: planner(s.options.Seed), sent: s.options.Sent}
	bad, err := startHostile(ctx, s.options.Seed, s.options.Sent)
	if err != nil {
		return err
	}
	s.addresses[plan.Hostile] = bad.address
	s.closers = append(s.closers, bad.close)
	for _, route := range []plan.Route{plan.Internal, plan.Public, plan.Relay, plan.PublicRelay} {
		var srv pb.TestServiceServer = origin
		if route.Hops() {
			if srv, err = s.relay(); err != nil {
				return err
			}
		}
		if err := s.serve(ctx, route, srv); err != nil {
			return err
		}
	}
	return nil
}

// serve starts a server and the proxy before it.
func (s *System) serve(ctx context.Context, route plan.Route, srv pb.TestServiceServer) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err // net names the operation
	}
	var opts []interceptor.ServerOption
	if route.IsPublic() {
		opts = append(opts, interceptor.WithPublicBoundary())
	}
	server := grpc.NewServer(
		grpc.ChainUnaryInterceptor(s.guardUnary, interceptor.UnaryServerInterceptor(opts...), recovery.UnaryServerInterceptor(recovered)),
		grpc.ChainStreamInterceptor(s.guardStream, interceptor.StreamServerInterceptor(opts...), recovery.StreamServerInterceptor(recovered)),
	)
	pb.RegisterTestServiceServer(server, srv)
	var group sync.WaitGroup
	group.Go(func() { _ = server.Serve(listener) }) // it returns when the server is stopped
	s.closers = append(s.closers, func() error { server.Stop(); group.Wait(); return nil })
	s.addresses[route] = listener.Addr().String()
	s.proxies[route], err = startProxy(ctx, s.addresses[route], s.options.Seed+uint64(route), &s.Resets)
	if err == nil {
		s.closers = append(s.closers, s.proxies[route].close)
	}
	return err
}

// relay returns a server that calls the one of plan.Internal.
func (s *System) relay() (pb.TestServiceServer, error) {
	r := &relay{planOf: planner(s.options.Seed)}
	for flaky, client := range map[bool]*pb.TestServiceClient{false: &r.calm, true: &r.flaky} {
		conn, err := s.Dial(plan.Internal, flaky, true)
		if err != nil {
			return nil, err
		}
		s.closers = append(s.closers, conn.Close)
		*client = pb.NewTestServiceClient(conn)
	}
	return r, nil
}

// Dial connects a client to a route. A flaky connection is reset now and then. A
// decoding one has the client interceptors.
func (s *System) Dial(route plan.Route, flaky, decoding bool) (*grpc.ClientConn, error) {
	address, dial := s.addresses[route], s.dialer(route)
	if flaky {
		address = s.proxies[route].Addr().String()
	}
	opts := []grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{BaseDelay: time.Millisecond, MaxDelay: time.Millisecond}, MinConnectTimeout: time.Minute,
		}),
		grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
			return dial(ctx, "tcp", address)
		}),
	}
	if decoding {
		opts = append(opts,
			grpc.WithChainUnaryInterceptor(interceptor.UnaryClientInterceptor()),
			grpc.WithChainStreamInterceptor(interceptor.StreamClientInterceptor()))
	}
	return grpc.NewClient("passthrough:///"+address, opts...)
}

// Raw returns a client without gRPC, and the address of a route for it.
func (s *System) Raw(route plan.Route) (transport *http.Transport, address string) {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Transport{Protocols: protocols, DialContext: s.dialer(route)}, "http://" + s.addresses[route]
}

// dialer returns a function that connects a client to a route. What the client
// receives is searched, unless it is malformed.
func (s *System) dialer(route plan.Route) func(ctx context.Context, network, address string) (net.Conn, error) {
	find := secretIn
	if route.IsPublic() {
		find = operatorIn
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil || route == plan.Hostile {
			return conn, err
		}
		return s.Received.watch(conn, find), nil
	}
}

// Calm resets all flaky connections, so that a sample of the heap does not depend
// on which of them are open.
func (s *System) Calm() {
	for _, p := range s.proxies {
		if p != nil {
			p.resetAll()
		}
	}
}

// Close ends everything that Start started, in the opposite order.
func (s *System) Close() error {
	var errs []error
	for _, end := range slices.Backward(s.closers) {
		errs = append(errs, end())
	}
	s.closers = nil
	return errors.Join(errs...)
}
