package simulator_test

import (
	"context"
	"errors"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

// pipes is a listener without a network, so that a bubble knows who waits.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p pipes) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	p.conns <- server
	return client, nil
}

// Accept implements [net.Listener].
func (p pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener].
func (p pipes) Close() error { close(p.closed); return nil }

// Addr implements [net.Listener].
func (p pipes) Addr() net.Addr { return &net.UnixAddr{} }

// serveInMemory serves a handler for clients of the same bubble, with the
// timeouts of a careful server.
func serveInMemory(t *testing.T, handler http.Handler) *http.Client {
	t.Helper()
	listener := pipes{make(chan net.Conn), make(chan struct{})}
	server := &http.Server{Handler: handler, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second}
	served := make(chan error)
	go func() { served <- server.Serve(listener) }()
	transport := &http.Transport{DialContext: listener.dial}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serve: %v", err)
		}
	})
	return &http.Client{Transport: transport}
}

// ask returns what a user of the library gets from a call.
func ask(ctx context.Context, t *testing.T, client *http.Client, url, token string) error {
	t.Helper()
	return rest.Do[jverificationv1.ResponseCode](client, outgoing(ctx, t, url, token), nil)
}

// outgoing is a request that a client can send.
func outgoing(ctx context.Context, t *testing.T, url, token string) *http.Request {
	t.Helper()
	r := newRequest(t, "/v1/web/verify", object{"token": token, "phone": phone})
	sent, err := http.NewRequestWithContext(ctx, r.Method, url+r.URL.Path, r.Body)
	if err != nil {
		t.Fatal(err)
	}
	sent.Header = r.Header
	return sent
}

// TestFaultsThroughTheLibrary runs on the clock of a bubble, which also waits
// for every goroutine to end.
func TestFaultsThroughTheLibrary(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t, func(c *simulator.Config) { c.Latency = 30 * time.Second })
	w := httptest.NewRecorder()
	s.ServeHTTP(w, newRequest(t, "/v1/web/verify", object{"token": "code-9000"}))
	trickled := time.Duration(w.Body.Len()) * simulator.DefaultConfig().Trickle
	tests := []struct {
		name, token string
		patience    time.Duration // of the client; 0 has no end
		plain       bool          // the client does not know gzip
		want        codes.Code
		says        string
		takes       time.Duration
	}{
		{name: "none", token: "code-9000"},
		{name: "latency beyond the timeouts of the server", token: "fault-latency", takes: 30 * time.Second},
		{name: "latency beyond the client's patience", token: "fault-latency", patience: time.Second, want: codes.DeadlineExceeded, takes: time.Second},
		{name: "hang", token: "fault-hang", want: codes.Unavailable, takes: time.Minute},
		{name: "hang beyond the client's patience", token: "fault-hang", patience: time.Second, want: codes.DeadlineExceeded, takes: time.Second},
		{name: "reset", token: "fault-reset", want: codes.Unavailable},
		{name: "truncated", token: "fault-truncated", want: codes.Unknown, says: "HTTP 200 without a response code"},
		{name: "html502", token: "fault-html502", want: codes.Unavailable, says: "HTTP 502 without a response code"},
		{name: "slow", token: "fault-slow", takes: trickled},
		{name: "slow beyond the client's patience", token: "fault-slow", patience: time.Second, want: codes.DeadlineExceeded, takes: time.Second},
		{name: "mediatype", token: "fault-mediatype"},
		{name: "gzip", token: "fault-gzip"},
		{name: "gzip for who does not know it", token: "fault-gzip", plain: true, want: codes.Unknown, says: "HTTP 200 without a response code"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := serveInMemory(t, s)
				client.Transport.(*http.Transport).DisableCompression = tt.plain
				ctx, start := t.Context(), time.Now()
				if tt.patience > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.patience)
					defer cancel()
				}
				err := ask(ctx, t, client, "http://simulator", tt.token)
				if got := status.Code(err); got != tt.want || err != nil && !strings.Contains(err.Error(), tt.says) {
					t.Errorf("error = %v, want %v and %q", err, tt.want, tt.says)
				}
				if took := time.Since(start); took != tt.takes {
					t.Errorf("took %v, want %v", took, tt.takes)
				}
			})
		})
	}
}

// TestClientLeaves checks that the call ends when its client leaves, and not when the
// fault does.
func TestClientLeaves(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"fault-latency", "fault-hang", "fault-slow"} {
		t.Run(token, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, _ := newSimulator(t, func(c *simulator.Config) {
					c.Latency, c.HangLimit, c.Trickle = time.Hour, time.Hour, time.Hour
				})
				start, ended := time.Now(), make(chan time.Duration, 1)
				client := serveInMemory(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					defer func() { ended <- time.Since(start) }()
					s.ServeHTTP(w, r)
				}))
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if err := ask(ctx, t, client, "http://simulator", token); status.Code(err) != codes.DeadlineExceeded {
					t.Errorf("error = %v, want DeadlineExceeded", err)
				}
				if after := <-ended; after != time.Second {
					t.Errorf("the call ended after %v, want 1s", after)
				}
			})
		})
	}
}

func TestSlowComesByteByByte(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := newSimulator(t, func(c *simulator.Config) { c.Trickle = time.Second })
		client, start := serveInMemory(t, s), time.Now()
		reply, err := client.Do(outgoing(t.Context(), t, "http://simulator", "fault-slow"))
		if err != nil {
			t.Fatal(err)
		}
		defer reply.Body.Close()
		for i := range 3 {
			if n, err := reply.Body.Read(make([]byte, 10)); n != 1 || err != nil {
				t.Errorf("read %d bytes, %v; want 1", n, err)
			}
			if took, want := time.Since(start), time.Duration(i+1)*time.Second; took != want {
				t.Errorf("byte %d came after %v, want %v", i, took, want)
			}
		}
	})
}

func TestFaultOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := newSimulator(t)
		client := serveInMemory(t, s)
		for _, want := range []codes.Code{codes.Unavailable, codes.OK, codes.OK} {
			if err := ask(t.Context(), t, client, "http://simulator", "then-success-fault-reset-x"); status.Code(err) != want {
				t.Errorf("error = %v, want %v", err, want)
			}
		}
	})
}

func TestResetOverTCP(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	err := ask(t.Context(), t, server.Client(), server.URL, "fault-reset")
	if status.Code(err) != codes.Unavailable || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("error = %v, want Unavailable by %v", err, syscall.ECONNRESET)
	}
}

// TestResetOverHTTP2 resets the stream alone.
func TestResetOverHTTP2(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t)
	server := httptest.NewUnstartedServer(s)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	for token, want := range map[string]codes.Code{"code-9000": codes.OK, "fault-reset": codes.Unavailable} {
		if err := ask(t.Context(), t, server.Client(), server.URL, token); status.Code(err) != want {
			t.Errorf("%s: error = %v, want %v", token, err, want)
		}
	}
}

// TestWaitsWithoutAConnection calls the handler alone, with a client that stays and
// with one that leaves after a millisecond.
func TestWaitsWithoutAConnection(t *testing.T) {
	t.Parallel()
	config := simulator.DefaultConfig()
	tests := []struct {
		token  string
		waits  time.Duration // of a client that stays, for each byte of fault-slow
		aborts bool          // for a client that stays
	}{
		{token: "fault-latency", waits: config.Latency},
		{token: "fault-hang", waits: config.HangLimit, aborts: true},
		{token: "fault-slow", waits: config.Trickle},
		{token: "fault-reset", aborts: true},
		{token: "fault-truncated"},
	}
	for _, tt := range tests {
		for _, leaves := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				s, _ := newSimulator(t)
				r := newRequest(t, "/v1/web/verify", object{"token": tt.token})
				want, wantAbort := tt.waits, tt.aborts
				if leaves {
					ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
					defer cancel()
					r, want, wantAbort = r.WithContext(ctx), min(want, time.Millisecond), tt.aborts || tt.waits > 0
				}
				w, start := httptest.NewRecorder(), time.Now()
				if got := aborts(s, w, r); got != wantAbort {
					t.Errorf("%s, leaves %t: aborted = %t", tt.token, leaves, got)
				}
				if tt.token == "fault-slow" && !leaves {
					want *= time.Duration(w.Body.Len())
				}
				if took := time.Since(start); took != want {
					t.Errorf("%s, leaves %t: took %v, want %v", tt.token, leaves, took, want)
				}
			})
		}
	}
}

// aborts reports whether a call ends in the panic with which net/http drops a
// connection that can't be hijacked.
func aborts(handler http.Handler, w http.ResponseWriter, r *http.Request) (aborted bool) {
	defer func() {
		if thrown := recover(); thrown != nil {
			aborted = thrown == http.ErrAbortHandler
		}
	}()
	handler.ServeHTTP(w, r)
	return false
}

func TestFaultsOnEveryPath(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t, func(c *simulator.Config) { c.NativeStatus = true })
	for _, path := range slices.Sorted(maps.Keys(endpoints)) {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, newRequest(t, path, object{endpoints[path]: "fault-html502"}))
		if w.Code != http.StatusBadGateway || !strings.HasPrefix(w.Body.String(), "<html>") || w.Header().Get("Content-Type") != "text/html" {
			t.Errorf("%s: got %d %v %q, want a page with 502", path, w.Code, w.Header(), w.Body)
		}
	}
}

func TestMediaTypeIsWrong(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, newRequest(t, "/v1/web/verify", object{"token": "fault-mediatype"}))
	if got := w.Header().Get("Content-Type"); !strings.HasPrefix(got, "text/html") {
		t.Errorf("Content-Type = %s, want text/html", got)
	}
}
