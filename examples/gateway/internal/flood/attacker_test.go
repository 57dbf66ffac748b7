package flood_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/protobuf/proto"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

const (
	// hostile is another address of loopback, so that the gateway tells the attacker
	// from the well-behaved caller.
	hostile = "127.0.0.2"
	// stalled is when an attacker that is not let write any more rests its case.
	stalled = 200 * time.Millisecond
	// mostConnections bounds how often an attacker that is cut off comes back.
	mostConnections = 100
)

// flood is what an attacker does on one listener.
type flood struct {
	name  string
	conns int                   // at a time
	steps int                   // of each connection's share
	plain bool                  // no HTTP/2: step writes bytes
	deaf  bool                  // it never reads
	hold  bool                  // the connections stay open until the caller has its answers
	naked bool                  // no TLS where the gateway has it
	roots *x509.CertPool        // for TLS, else nil
	begin func(*attacker) error // on each new connection
	step  func(*attacker) error
}

// attack is a flood under way.
type attack struct {
	flood

	address string
	until   time.Time // of a long flood, else zero

	frames, dials, ended atomic.Int64 // ended by the gateway
	begun, ready         sync.WaitGroup
	release              context.CancelFunc
	gone                 sync.WaitGroup
}

// start begins an attack. It has begun once each connection was made for the first time,
// and is ready when all has been sent.
func (f flood) start(address string, long time.Duration) *attack {
	a := &attack{flood: f, address: address}
	if long > 0 {
		a.until = time.Now().Add(long)
	}
	var ctx context.Context
	ctx, a.release = context.WithCancel(context.Background())
	for range f.conns {
		a.begun.Add(1)
		a.ready.Add(1)
		a.gone.Go(func() { a.run(ctx) })
	}
	return a
}

// run sends the share of one connection, on as many as it takes.
func (a *attack) run(ctx context.Context) {
	begun, ready := sync.OnceFunc(a.begun.Done), sync.OnceFunc(a.ready.Done)
	defer ready()
	defer begun()
	for left, dials := a.steps, 0; left > 0 && ctx.Err() == nil; dials++ {
		if a.until.IsZero() && dials == mostConnections || !a.until.IsZero() && time.Now().After(a.until) {
			return
		}
		conn, err := a.dial(ctx)
		if err != nil {
			return
		}
		begun()
		left = conn.spend(left)
		if !a.until.IsZero() && !a.hold {
			left = a.steps // goes on until the time is over
		}
		if a.hold && left == 0 {
			ready()
			<-ctx.Done()
		}
		_ = conn.Close()
	}
}

// attacker is one connection of an attack.
type attacker struct {
	net.Conn
	*http2.Framer
	*attack

	to      *bufio.Writer
	stream  uint32
	header  bytes.Buffer
	encoder *hpack.Encoder
}

func (a *attack) dial(ctx context.Context) (*attacker, error) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(hostile)}}
	conn, err := dialer.DialContext(ctx, "tcp", a.address)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { _ = conn.Close() })
	a.dials.Add(1)
	if a.roots != nil && !a.naked {
		conn = tls.Client(conn, &tls.Config{RootCAs: a.roots, ServerName: "127.0.0.1", NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12})
	}
	x := &attacker{Conn: conn, attack: a, stream: 1}
	x.to = bufio.NewWriterSize(conn, 32<<10)
	x.Framer = http2.NewFramer(counter{x}, nil)
	x.AllowIllegalWrites = true
	x.encoder = hpack.NewEncoder(&x.header)
	if !a.deaf {
		go func() { _, _ = io.Copy(io.Discard, conn) }()
	}
	return x, nil
}

// counter counts frames: a framer writes each at once.
type counter struct{ *attacker }

func (c counter) Write(p []byte) (int, error) {
	c.frames.Add(1)
	return c.to.Write(p)
}

// spend does steps until the gateway ends the connection, and returns how many are left.
func (x *attacker) spend(left int) int {
	err := error(nil)
	if !x.plain {
		_, err = x.to.WriteString(http2.ClientPreface)
		err = errors.Join(err, x.WriteSettings())
	}
	if err == nil && x.begin != nil {
		err = x.begin(x)
	}
	for ; left > 0 && err == nil; left-- {
		if x.deaf || x.hold {
			_ = x.SetWriteDeadline(time.Now().Add(stalled)) // fails where the connection does
		}
		if err = x.step(x); err == nil && (x.deaf || left%64 == 1) {
			err = x.to.Flush()
		}
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded): // held as it is
		return 0
	case err != nil:
		x.ended.Add(1)
	}
	return left
}

// say writes bytes, which count as one frame.
func (x *attacker) say(text string) error {
	x.frames.Add(1)
	_, err := x.to.WriteString(text)
	return err
}

// block encodes fields, of which every second is a value.
func (x *attacker) block(fields ...string) []byte {
	x.header.Reset()
	for i := 0; i < len(fields); i += 2 {
		_ = x.encoder.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]}) // a buffer takes everything
	}
	return x.header.Bytes()
}

// call opens a stream with the header of a call of gRPC.
func (x *attacker) call(end bool, more ...string) error {
	x.stream += 2
	return x.WriteHeaders(http2.HeadersFrameParam{StreamID: x.stream, EndHeaders: true, EndStream: end, BlockFragment: x.block(append([]string{
		":method", "POST", ":scheme", "http", ":path", jverificationv1.VerificationService_VerifyNumber_FullMethodName,
		":authority", "localhost", "content-type", "application/grpc", "te", "trailers",
	}, more...)...)})
}

// whole is a call with its message.
func (x *attacker) whole() error {
	if err := x.call(false); err != nil {
		return err
	}
	return x.WriteData(x.stream, true, message)
}

// message is a request whose answer is a success.
var message = framed(&jverificationv1.VerifyNumberRequest{Phone: phone, Token: "code-9000"})

func framed(m proto.Message) []byte {
	text, _ := proto.Marshal(m) // it is valid
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(text))), text...)
}
