package edge_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/edge"
)

// TestConnectionsAge makes calls in a row until they take a second connection. In
// HTTP/2 a client may make some more before it reads the GOAWAY.
func TestConnectionsAge(t *testing.T) {
	t.Parallel()
	const calls = 100
	tests := []struct {
		name string
		age  time.Duration
		old  bool
	}{
		{"old at once", time.Nanosecond, true},
		{"young", time.Hour, false},
	}
	for _, tt := range tests {
		for _, http2 := range []bool{false, true} {
			t.Run(tt.name+" "+map[bool]string{false: "HTTP/1.1", true: "HTTP/2"}[http2], func(t *testing.T) {
				t.Parallel()
				handler, err := edge.New(stubbed(fine).backend(), edge.Config{})
				if err != nil {
					t.Fatal(err)
				}
				var connections atomic.Int64
				front := httptest.NewUnstartedServer(handler)
				front.Config = edge.NewServer(handler)
				front.Config.ConnState = func(_ net.Conn, state http.ConnState) {
					if state == http.StateNew {
						connections.Add(1)
					}
				}
				edge.LimitAge(front.Config, tt.age)
				front.Start()
				t.Cleanup(front.Close)
				client := newWire(t, http2).Client
				for n := 0; n < calls && connections.Load() < 2; n++ {
					if got := post(t, client, front.URL+verifyNumber.route, jsonHeader(), strings.NewReader("{}")); got.status != http.StatusOK {
						t.Errorf("status %d: %s", got.status, got.body)
					}
				}
				if got := connections.Load(); (got > 1) != tt.old {
					t.Errorf("%d connections", got)
				}
			})
		}
	}
}

// TestAge wants the end of a connection within a tenth of its age.
func TestAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "answer") })}
		edge.LimitAge(server, 100*time.Second)
		ctx := server.ConnContext(context.Background(), nil)
		closes := func() bool {
			w := httptest.NewRecorder()
			server.Handler.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody))
			return w.Header().Get("Connection") == "close"
		}
		time.Sleep(89 * time.Second)
		if closes() {
			t.Error("it ends too early")
		}
		time.Sleep(22 * time.Second)
		if !closes() {
			t.Error("it does not end")
		}
	})
}
