package interceptor_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// serveHTTP is serve with the HTTP/2 server of net/http.
func serveHTTP(t *testing.T, srv pb.TestServiceServer, opts ...interceptor.ServerOption) *bufconn.Listener {
	t.Helper()
	server := grpc.NewServer(
		grpc.ChainUnaryInterceptor(interceptor.UnaryServerInterceptor(opts...)),
		grpc.ChainStreamInterceptor(interceptor.StreamServerInterceptor(opts...)))
	pb.RegisterTestServiceServer(server, srv)
	front := &http.Server{Handler: server, Protocols: new(http.Protocols), ReadHeaderTimeout: time.Minute}
	front.Protocols.SetUnencryptedHTTP2(true)
	listener := bufconn.Listen(1 << 20)
	done := make(chan error, 1)
	go func() { done <- front.Serve(listener) }()
	t.Cleanup(func() {
		_ = front.Close()
		server.Stop()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serve: %v", err)
		}
	})
	return listener
}

// TestServeHTTPDisablesPushback shows the limit that the package comment
// states. ServeHTTP sends headers before every failure, and gRPC does not retry
// a call after headers. The client still receives the code and the pushback.
func TestServeHTTPDisablesPushback(t *testing.T) {
	t.Parallel()
	again := codetable.NewError(qpsLimit, codetable.WithRetryAfter(time.Millisecond))
	tests := map[string]struct {
		err      error
		opts     []interceptor.ServerOption
		code     responseCode
		native   int32 // calls with the listener of grpc-go
		pushback []string
	}{
		"a delay":     {err: again, code: qpsLimit, native: 4, pushback: []string{"1"}},
		"a ban":       {err: codetable.NewError(dailyLimit), code: dailyLimit, native: 1, pushback: []string{"-1"}},
		"no pushback": {err: again, opts: []interceptor.ServerOption{interceptor.WithoutRetryPushback()}, code: qpsLimit, native: 4},
	}
	each(t, func(t *testing.T, call func(context.Context, pb.TestServiceClient, ...grpc.CallOption) error) {
		for name, test := range tests {
			var calls atomic.Int32
			srv := &service{answer: func(context.Context) error {
				calls.Add(1)
				return test.err
			}}
			try := func(listener *bufconn.Listener, want int32, headed bool) {
				t.Helper()
				calls.Store(0)
				var header, trailer metadata.MD
				client := dialWith(t, listener, grpc.WithDefaultServiceConfig(retryPolicy))
				err := call(t.Context(), client, grpc.Header(&header), grpc.Trailer(&trailer))
				if !codetable.Is(err, test.code) || calls.Load() != want || len(header) > 0 != headed {
					t.Errorf("%s: %d calls ended in %v with headers %v; want %d calls", name, calls.Load(), err, header, want)
				}
				if got := trailer["grpc-retry-pushback-ms"]; !cmp.Equal(got, test.pushback) {
					t.Errorf("%s: pushback %q, want %q", name, got, test.pushback)
				}
			}
			try(serve(t, srv, test.opts...), test.native, false)
			try(serveHTTP(t, srv, test.opts...), 1, true)
		}
	})
}
