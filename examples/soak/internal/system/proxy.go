package system

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
)

// maxBytes is the largest number of bytes that a proxy carries in one direction
// before it resets the connection. A call has about 1000.
const maxBytes = 20_000

// proxy carries TCP connections to a server, and resets each in the middle, at a
// random byte.
type proxy struct {
	net.Listener
	target string
	resets *atomic.Int64
	group  sync.WaitGroup

	mu    sync.Mutex
	rand  *rand.Rand
	conns map[net.Conn]bool
}

// startProxy listens on a free port. The seed decides where connections break.
func startProxy(ctx context.Context, target string, seed uint64, resets *atomic.Int64) (*proxy, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err // net names the operation
	}
	p := &proxy{
		Listener: listener, target: target, resets: resets, conns: map[net.Conn]bool{},
		rand: rand.New(rand.NewPCG(seed, 1)), //nolint:gosec // a run can be repeated
	}
	p.group.Go(p.serve)
	return p, nil
}

func (p *proxy) serve() {
	for {
		front, err := p.Accept()
		if err != nil {
			return // it was closed
		}
		back, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = front.Close()
			continue
		}
		p.mu.Lock()
		p.conns[front], p.conns[back] = true, true
		there, back2 := 1+p.rand.Int64N(maxBytes), 1+p.rand.Int64N(maxBytes)
		p.mu.Unlock()
		p.group.Go(func() { p.carry(back, front, there) })
		p.group.Go(func() { p.carry(front, back, back2) })
	}
}

// carry copies up to limit bytes, and resets both connections then.
func (p *proxy) carry(to, from net.Conn, limit int64) {
	_, err := io.CopyN(to, from, limit)
	if err == nil {
		p.resets.Add(1)
	}
	for _, conn := range []net.Conn{to, from} {
		reset(conn)
		p.mu.Lock()
		delete(p.conns, conn)
		p.mu.Unlock()
	}
}

// resetAll resets all connections.
func (p *proxy) resetAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		reset(conn)
	}
}

// close ends the proxy and its connections.
func (p *proxy) close() error {
	err := p.Close()
	p.resetAll()
	p.group.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// reset closes a connection with a TCP reset, so that its peer gets no more
// bytes.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // it fails if the connection is closed already
	}
	_ = conn.Close()
}
