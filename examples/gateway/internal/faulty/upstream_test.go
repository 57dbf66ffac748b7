package faulty_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
)

// What a reply says beside its code, and must reach nobody. In a reply @free stands for
// the first, and @echo for the body of the request with the credentials.
const (
	free   = "free text of the upstream"
	secret = "5e987ac6d2e04d95a9d8f0d1"
	phone  = "13912345679"
)

// tokens are those of this test, in whatever form a request comes.
var tokens = regexp.MustCompile(`single-use-[a-z]+-[a-z]+`)

// upstream listens on TCP, and gives each connection one reply.
type upstream struct {
	url  string
	sent atomic.Int64 // bytes that were written

	mu      sync.Mutex
	arrived map[string]int // how often each token did
	open    []net.Conn
}

// serve runs the upstream of a reply until the test ends.
func serve(t *testing.T, r reply) *upstream {
	t.Helper()
	listener := gatewaytest.Listen(t)
	u := &upstream{url: "http://" + listener.Addr().String(), arrived: map[string]int{}}
	if r.tls != nil {
		u.url = "https://" + listener.Addr().String()
	}
	var serving sync.WaitGroup
	t.Cleanup(func() {
		listener.Close()
		u.close() // the gateway keeps connections that it may still need
		serving.Wait()
	})
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			u.keep(conn)
			serving.Go(func() {
				if r.tls != nil {
					conn = tls.Server(conn, r.tls)
				}
				defer conn.Close()
				r.give(&call{Conn: conn, upstream: u, from: bufio.NewReader(conn)})
			})
		}
	})
	return u
}

func (u *upstream) keep(conn net.Conn) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.open = append(u.open, conn)
}

func (u *upstream) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, conn := range u.open {
		_ = conn.Close() // most are closed
	}
}

// note counts the tokens of a request.
func (u *upstream) note(request string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, token := range tokens.FindAllString(request, -1) {
		u.arrived[token]++
	}
}

// check wants each token at most once, and an end of each reply.
func (u *upstream) check(t *testing.T, calls int) {
	t.Helper()
	u.mu.Lock()
	defer u.mu.Unlock()
	for token, times := range u.arrived {
		if times > 1 {
			t.Errorf("the upstream got %s %d times", token, times)
		}
	}
	if len(u.arrived) != calls {
		t.Errorf("the upstream got %d of %d calls", len(u.arrived), calls)
	}
	if sent := u.sent.Load(); sent > 4*mostRead {
		t.Errorf("four calls read %d bytes", sent)
	}
}

// call is a connection to the upstream.
type call struct {
	net.Conn
	*upstream

	from    *bufio.Reader
	request string // its body and its credentials
	said    int    // bytes
}

// read reads a request of HTTP/1.1 to its end. It reports false where none came, such
// as on a connection that the gateway opened in vain.
func (c *call) read() bool {
	r, err := http.ReadRequest(c.from)
	if err != nil {
		return false
	}
	body, err := io.ReadAll(r.Body)
	c.request = string(body) + r.Header.Get("Authorization") + secret
	c.note(c.request)
	return err == nil
}

// say writes a text. It fails where the gateway has left.
func (c *call) say(text string) error {
	n, err := io.WriteString(c.Conn, strings.NewReplacer("@free", free, "@echo", c.request).Replace(text))
	c.said += n
	c.sent.Add(int64(n))
	return err
}

// repeat says a text until the gateway leaves, or until it has had enough to tell that
// it would read for ever.
func (c *call) repeat(text string) {
	for err := error(nil); err == nil && c.said <= mostRead; {
		err = c.say(text)
	}
}

// wait returns when the gateway leaves.
func (c *call) wait() { _, _ = io.Copy(io.Discard, c.from) }

// reset closes the connection with a reset of TCP.
func (c *call) reset() {
	if conn, ok := c.Conn.(*net.TCPConn); ok {
		_ = conn.SetLinger(0)
	}
}

// script is what the upstream does with a connection before it closes it.
type script func(c *call)

// after does something when it has read a request.
func after(do script) script {
	return func(c *call) {
		if c.read() {
			do(c)
		}
	}
}

// says answers with bytes that need not be HTTP.
func says(text string) script { return after(func(c *call) { _ = c.say(text) }) }

// then says something after a text.
func then(text string, do script) script {
	return after(func(c *call) {
		if c.say(text) == nil {
			do(c)
		}
	})
}

const ok = "HTTP/1.1 200 OK\r\n"

// answers is a complete reply with a status and a body, which may echo.
func answers(status int, body string, header ...string) script {
	return after(func(c *call) {
		body := strings.NewReplacer("@free", free, "@echo", quote(c.request)).Replace(body)
		_ = c.say("HTTP/1.1 " + strconv.Itoa(status) + " @free\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n" +
			lines(header) + "Connection: close\r\n\r\n")
		_, _ = io.WriteString(c.Conn, body)
	})
}

// quote makes a text fit into a string of JSON.
func quote(text string) string {
	quoted := strconv.Quote(text)
	return quoted[1 : len(quoted)-1]
}

func lines(header []string) string {
	text := ""
	for _, line := range header {
		text += line + "\r\n"
	}
	return text
}

// logBuffer is a log that servers write to while a test reads it.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
