package replicas_test

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

const bufferSize = 1 << 20 // of a connection in memory

// hanging is an upstream that answers probes only.
type hanging struct{ calls atomic.Int32 }

func (h *hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodHead {
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
	}
	h.calls.Add(1)
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// TestHangingReplica calls a gateway that waits far too long, without a deadline of
// the caller. The clock of the bubble tells how long a call lasts.
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

// dialHanging returns a client of a gateway over upstream. Without sockets the
// bubble knows who waits.
func dialHanging(t *testing.T, upstream http.RoundTripper, serviceConfig string) jverificationv1.VerificationServiceClient {
	t.Helper()
	g := gatewaytest.New(t, gateway.Config{
		UpstreamURL: "https://upstream.test", AppKey: "key", MasterSecret: "secret",
		AdminURL: "https://upstream.test", DevKey: "key", DevSecret: "secret",
		Transport: upstream, Timeout: tooLong, Logger: slog.New(slog.DiscardHandler),
	}, gatewaytest.Options{
		Listener: bufconn.Listen(bufferSize),
		Client:   []grpc.DialOption{grpc.WithDefaultServiceConfig(serviceConfig)},
	})
	ctx, cancel := context.WithCancel(t.Context())
	go g.Probe(ctx)
	synctest.Wait() // until the upstream has answered
	cancel()
	return g.Client
}
