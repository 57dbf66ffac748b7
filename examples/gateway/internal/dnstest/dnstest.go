// Package dnstest runs a name server for tests, which answers as that of a headless
// service in Kubernetes does: with the address of each replica.
package dnstest

import (
	"net"
	"net/netip"
	"runtime"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// Name is the only name that the server knows.
const Name = "gateway.test"

const (
	maxMessage = 512 // of DNS over UDP
	// attempts is the number of free ports to try, because one of them may be in use on
	// another address.
	attempts = 20
)

// Server is a name server on loopback.
type Server struct {
	// Address is host:port, over UDP.
	Address string

	conn    net.PacketConn
	replies atomic.Pointer[[]netip.Addr]
}

// Start runs a server until the test ends. At first its name has no address.
func Start(tb testing.TB) *Server {
	tb.Helper()
	conn, err := new(net.ListenConfig).ListenPacket(tb.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s := &Server{Address: conn.LocalAddr().String(), conn: conn}
	s.Set()
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		s.serve()
	}()
	tb.Cleanup(func() {
		_ = conn.Close()
		<-stopped
	})
	return s
}

// Set replaces the addresses of the name by those of the listeners.
func (s *Server) Set(listeners ...net.Listener) {
	addresses := make([]netip.Addr, 0, len(listeners))
	for _, listener := range listeners {
		addresses = append(addresses, netip.MustParseAddrPort(listener.Addr().String()).Addr())
	}
	s.replies.Store(&addresses)
}

func (s *Server) serve() {
	buffer := make([]byte, maxMessage)
	for {
		n, from, err := s.conn.ReadFrom(buffer)
		if err != nil {
			return // closed
		}
		if reply := s.reply(buffer[:n]); reply != nil {
			_, _ = s.conn.WriteTo(reply, from) // a resolver asks again
		}
	}
}

// reply is nil for what is not a query. The records have no time to live, so that nobody
// caches them.
func (s *Server) reply(query []byte) []byte {
	var parser dnsmessage.Parser
	header, err := parser.Start(query)
	if err != nil {
		return nil
	}
	question, err := parser.Question()
	if err != nil {
		return nil
	}
	message := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: header.ID, Response: true, Authoritative: true},
		Questions: []dnsmessage.Question{question},
	}
	switch {
	case question.Name.String() != Name+".":
		message.RCode = dnsmessage.RCodeNameError
	case question.Type == dnsmessage.TypeA:
		for _, address := range *s.replies.Load() {
			message.Answers = append(message.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET},
				Body:   &dnsmessage.AResource{A: address.As4()},
			})
		}
	}
	reply, err := message.Pack()
	if err != nil {
		return nil
	}
	return reply
}

// Listen returns listeners on one port of several loopback addresses: replicas have
// addresses of their own, and one port. Who serves a listener closes it. The test is
// skipped where only Linux has these addresses.
func Listen(tb testing.TB, replicas int) []net.Listener {
	tb.Helper()
	if runtime.GOOS != "linux" {
		tb.Skip("SKIPPED: this system has one loopback address only")
	}
	for range attempts {
		first := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 2}), 0)
		if listeners := listen(tb, first, replicas); listeners != nil {
			return listeners
		}
	}
	tb.Fatal("no port is free on all addresses")
	return nil
}

// listen returns nil where one of the addresses is in use.
func listen(tb testing.TB, next netip.AddrPort, replicas int) []net.Listener {
	tb.Helper()
	var listeners []net.Listener
	for range replicas {
		listener, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", next.String())
		if err != nil {
			for _, listener := range listeners {
				_ = listener.Close()
			}
			return nil
		}
		listeners = append(listeners, listener)
		used := netip.MustParseAddrPort(listener.Addr().String())
		next = netip.AddrPortFrom(used.Addr().Next(), used.Port())
	}
	return listeners
}
