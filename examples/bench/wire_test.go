package bench_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/codetable/grpc-codetable/examples/bench/internal/peer"
)

// wireBytes returns the size of the answer to a failing call: its data, and its
// header list as a peer's limit counts it, which is each name and value and 32
// bytes (RFC 9113, section 6.5.2). The size of the compressed headers is no
// count, because it depends on the date.
func (w work) wireBytes(tb testing.TB, failure func() error) int {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tapped := &tap{Listener: listener}
	client := w.start(tb, peer.Options{Listener: tapped}, failure)
	if _, failed, ok := w.call(tb.Context(), client); !failed || !ok {
		tb.Fatalf("%s: the code is lost", w.Name)
	}
	size, err := answerSize(tapped.sent())
	if err != nil {
		tb.Fatal(err)
	}
	return size
}

// answerSize reads the frames of a server's side of a connection.
func answerSize(sent []byte) (size int, err error) {
	framer := http2.NewFramer(io.Discard, bytes.NewReader(sent))
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	for {
		frame, err := framer.ReadFrame()
		if errors.Is(err, io.EOF) {
			return size, nil
		}
		if err != nil {
			return 0, err
		}
		switch frame := frame.(type) {
		case *http2.MetaHeadersFrame:
			for _, field := range frame.Fields {
				size += int(field.Size())
			}
		case *http2.DataFrame:
			size += len(frame.Data())
		}
	}
}

// tap keeps what the server writes to its connections.
type tap struct {
	net.Listener

	mu      sync.Mutex
	written bytes.Buffer
}

func (t *tap) sent() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Clone(t.written.Bytes())
}

func (t *tap) Accept() (net.Conn, error) {
	conn, err := t.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return tappedConn{conn, t}, nil
}

type tappedConn struct {
	net.Conn

	tap *tap
}

// Write keeps the bytes before it sends them, so that they are here when the
// client has them.
func (c tappedConn) Write(sent []byte) (int, error) {
	c.tap.mu.Lock()
	c.tap.written.Write(sent)
	c.tap.mu.Unlock()
	return c.Conn.Write(sent)
}
