package server

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// consistent is an upstream that answers 9000.
type consistent struct{}

func (consistent) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"code":9000}`))}, nil
}

// pipedServers are the servers of the command, with a gRPC listener in memory.
func pipedServers(t *testing.T, file string, upstream http.RoundTripper) (*servers, *bufconn.Listener) {
	t.Helper()
	env := environment{"JVERIFICATION_MASTER_SECRET": secret}
	set, err := parse([]string{"-config", write(t, "upstream-url: https://api.example\napp-key: key\n"+file)}, env)
	if err != nil {
		t.Fatal(err)
	}
	signals, err := newSignals(t.Context(), set, env, &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	set.Transport = upstream
	g, err := gateway.New(signals.configure(set.Config))
	if err != nil {
		t.Fatal(err)
	}
	listener := bufconn.Listen(1 << 16)
	s := &servers{gateway: g, set: set, signals: signals, log: signals.log, grpc: listener}
	if err := s.makeServers(); err != nil {
		t.Fatal(err)
	}
	return s, listener
}

// TestDrainDelay has the gateway say that it goes, and take calls until balancers
// have had the time to notice.
func TestDrainDelay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const delay = 30 * time.Second
		s, listener := pipedServers(t, "drain-delay: "+delay.String(), consistent{})
		ctx, terminate := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- s.serve(ctx) }()
		conn, err := grpc.NewClient("passthrough:///gateway", grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		look := func(when string, want healthpb.HealthCheckResponse_ServingStatus) {
			t.Helper()
			for service, want := range map[string]healthpb.HealthCheckResponse_ServingStatus{
				"": healthpb.HealthCheckResponse_SERVING, "liveness": healthpb.HealthCheckResponse_SERVING, "readiness": want,
			} {
				checked, err := healthpb.NewHealthClient(conn).Check(t.Context(), &healthpb.HealthCheckRequest{Service: service})
				if err != nil || checked.GetStatus() != want {
					t.Errorf("%s: health of %q is %v, %v, want %v", when, service, checked.GetStatus(), err, want)
				}
			}
			if err := call(t, conn); err != nil {
				t.Errorf("%s: a call ended in %v", when, err)
			}
		}
		synctest.Wait() // for the first probe
		look("before", healthpb.HealthCheckResponse_SERVING)
		terminate()
		synctest.Wait()
		look("at first", healthpb.HealthCheckResponse_NOT_SERVING)
		time.Sleep(delay - time.Nanosecond)
		look("at last", healthpb.HealthCheckResponse_NOT_SERVING)
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if err := call(t, conn); status.Code(err) != codes.Unavailable {
			t.Errorf("after the delay a call ended in %v, want Unavailable", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
}

func call(t *testing.T, conn *grpc.ClientConn) error {
	t.Helper()
	_, err := jverificationv1.NewVerificationServiceClient(conn).VerifyNumber(t.Context(),
		&jverificationv1.VerifyNumberRequest{Phone: phone, Token: token})
	return err
}

// TestDrainDelayEnds where a listener has failed: nobody can make a call then.
func TestDrainDelayEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, listener := pipedServers(t, "drain-delay: 1h", consistent{})
		ctx, terminate := context.WithCancel(t.Context())
		served := make(chan error, 1)
		began := time.Now()
		go func() { served <- s.serve(ctx) }()
		terminate()
		synctest.Wait()
		listener.Close()
		if err := <-served; err != nil || time.Since(began) > time.Minute {
			t.Errorf("it took %v: %v", time.Since(began), err)
		}
	})
}

// slow is an upstream that answers after so long.
type slow time.Duration

func (s slow) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case <-time.After(time.Duration(s)):
		return consistent{}.RoundTrip(r)
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// loopback is a listener in memory whose connections have an address.
type loopback struct{ *bufconn.Listener }

func (l loopback) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return loopbackConn{conn}, err
}

type loopbackConn struct{ net.Conn }

func (loopbackConn) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

func overHTTP2(ctx context.Context, web *bufconn.Listener) (httpStatus int, err error) {
	transport := &http.Transport{Protocols: new(http.Protocols), DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return web.DialContext(ctx) }}
	transport.Protocols.SetUnencryptedHTTP2(true)
	defer transport.CloseIdleConnections()
	body := strings.NewReader(`{"phone":"` + phone + `","token":"` + token + `"}`)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/v1/numbers:verify", body)
	if err != nil {
		return 0, err
	}
	resp, err := transport.RoundTrip(r)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

// TestLongTimeout has an answer outlast the time that the web server gives a call.
func TestLongTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := pipedServers(t, "timeout: 3m", slow(2*time.Minute))
		web := bufconn.Listen(1 << 16)
		s.web = loopback{web}
		ctx, terminate := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- s.serve(ctx) }()
		if httpStatus, err := overHTTP2(t.Context(), web); err != nil || httpStatus != http.StatusOK {
			t.Errorf("got %d, %v", httpStatus, err)
		}
		terminate()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}

// TestGrace has the end wait for calls whose callers have left, with a request
// upstream that spends a token, and for no longer than the grace.
func TestGrace(t *testing.T) {
	t.Parallel()
	overGRPC := func(ctx context.Context, native, _ *bufconn.Listener) {
		conn, err := grpc.NewClient("passthrough:///gateway", grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return native.DialContext(ctx) }))
		if err == nil {
			defer conn.Close()
			_, _ = jverificationv1.NewVerificationServiceClient(conn).VerifyNumber(ctx, &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token})
		}
	}
	overHTTP2 := func(ctx context.Context, _, web *bufconn.Listener) { _, _ = overHTTP2(ctx, web) }
	const slowness = 4 * time.Second
	tests := []struct {
		name        string
		call        func(ctx context.Context, native, web *bufconn.Listener)
		grace, want time.Duration
	}{
		{"gRPC", overGRPC, time.Minute, slowness},
		{"HTTP/2", overHTTP2, time.Minute, slowness},
		{"gRPC, cut off", overGRPC, time.Second, time.Second},
		{"HTTP/2, cut off", overHTTP2, time.Second, time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, native := pipedServers(t, "grace: "+tt.grace.String(), slow(slowness))
				web := bufconn.Listen(1 << 16)
				s.web = loopback{web}
				ctx, terminate := context.WithCancel(t.Context())
				served := make(chan error, 1)
				go func() { served <- s.serve(ctx) }()
				calling, leave := context.WithCancel(t.Context())
				go tt.call(calling, native, web)
				synctest.Wait()
				leave()
				synctest.Wait()
				began := time.Now()
				terminate()
				if err := <-served; err != nil || time.Since(began).Round(time.Second) != tt.want {
					t.Errorf("it took %v, want %v; error %v", time.Since(began), tt.want, err)
				}
				time.Sleep(slowness) // what was cut off ends too
			})
		})
	}
}
