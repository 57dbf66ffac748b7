package system

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
)

// TestProxy sends bytes until the proxy resets the connection.
func TestProxy(t *testing.T) {
	t.Parallel()
	echo, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	go func() {
		for {
			conn, err := echo.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(conn, conn); _ = conn.Close() }()
		}
	}()
	var resets atomic.Int64
	p, err := startProxy(t.Context(), echo.Addr().String(), 1, &resets)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", p.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	carried, message := 0, make([]byte, 100)
	for err == nil && carried <= maxBytes {
		if _, err = conn.Write(message); err == nil {
			_, err = io.ReadFull(conn, message)
			carried += len(message)
		}
	}
	if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
		t.Errorf("the connection ended after %d bytes with %v, want a reset", carried, err)
	}
	if err := p.close(); err != nil {
		t.Error(err)
	}
	if resets.Load() == 0 {
		t.Error("no reset was counted")
	}
}
