package serviceconfig_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// hanging is an upstream that takes calls and never answers.
type hanging struct{ calls atomic.Int32 }

func (h *hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	h.calls.Add(1)
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// TestHangingReplica has callers without a deadline, and a gateway that waits
// for far too long. It has no sockets, so that the clock of a bubble can tell
// how long a call lasts.
func TestHangingReplica(t *testing.T) {
	t.Parallel()
	config := serviceConfig(t)
	const once, again = 6 * time.Second, 12 * time.Second // as service_config.json has it
	tests := map[string]struct {
		call  func(context.Context, jverificationv1.VerificationServiceClient, string) error
		lasts time.Duration
	}{
		"VerifyNumber":        {verify, once},
		"ExchangeLoginToken":  {login, once},
		"CheckCaptcha":        {checkCaptcha, once},
		"EnableOneClickLogin": {activate, once},
		"QueryBusinessRisk":   {queryRisk, again},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				upstream := &hanging{}
				client := dialHanging(t, upstream, config)
				begin := time.Now()
				if err := tt.call(t.Context(), client, phone); status.Code(err) != codes.DeadlineExceeded {
					t.Errorf("error = %v, want DeadlineExceeded", err)
				}
				if lasted := time.Since(begin); lasted != tt.lasts {
					t.Errorf("the call lasted %v, want %v", lasted, tt.lasts)
				}
				if n := upstream.calls.Load(); n != 1 {
					t.Errorf("the upstream was called %d times, want once", n)
				}
			})
		})
	}
}

// dialHanging returns a client of a gateway over upstream.
func dialHanging(t *testing.T, upstream http.RoundTripper, serviceConfig string) jverificationv1.VerificationServiceClient {
	t.Helper()
	g, err := gateway.New(gateway.Config{
		UpstreamURL: "https://upstream.test", AppKey: "key", MasterSecret: "secret",
		AdminURL: "https://upstream.test", DevKey: "key", DevSecret: "secret",
		Transport: upstream, Timeout: tooLong, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(g.ServerOptions()...)
	g.Register(server)
	return dialInMemory(t, server, serviceConfig)
}

// dialInMemory serves until the test ends, without a network, so that a bubble
// knows who waits.
func dialInMemory(t *testing.T, server *grpc.Server, serviceConfig string) jverificationv1.VerificationServiceClient {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	go func() { _ = server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///gateway",
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultServiceConfig(serviceConfig),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Close()
		server.Stop()
	})
	return jverificationv1.NewVerificationServiceClient(conn)
}
