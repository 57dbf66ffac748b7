package flood_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/commandtest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/embedded"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const (
	grace = 3 * time.Second
	// mostDrain is the grace with what a slow machine needs to notice its end.
	mostDrain = grace + time.Minute
	// heldCode is what the calls under way are answered.
	heldCode = 9018
)

// TestShutdown ends a gateway under each of these floods on all its listeners. It ends
// within the grace, with 0, and the calls under way get their answers.
func TestShutdown(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"rapid reset of calls", "PING", "answers that are never read", "streams above the limit", "silence"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			endUnder(t, named(http2Floods(), name), named(http1Floods(), "HTTP/1.1: requests that are never read"))
		})
	}
}

func named(list []flood, name string) flood {
	return list[slices.IndexFunc(list, func(f flood) bool { return f.name == name })]
}

func endUnder(t *testing.T, overHTTP2, overHTTP1 flood) {
	t.Helper()
	upstream := gatewaytest.Simulator(t)
	arrived, answer := hold(t, upstream)
	v := &victim{web: http.DefaultClient, scheme: "http://", Gateway: commandtest.Start(t, commandtest.Options{
		Upstream: upstream, Settings: "cooldown: off\ntimeout: 1m\ngrace: " + grace.String(), Args: []string{"-internal"},
	})}
	var honest sync.WaitGroup
	for name, call := range map[string]func(context.Context, int32) error{"gRPC": v.overGRPC, "REST": v.overREST} {
		honest.Go(func() {
			err := call(t.Context(), heldCode)
			if got, ok := codetable.FromError(err); !ok || got.Number() != heldCode {
				t.Errorf("%s: the call under way ended in %v, want code %d", name, err, heldCode)
			}
		})
		<-arrived
	}
	for address, f := range map[string]flood{v.Address: overHTTP2, v.Web: overHTTP2, v.Metrics: overHTTP1} {
		a := f.start(address, time.Hour) // until the gateway ends
		defer a.gone.Wait()
		defer a.release()
		a.begun.Wait()
	}
	began := time.Now()
	if err := v.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	v.AwaitLog("shutting down")
	answer()
	honest.Wait()
	if code := v.Wait(); code != 0 {
		t.Errorf("exit code %d:\n%s", code, v.Log())
	}
	if took := time.Since(began); took > mostDrain {
		t.Errorf("it took %v, want %v at most", took, mostDrain)
	}
}

// hold keeps the calls with heldCode upstream until they are let answer. Each is told to
// arrived.
func hold(t *testing.T, upstream *embedded.Upstream) (arrived <-chan struct{}, answer func()) {
	t.Helper()
	calls, released := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // what is cut is no valid call
		if bytes.Contains(body, fmt.Appendf(nil, "code-%d", heldCode)) {
			calls <- struct{}{}
			<-released
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		upstream.Simulator.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	upstream.URL = server.URL
	return calls, sync.OnceFunc(func() { close(released) })
}
