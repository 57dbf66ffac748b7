package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const (
	timedOut       = jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_TIMEOUT
	unreachable    = jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_UNREACHABLE
	unintelligible = jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_UNINTELLIGIBLE
)

// raw is an upstream on TCP: it reads a request to its end, and answers with
// what it likes.
func raw(t *testing.T, answer func(conn net.Conn, request string)) (url string) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				answer(conn, readRequest(conn))
			}()
		}
	}()
	return "http://" + listener.Addr().String()
}

// readRequest reads until the brace that ends the JSON.
func readRequest(conn net.Conn) string {
	var request []byte
	for buf := make([]byte, 4<<10); !strings.HasSuffix(string(request), "}"); {
		n, err := conn.Read(buf)
		request = append(request, buf[:n]...)
		if err != nil {
			break
		}
	}
	return string(request)
}

// failing is a transport that fails.
func failing(err error) func(*gateway.Config) {
	return func(c *gateway.Config) {
		c.Transport = transport(func(*http.Request) (*http.Response, error) { return nil, err })
	}
}

// TestOwnCodes wants a code, and the reason in the log, for whatever goes wrong
// between the gateway and the upstream.
func TestOwnCodes(t *testing.T) {
	t.Parallel()
	upstream := func(answer http.HandlerFunc) func(*gateway.Config) {
		url := newStub(t, answer).URL
		return func(c *gateway.Config) { c.UpstreamURL = url }
	}
	spoken := func(answer string) func(*gateway.Config) {
		url := raw(t, func(conn net.Conn, _ string) { _, _ = io.WriteString(conn, answer) })
		return func(c *gateway.Config) { c.UpstreamURL = url }
	}
	status := func(status int) func(*gateway.Config) {
		return upstream(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
	}
	tests := []struct {
		name   string
		change func(*gateway.Config)
		want   jverificationv1.GatewayCode
		log    string
	}{
		{"no name", failing(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host"}}), unreachable, "dns"},
		{"nobody listens", func(c *gateway.Config) { c.UpstreamURL = "http://127.0.0.1:1" }, unreachable, "refused"},
		{"no route", failing(&net.OpError{Op: "dial", Err: syscall.EHOSTUNREACH}), unreachable, "connect"},
		{"not TLS", func(c *gateway.Config) {
			c.UpstreamURL = strings.Replace(newStub(t, saying("")).URL, "http", "https", 1)
		}, unreachable, "tls"},
		{"slow", failing(context.DeadlineExceeded), timedOut, "timeout"},
		{"reset", failing(&net.OpError{Op: "read", Err: syscall.ECONNRESET}), noAnswer, "reset"},
		{"closed", spoken(""), noAnswer, "closed"},
		{"closed within the body", spoken("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), noAnswer, "closed"},
		{"another failure", failing(errors.New(phone)), noAnswer, "other"},
		{"a proxy", status(http.StatusBadGateway), noAnswer, "HTTP 502"},
		{"too many requests", status(http.StatusTooManyRequests), noAnswer, "HTTP 429"},
		{"not HTTP", spoken("220 mail.example ESMTP\r\n"), unintelligible, "not-http"},
		{"a bad header", spoken("HTTP/1.1 200 OK\r\n" + phone + "\r\n\r\n"), unintelligible, "not-http"},
		{"no code", upstream(saying(`{}`)), unintelligible, "HTTP 200"},
		{"another form", upstream(saying(`{"code":9000,"id":"x"}`)), unintelligible, "unexpected form"},
		{"the success of another call", upstream(saying(`{"code":8000}`)), unintelligible, "the success code of another method"},
		{"redirected", status(http.StatusFound), unintelligible, "HTTP 302"},
		{"refused", status(http.StatusUnauthorized), rejected, "HTTP 401"},
		{"not there", status(http.StatusNotFound), rejected, "HTTP 404"},
	}
	for _, tt := range tests {
		for _, public := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, public %t", tt.name, public), func(t *testing.T) {
				t.Parallel()
				logs := &logBuffer{}
				config := configFor("https://upstream.test", logs)
				config.PublicBoundary = public
				tt.change(&config)
				checkOwn(t, dial(t, config), tt.want, public)
				if got := logs.String(); !strings.Contains(got, "codetable.reason="+reasonOf(tt.want)) || !strings.Contains(got, tt.log+`"`) && !strings.Contains(got, tt.log+" ") {
					t.Errorf("the log does not say %q:\n%s", tt.log, got)
				}
			})
		}
	}
}

func reasonOf(code jverificationv1.GatewayCode) string {
	spec, _ := codetable.Lookup(code)
	return spec.Reason()
}

// checkOwn wants all that the table gives a code, or a mask for what only an
// operator can fix.
func checkOwn(t *testing.T, client jverificationv1.VerificationServiceClient, want jverificationv1.GatewayCode, public bool) {
	t.Helper()
	err := verify(metadata.AppendToOutgoingContext(t.Context(), "accept-language", "zh-CN"), client)
	if public && want == rejected {
		if mask, ok := codetable.Masked(err); !ok || mask.UserMessage() == "" || codetable.RequestID(err) == "" || status.Code(err) != codes.Internal {
			t.Errorf("error = %v, want a mask with an id and a sentence", err)
		}
		return
	}
	coded, ok := codetable.FromError(err)
	spec, _ := codetable.Lookup(want)
	sentence, _ := spec.UserMessage("zh-CN")
	if !ok || !codetable.Is(err, want) || status.Code(err) != spec.GRPCCode() || coded.Message() != spec.Notes() || coded.UserMessage("zh-CN") != sentence || coded.Retry() != spec.Retry() {
		t.Fatalf("error = %v, want all of %v", err, want)
	}
	for _, detail := range coded.Details() {
		if localized, ok := detail.(*errdetails.LocalizedMessage); ok && localized.GetMessage() == sentence {
			return
		}
	}
	t.Errorf("no sentence for the end user in %v", coded.Details())
}

// TestEndlessHeaders stops reading long before the memory is full.
func TestEndlessHeaders(t *testing.T) {
	t.Parallel()
	sent := make(chan int, 1)
	url := raw(t, func(conn net.Conn, _ string) {
		n, _ := io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
		line := "X-Filler: " + strings.Repeat("x", 1<<10) + "\r\n"
		for err := error(nil); err == nil && n < 64<<20; {
			var m int
			m, err = io.WriteString(conn, line)
			n += m
		}
		sent <- n
	})
	logs := &logBuffer{}
	err := verify(t.Context(), dial(t, configFor(url, logs)))
	if !codetable.Is(err, unintelligible) || !strings.Contains(logs.String(), "too-large") {
		t.Errorf("error = %v, want %v\n%s", err, unintelligible, logs)
	}
	// The buffers of the sockets take a few megabytes.
	if n := <-sent; n > 32<<20 {
		t.Errorf("the upstream could send %d bytes of headers", n)
	}
}

// TestBadKeyIsNotTheCallers wants no caller of a public gateway to take the
// gateway's credentials for its own; callers who may see the operator's codes get
// the status of the table.
func TestBadKeyIsNotTheCallers(t *testing.T) {
	t.Parallel()
	for _, code := range []jverificationv1.ResponseCode{1802, 1803, 9010, 9011} {
		spec, _ := codetable.Lookup(code)
		for public, want := range map[bool]codes.Code{true: codes.Internal, false: spec.GRPCCode()} {
			config := configFor(newStub(t, saying(fmt.Sprintf(`{"code":%d}`, code))).URL, io.Discard)
			config.PublicBoundary = public
			err := verify(t.Context(), dial(t, config))
			if status.Code(err) != want || codetable.Is(err, code) == public {
				t.Errorf("%d, public %t: error = %v, want %v", code, public, err, want)
			}
		}
	}
}
