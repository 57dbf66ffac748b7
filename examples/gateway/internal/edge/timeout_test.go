package edge_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/edge"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

const verifyNumbers = jverificationv1.VerificationService_VerifyNumbers_FullMethodName

// quick is a timeout that a test can wait for.
const quick = 50 * time.Millisecond

// deadlines is a writer that remembers what its deadlines were set to.
type deadlines struct {
	*httptest.ResponseRecorder

	set []time.Time
}

func (d *deadlines) SetReadDeadline(at time.Time) error  { d.set = append(d.set, at); return nil }
func (d *deadlines) SetWriteDeadline(at time.Time) error { d.set = append(d.set, at); return nil }

// TestStreamsHaveNoTimeout lifts the limits of the HTTP server for a stream that
// is served, and for nothing else.
func TestStreamsHaveNoTimeout(t *testing.T) {
	t.Parallel()
	handler, err := edge.New(stubbed(fine).backend(), edge.Config{})
	if err != nil {
		t.Fatal(err)
	}
	const media = "application/connect+json"
	lifted := []time.Time{{}, {}}
	tests := []struct {
		name, verb, path string
		major            int
		header           http.Header
		want             []time.Time
	}{
		{"a stream", http.MethodPost, verifyNumbers, 2, header("Content-Type", media), lifted},
		{"a stream of gRPC", http.MethodPost, verifyNumbers, 2, header("Content-Type", "application/grpc"), lifted},
		{"HTTP/1.1", http.MethodPost, verifyNumbers, 1, header("Content-Type", media), nil},
		{"another media type", http.MethodPost, verifyNumbers, 2, header("Content-Type", "application/json"), nil},
		{"another verb", http.MethodGet, verifyNumbers, 2, header("Content-Type", media), nil},
		{"a foreign page", http.MethodPost, verifyNumbers, 2, header("Content-Type", media, "Sec-Fetch-Site", "cross-site"), nil},
		{"another compression", http.MethodPost, verifyNumbers, 2, header("Content-Type", media, "Connect-Content-Encoding", "br"), nil},
		{"no metadata", http.MethodPost, verifyNumbers, 2, header("Content-Type", media, "Trace-Bin", "***"), nil},
		{"a call of Connect", http.MethodPost, verifyNumber.procedure, 2, header("Content-Type", "application/json"), nil},
		{"a call of REST", http.MethodPost, verifyNumber.route, 2, header("Content-Type", "application/json"), nil},
	}
	for _, tt := range tests {
		w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		r := httptest.NewRequestWithContext(t.Context(), tt.verb, "http://localhost"+tt.path, strings.NewReader("{}"))
		r.ProtoMajor, r.Header = tt.major, tt.header
		handler.ServeHTTP(w, r)
		if diff := cmp.Diff(tt.want, w.set); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// changed is the server of the edge with what a test changes of it.
func changed(t *testing.T, change func(*http.Server)) (addr string) {
	t.Helper()
	handler, err := edge.New(stubbed(fine).backend(), edge.Config{})
	if err != nil {
		t.Fatal(err)
	}
	server, listener := edge.NewServer(handler), gatewaytest.Listen(t)
	if server.ReadTimeout <= 0 || server.WriteTimeout <= 0 || server.ReadHeaderTimeout <= 0 || server.IdleTimeout <= 0 || server.MaxHeaderBytes <= 0 {
		t.Errorf("the server has no limits: %+v", server)
	}
	server.ErrorLog = log.New(io.Discard, "", 0)
	change(server)
	served := make(chan error, 1)
	t.Cleanup(func() {
		server.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	go func() { served <- server.Serve(listener) }()
	return listener.Addr().String()
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(tooLong)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestSlowBodyEnds has callers send a head, and never the body. The connection
// of each ends, also where the request was refused before its body was read and
// where the connection has outlived its age.
func TestSlowBodyEnds(t *testing.T) {
	t.Parallel()
	addr := changed(t, func(server *http.Server) {
		server.ReadTimeout = quick
		edge.LimitAge(server, time.Nanosecond)
	})
	for _, path := range []string{verifyNumbers, verifyNumber.procedure, verifyNumber.route, "/none"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, addr)
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", path, addr)
			if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error("the connection does not end")
			}
		})
	}
}

// TestIdleConnectionEnds has a client keep its connection after a call.
func TestIdleConnectionEnds(t *testing.T) {
	t.Parallel()
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ended := make(chan struct{})
			addr := changed(t, func(server *http.Server) {
				server.IdleTimeout = quick
				server.ConnState = func(_ net.Conn, state http.ConnState) {
					if state == http.StateClosed {
						close(ended)
					}
				}
			})
			if got := post(t, newWire(t, http2).Client, "http://"+addr+verifyNumber.route, jsonHeader(), strings.NewReader("{}")); got.status != http.StatusOK {
				t.Fatalf("status %d: %s", got.status, got.body)
			}
			select {
			case <-ended:
			case <-time.After(tooLong):
				t.Error("the connection does not end")
			}
		})
	}
}

// TestMalformedChunk blames the caller.
func TestMalformedChunk(t *testing.T) {
	t.Parallel()
	addr := changed(t, func(*http.Server) {})
	for _, path := range []string{verifyNumber.procedure, verifyNumber.route} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, addr)
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}", path, addr)
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "the body ends too early") {
				t.Errorf("status %d: %s, %v", resp.StatusCode, body, err)
			}
		})
	}
}

// TestDeadline wants the deadline of a caller in the context of the method.
func TestDeadline(t *testing.T) {
	t.Parallel()
	s := serve(t, stubbed(func(ctx context.Context, _ *jverificationv1.VerifyNumberRequest) error {
		<-ctx.Done()
		return ctx.Err()
	}))
	tests := map[string]struct {
		path, media, body, name, value string
		want                           int
	}{
		"REST":     {verifyNumber.route, "application/json", "{}", "X-Server-Timeout", "0.001", http.StatusGatewayTimeout},
		"Connect":  {verifyNumber.procedure, "application/json", "{}", "Connect-Timeout-Ms", "1", http.StatusGatewayTimeout},
		"gRPC-Web": {verifyNumber.procedure, "application/grpc-web+json", framed("{}"), "Grpc-Timeout", "1m", http.StatusOK},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := post(t, newWire(t, false).Client, s.url+tt.path, header("Content-Type", tt.media, tt.name, tt.value), strings.NewReader(tt.body))
			if grpcStatus := got.header.Get("Grpc-Status"); got.status != tt.want || name == "gRPC-Web" && grpcStatus != "4" {
				t.Errorf("status %d, gRPC status %q: %s", got.status, grpcStatus, got.body)
			}
		})
	}
}

// TestCallerLeaves wants the context of a method to end with its caller.
func TestCallerLeaves(t *testing.T) {
	t.Parallel()
	for _, path := range []string{verifyNumber.route, verifyNumber.procedure} {
		for _, http2 := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, HTTP/2 %t", path, http2), func(t *testing.T) {
				t.Parallel()
				entered, left := make(chan struct{}), make(chan error, 1)
				s := serve(t, stubbed(func(ctx context.Context, _ *jverificationv1.VerifyNumberRequest) error {
					close(entered)
					<-ctx.Done()
					left <- ctx.Err()
					return ctx.Err()
				}))
				ctx, leave := context.WithCancel(t.Context())
				go func() {
					<-entered
					leave()
				}()
				req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+path, strings.NewReader("{}"))
				if err != nil {
					t.Fatal(err)
				}
				req.Header = jsonHeader()
				if resp, err := newWire(t, http2).Do(req); err == nil {
					resp.Body.Close()
					t.Errorf("status %d", resp.StatusCode)
				}
				select {
				case err := <-left:
					if !errors.Is(err, context.Canceled) {
						t.Errorf("the context ended with %v", err)
					}
				case <-time.After(tooLong):
					t.Error("the method goes on without its caller")
				}
			})
		}
	}
}
