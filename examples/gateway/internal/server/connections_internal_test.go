package server

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// TestConnectionsAreCapped opens far more connections than there are places. The
// others are served once these are gone.
func TestConnectionsAreCapped(t *testing.T) {
	t.Parallel()
	const places, idle = 5, 600
	r := runGateway(t, nil, "max-connections: 5", "-simulate")
	native := r.log.Await(t, `"gateway is listening","address":"([^"]+)"`)
	web := strings.TrimPrefix(r.web(t), "http://")
	var held []net.Conn
	for _, addr := range []string{native, web} {
		for range idle / 2 {
			conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			held = append(held, conn)
		}
	}
	// The first places are taken, so that the last connection gets no answer.
	last := held[len(held)-1]
	if err := last.SetDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(last, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if n, err := last.Read(make([]byte, 1)); n > 0 || err == nil {
		t.Errorf("connection %d of %d places was served", idle/2, places)
	}
	// A flood of callers makes no probe fail.
	if status, body := operate(t, http.MethodGet, r.operations(t)+"/healthz"); status != http.StatusOK {
		t.Errorf("/healthz is %d %s", status, body)
	}
	for _, conn := range held {
		conn.Close()
	}
	_, err := r.client(t, insecure.NewCredentials()).VerifyNumber(t.Context(),
		&jverificationv1.VerifyNumberRequest{Phone: phone, Token: "code-9000"}, grpc.WaitForReady(true))
	if err != nil {
		t.Errorf("gRPC: %v", err)
	}
	if !answered(t, http.DefaultClient, r.web(t)+"/v1/numbers:verify") {
		t.Error("web: not served")
	}
}

// TestDescriptorsSuffice has a process with fewer descriptors than the connections
// that are opened to one of its listeners. The other ones, and what the gateway opens
// itself, still get theirs.
func TestDescriptorsSuffice(t *testing.T) {
	t.Parallel()
	r, _, _ := startProcess(t, nil, 500, "", "-simulate")
	addr := strings.TrimPrefix(r.web(t), "http://")
	if !strings.Contains(r.log.String(), `"level":"WARN","msg":"max-connections is more than this process has descriptors for`) {
		t.Errorf("no warning in the log:\n%s", r.log)
	}
	for range 600 {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // before idle connections end by themselves
	defer cancel()
	_, err := r.client(t, insecure.NewCredentials()).VerifyNumber(ctx,
		&jverificationv1.VerifyNumberRequest{Phone: phone, Token: "code-9000"})
	if err != nil {
		t.Error(err)
	}
}

// exhausted has no descriptor for the first connections.
type exhausted struct {
	net.Listener

	failures int
}

func (l *exhausted) Accept() (net.Conn, error) {
	if l.failures--; l.failures >= 0 {
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	return l.Listener.Accept()
}

// TestListenersOutliveExhaustion runs out of descriptors for a while.
func TestListenersOutliveExhaustion(t *testing.T) {
	t.Parallel()
	s, _ := pipedServers(t, "", consistent{})
	for _, l := range []*net.Listener{&s.grpc, &s.web} {
		listener, err := bind(t.Context(), "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		*l = &exhausted{listener, 3}
	}
	ctx, terminate := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.serve(ctx) }()
	conn, err := grpc.NewClient(s.grpc.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	if err := call(t, conn); err != nil {
		t.Errorf("gRPC: %v", err)
	}
	if !answered(t, http.DefaultClient, s.webURL()+"/v1/numbers:verify") {
		t.Error("web: not served")
	}
	conn.Close()
	terminate()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// TestHosts refuses requests for the name of somebody else, on the metrics address
// as well.
func TestHosts(t *testing.T) {
	t.Parallel()
	r := runGateway(t, nil, "allowed-hosts: [gateway.example]", "-simulate")
	for _, url := range []string{r.web(t) + "/", r.log.Await(t, `"metrics are listening","url":"([^"]+)"`)} {
		for host, want := range map[string]int{
			"": http.StatusOK, "localhost": http.StatusOK, "gateway.example:8092": http.StatusOK, "evil.example": http.StatusMisdirectedRequest,
		} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Host = host
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			if resp.Body.Close(); resp.StatusCode != want {
				t.Errorf("%s for host %q: %s, want %d", url, host, resp.Status, want)
			}
		}
	}
}

// TestBoundary hides operator codes unless the gateway is internal.
func TestBoundary(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file string
		args       []string
		shown      bool
	}{
		{"default", "", nil, false},
		{"flag", "", []string{"-internal"}, true},
		{"file", "internal: true", nil, true},
		{"flag over file", "internal: true", []string{"-internal=false"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := runGateway(t, nil, tt.file, append(tt.args, "-simulate")...)
			got := fetch(t, http.DefaultClient, http.MethodPost, r.web(t)+"/v1/numbers:verify", `{"phone":"`+phone+`","token":"code-9018"}`)
			if strings.Contains(got, "APPKEY_NO_MONEY") != tt.shown {
				t.Errorf("shown = %t, want %t: %s", !tt.shown, tt.shown, got)
			}
		})
	}
}

// TestSilentConnectionEnds frees a place that a caller takes without a word.
func TestSilentConnectionEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, listener := pipedServers(t, "", consistent{})
		go func() { _ = s.native.Serve(listener) }()
		defer s.native.Stop()
		conn, err := listener.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		began := time.Now()
		_, _ = io.Copy(io.Discard, conn) // until the server closes it
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("it ended after %v", took)
		}
	})
}

// TestDeafConnectionsEnd has a client of HTTP/2 that reads nothing, and one that goes on
// to write. Their connections would take places until they are too old.
func TestDeafConnectionsEnd(t *testing.T) {
	t.Parallel()
	for _, web := range []bool{false, true} {
		for _, writes := range []bool{false, true} {
			t.Run(fmt.Sprintf("web %t, writes %t", web, writes), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { checkDeaf(t, web, writes) })
			})
		}
	}
}

func checkDeaf(t *testing.T, web, writes bool) {
	t.Helper()
	s, _ := pipedServers(t, "keepalive-min-time: 1s", consistent{})
	defer s.native.Stop()
	listener := watchedListener{bufconn.Listen(256), make(chan time.Time, 1)} // bytes that the gateway can write
	if web {
		go func() { _ = s.webServer.Serve(listener) }()
		defer s.webServer.Close()
	} else {
		go func() { _ = s.native.Serve(unreadListener{listener}) }()
	}
	conn, err := listener.Dial()
	if err != nil {
		t.Fatal(err)
	}
	var writing sync.WaitGroup
	defer writing.Wait()
	defer conn.Close()
	began, frames := time.Now(), http2.NewFramer(conn, nil)
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	if err := frames.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	if writes {
		writing.Go(func() {
			for frames.WritePing(false, [8]byte{}) == nil {
				time.Sleep(5 * time.Second)
			}
		})
	}
	if took := (<-listener.closed).Sub(began); took > 5*time.Minute {
		t.Errorf("it ended after %v", took)
	}
}

// watchedListener tells when its only connection ends.
type watchedListener struct {
	*bufconn.Listener

	closed chan time.Time
}

func (l watchedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return watchedConn{conn, l.closed}, err
}

type watchedConn struct {
	net.Conn

	closed chan time.Time
}

func (c watchedConn) Close() error {
	select {
	case c.closed <- time.Now():
	default: // it was closed before
	}
	return c.Conn.Close()
}
