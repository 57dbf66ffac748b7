package gateway_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

const (
	appKey       = "7d431e42dfa6a6d693ac2d04"
	masterSecret = "5e987ac6d2e04d95a9d8f0d1"
	devKey       = "c1d2e3f4a5b60718293a4b5c"
	devSecret    = "0f1e2d3c4b5a69788796a5b4"
	phone        = "13912345679"
	token        = "one-token-for-one-call"
)

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

// configFor is a valid configuration for an upstream.
func configFor(url string, logs io.Writer) gateway.Config {
	return gateway.Config{
		UpstreamURL: url, AppKey: appKey, MasterSecret: masterSecret,
		AdminURL: url, DevKey: devKey, DevSecret: devSecret,
		Logger: slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
}

// dial serves a gateway on a loopback socket and returns a client of it.
func dial(t *testing.T, config gateway.Config) jverificationv1.VerificationServiceClient {
	t.Helper()
	return gatewaytest.New(t, config, gatewaytest.Options{}).Client
}

// simulate returns a client of a gateway in front of the simulator.
func simulate(t *testing.T, change func(*gateway.Config)) jverificationv1.VerificationServiceClient {
	t.Helper()
	return gatewaytest.Start(t, gatewaytest.Options{Config: change}).Client
}

// stub is an upstream that answers what a test says.
type stub struct {
	*httptest.Server
	calls atomic.Int64
	conns atomic.Int64
}

func newStub(t *testing.T, answer http.HandlerFunc) *stub {
	t.Helper()
	s := unstarted(answer)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func unstarted(answer http.HandlerFunc) *stub {
	s := &stub{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.calls.Add(1)
		answer(w, r)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.conns.Add(1)
		}
	}
	return s
}

// saying answers every call with one body.
func saying(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }
}

func verify(ctx context.Context, client jverificationv1.VerificationServiceClient) error {
	_, err := client.VerifyNumber(ctx, &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token})
	return err
}
