package server

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// ask sends a request to a listener in memory.
func ask(t *testing.T, listener *bufconn.Listener, method, path string) (status int, body string) {
	t.Helper()
	transport := &http.Transport{
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return listener.DialContext(ctx) },
		DisableKeepAlives: true,
	}
	r, err := http.NewRequestWithContext(t.Context(), method, "http://localhost"+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return send(t, transport, r)
}

// send returns the status 0 for a request that has no answer.
func send(t *testing.T, transport http.RoundTripper, r *http.Request) (status int, body string) {
	t.Helper()
	resp, err := transport.RoundTrip(r)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(text)
}

// openStream begins a call that lasts until it is closed.
func openStream(t *testing.T, native *bufconn.Listener) (closeStream func()) {
	t.Helper()
	conn, err := grpc.NewClient("passthrough:///gateway", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return native.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	stream, err := jverificationv1.NewVerificationServiceClient(conn).VerifyNumbers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&jverificationv1.VerifyNumbersRequest{}); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := stream.CloseSend(); err != nil {
			t.Error(err)
		}
		if _, err := stream.Recv(); err != io.EOF {
			t.Errorf("the stream ended with %v", err)
		}
		conn.Close()
	}
}

// unlessDown is an upstream that a test takes away.
type unlessDown struct{ down *atomic.Bool }

func (u unlessDown) RoundTrip(r *http.Request) (*http.Response, error) {
	if u.down.Load() {
		return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: phone}}
	}
	return slow(time.Second).RoundTrip(r)
}

// TestProbes follows a gateway from its start to its end: the upstream decides who
// gets calls, and only the end of the process is the end of its life.
func TestProbes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var down atomic.Bool
		s, native := pipedServers(t, "drain-delay: 10s\ngrace: 20s", unlessDown{&down})
		metrics := bufconn.Listen(1 << 16)
		s.metrics = loopback{metrics}
		ctx, terminate := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- s.serve(ctx) }()
		look := func(when string, want int, why string) {
			t.Helper()
			if status, body := ask(t, metrics, http.MethodGet, "/healthz"); status != http.StatusOK || body != "ok\n" {
				t.Errorf("%s: /healthz is %d %q", when, status, body)
			}
			if status, body := ask(t, metrics, http.MethodGet, "/readyz"); status != want || body != why+"\n" {
				t.Errorf("%s: /readyz is %d %q, want %d %q", when, status, body, want, why)
			}
		}
		const unavailable = http.StatusServiceUnavailable
		look("before the first probe has ended", unavailable, "not ready: the first probe of the upstream has not ended")
		time.Sleep(2 * time.Second)
		look("after it", http.StatusOK, "ok")
		down.Store(true)
		time.Sleep(time.Minute)
		look("without an upstream", unavailable, "not ready: the upstream can't be reached: dns")
		down.Store(false)
		time.Sleep(time.Minute)
		look("with one again", http.StatusOK, "ok")
		closeStream := openStream(t, native)
		terminate()
		synctest.Wait()
		look("while it drains", unavailable, "not ready: the gateway is shutting down")
		time.Sleep(15 * time.Second)
		look("while calls under way get their time", unavailable, "not ready: the gateway is shutting down")
		closeStream()
		if err := <-served; err != nil {
			t.Error(err)
		}
		if status, body := ask(t, metrics, http.MethodGet, "/healthz"); status != 0 {
			t.Errorf("after the end /healthz is %d %q", status, body)
		}
	})
}

// TestProbesNameAnyHost wants no probe to be refused for its Host: that of a kubelet
// is the address of the pod, some have none, and a balancer may have its own.
func TestProbesNameAnyHost(t *testing.T) {
	t.Parallel()
	s, _ := pipedServers(t, "", consistent{})
	for _, tt := range []struct {
		host, path string
		want       int
	}{
		{"10.0.0.7:8092", "/healthz", http.StatusOK},
		{"10.0.0.7:8092", "/readyz", http.StatusServiceUnavailable},
		{"10.0.0.7:8092", "/metrics", http.StatusOK}, // of Prometheus, which has the address of the pod too
		{"[fd00::7]:8092", "/healthz", http.StatusOK},
		{"", "/healthz", http.StatusOK},
		{"balancer.example", "/healthz", http.StatusOK},
		{"balancer.example", "/readyz", http.StatusServiceUnavailable},
		{"balancer.example", "/metrics", http.StatusMisdirectedRequest},
	} {
		local := &net.TCPAddr{IP: net.IPv4(10, 0, 0, 7), Port: 8092}
		r := httptest.NewRequestWithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, local), http.MethodGet, "http://replaced"+tt.path, http.NoBody)
		r.Host = tt.host
		w := httptest.NewRecorder()
		s.metricsServer.Handler.ServeHTTP(w, r)
		if w.Code != tt.want {
			t.Errorf("%s of %q: status %d, want %d: %s", tt.path, tt.host, w.Code, tt.want, w.Body)
		}
	}
}

// TestUnreachableAtStart wants a gateway without an upstream to say so at once, and
// to live.
func TestUnreachableAtStart(t *testing.T) {
	t.Parallel()
	r := runGateway(t, environment{"JVERIFICATION_MASTER_SECRET": secret}, "app-key: key\nupstream-url: http://127.0.0.1:1")
	url := r.operations(t)
	r.log.Await(t, `"level":"ERROR","msg":"(the upstream can't be reached: not serving)","cause":"refused"`)
	if _, got := operate(t, http.MethodGet, url+"/readyz"); got != "not ready: the upstream can't be reached: refused\n" {
		t.Errorf("/readyz is %q", got)
	}
	if _, got := operate(t, http.MethodGet, url+"/healthz"); got != "ok\n" {
		t.Errorf("/healthz is %q", got)
	}
}
