package server

import (
	"container/list"
	"net"
	"sync"
)

// newestListener has a bounded number of connections. One more ends the connection
// that has sent nothing for the longest time. So nobody keeps a probe out by
// connections that stay open: a probe sends its request at once.
type newestListener struct {
	net.Listener

	most int
	mu   sync.Mutex
	open list.List // of *newestConn, the one that has sent last at the end
}

func newNewestListener(listener net.Listener, most int) net.Listener {
	return &newestListener{Listener: listener, most: most}
}

// Accept implements [net.Listener].
func (l *newestListener) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	conn := &newestConn{Conn: accepted, listener: l}
	l.mu.Lock()
	var oldest *newestConn
	if l.open.Len() >= l.most {
		oldest, _ = l.open.Front().Value.(*newestConn)
	}
	conn.place = l.open.PushBack(conn)
	l.mu.Unlock()
	if oldest != nil {
		_ = oldest.Close() // its peer may have left
	}
	return conn, nil
}

type newestConn struct {
	net.Conn

	listener *newestListener
	place    *list.Element
}

// Read implements [net.Conn].
func (c *newestConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.listener.mu.Lock()
		defer c.listener.mu.Unlock()
		c.listener.open.MoveToBack(c.place) // does nothing for one that was closed
	}
	return n, err
}

// Close implements [net.Conn].
func (c *newestConn) Close() error {
	c.listener.mu.Lock()
	c.listener.open.Remove(c.place) // the second Close has nothing to remove
	c.listener.mu.Unlock()
	return c.Conn.Close()
}
