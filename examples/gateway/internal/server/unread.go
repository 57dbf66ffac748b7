package server

import (
	"net"
	"time"
)

// unreadTimeout is how long a client may leave unread what it is sent.
const unreadTimeout = 30 * time.Second

// unreadListener ends connections whose clients do not read. grpc-go would wait for ever
// to write to them, even to say that they are idle or too old, so they would keep others
// out. net/http has a timeout of its own.
type unreadListener struct{ net.Listener }

func (l unreadListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return unreadConn{conn}, nil
}

type unreadConn struct{ net.Conn }

func (c unreadConn) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(unreadTimeout)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(p)
	if err != nil {
		_ = c.Close() // grpc-go leaves that to the reader, which such a client keeps busy
	}
	return n, err
}
