package rest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/codetable/grpc-codetable/interceptor/rest"
)

// hangingClient connects over a pipe, which works in a synctest bubble, to an
// upstream that reads a request, writes a part of a reply and then stops. The
// channel is closed after that.
func hangingClient(t *testing.T, partOfReply string) (*http.Client, <-chan struct{}) {
	t.Helper()
	hangs := make(chan struct{})
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			go func() {
				defer close(hangs)
				req, err := http.ReadRequest(bufio.NewReader(server))
				if err != nil {
					return
				}
				_, _ = io.Copy(io.Discard, req.Body)
				_, _ = io.WriteString(server, partOfReply)
			}()
			return client, nil
		},
	}
	return &http.Client{Transport: transport}, hangs
}

func TestUpstreamHangs(t *testing.T) {
	t.Parallel()
	const timeout = 5 * time.Second
	limits := []struct {
		name  string
		limit func(*http.Client, *http.Request, <-chan struct{}) *http.Request
		code  codes.Code
		text  string
		cause error
	}{
		{"deadline", func(_ *http.Client, req *http.Request, _ <-chan struct{}) *http.Request {
			ctx, cancel := context.WithTimeout(req.Context(), timeout)
			context.AfterFunc(ctx, cancel)
			return req.WithContext(ctx)
		}, codes.DeadlineExceeded, "upstream did not answer in time", context.DeadlineExceeded},
		{"timeout of the client", func(client *http.Client, req *http.Request, _ <-chan struct{}) *http.Request {
			client.Timeout = timeout
			return req
		}, codes.DeadlineExceeded, "upstream did not answer in time", context.DeadlineExceeded},
		{"cancel", func(_ *http.Client, req *http.Request, hangs <-chan struct{}) *http.Request {
			ctx, cancel := context.WithCancel(req.Context())
			go func() {
				<-hangs
				cancel()
			}()
			return req.WithContext(ctx)
		}, codes.Canceled, "context canceled", context.Canceled},
	}
	parts := map[string]string{
		"before the header": "",
		"in the header":     "HTTP/1.1 200 OK\r\nContent-Le",
		"before the body":   "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n",
		"in the body":       "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + `{"code":9000,`,
	}
	for _, tt := range limits {
		for part, written := range parts {
			t.Run(tt.name+" "+part, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					client, hangs := hangingClient(t, written)
					req := tt.limit(client, newRequest(t, "http://upstream.test/"), hangs)
					err := rest.Do[Code](client, req, nil)
					if st := statusOf(t, err); st.Code() != tt.code || st.Message() != tt.text {
						t.Errorf("status = %v; want %v %q", st, tt.code, tt.text)
					}
					if !errors.Is(err, tt.cause) {
						t.Errorf("error %v does not lead to %v", err, tt.cause)
					}
				})
			})
		}
	}
}

func TestContextIsDoneBeforehand(t *testing.T) {
	t.Parallel()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	expired, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	t.Cleanup(cancel)
	for want, ctx := range map[codes.Code]context.Context{codes.Canceled: canceled, codes.DeadlineExceeded: expired} {
		t.Run(want.String(), func(t *testing.T) {
			t.Parallel()
			err := rest.Do[Code](http.DefaultClient, newRequest(t, "http://127.0.0.1").WithContext(ctx), nil)
			if got := statusOf(t, err).Code(); got != want {
				t.Errorf("gRPC code = %v; want %v", got, want)
			}
		})
	}
}

func refusingClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		},
	}}
}

func TestConnectionRefused(t *testing.T) {
	t.Parallel()
	err := rest.Do[Code](refusingClient(), newRequest(t, "http://upstream.test"), nil)
	if st := statusOf(t, err); st.Code() != codes.Unavailable || st.Message() != "upstream can't be reached" {
		t.Errorf("status = %v", st)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("error %v does not lead to its cause", err)
	}
}

// reset ends the connection with a TCP RST.
func reset(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

func TestConnectionReset(t *testing.T) {
	t.Parallel()
	err := call(t, reset, nil)
	if st := statusOf(t, err); st.Code() != codes.Unavailable || st.Message() != "upstream can't be reached" {
		t.Errorf("status = %v", st)
	}
}

func TestConnectionBreaksInTheBody(t *testing.T) {
	t.Parallel()
	err := call(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `{"code":9000,`)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}, nil)
	if err == nil {
		t.Fatal("half a reply was taken for a success")
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error %v does not lead to its cause", err)
	}
}

// TestReplyIsNotHTTP demands that a reply that is not HTTP can't flood a log.
func TestReplyIsNotHTTP(t *testing.T) {
	t.Parallel()
	err := call(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, strings.Repeat("x", 1<<16)+"\r\n\r\n")
		_ = conn.Close()
	}, nil)
	if got := statusOf(t, err).Code(); got != codes.Unavailable {
		t.Errorf("gRPC code = %v; want Unavailable", got)
	}
	if n := len(err.Error()); n > 2<<10 {
		t.Errorf("the text of the error has %d bytes; want at most 2 KiB", n)
	}
}

// raw answers with bytes that need not be HTTP.
func raw(reply func(r *http.Request) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, reply(r))
		_ = conn.Close()
	}
}

// echo returns the content of the URL and of the header of a request.
func echo(r *http.Request) string { return r.URL.RequestURI() + r.Header.Get("X-Api-Key") }

// TestRequestStaysPrivate puts a secret into every part of a request and
// searches for it in every text of a failure.
func TestRequestStaysPrivate(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t"
	refuseRedirects := func(client *http.Client) {
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return errors.New("no redirects") }
	}
	tests := []struct {
		name    string
		handler http.HandlerFunc
		prepare func(*http.Client)
	}{
		{"code", answer(http.StatusOK, `{"code":9003}`), nil},
		{"no code", answer(http.StatusOK, `<html>`), nil},
		{"unexpected form", answer(http.StatusOK, `{"code":9000,"id":"x"}`), nil},
		{"reset", reset, nil},
		{"refused", nil, func(client *http.Client) { client.Transport = refusingClient().Transport }},
		{"redirected in a circle", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.RequestURI(), http.StatusTemporaryRedirect)
		}, nil},
		{"redirect refused", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.RequestURI(), http.StatusTemporaryRedirect)
		}, refuseRedirects},
		{"echo that is not HTTP", raw(func(r *http.Request) string { return echo(r) + "\r\n\r\n" }), nil},
		{"echo as a version", raw(func(r *http.Request) string { return "HTTP/" + echo(r) + " 200 OK\r\n\r\n" }), nil},
		{"echo as a status code", raw(func(r *http.Request) string { return "HTTP/1.1 " + r.Header.Get("X-Api-Key") + " OK\r\n\r\n" }), nil},
		{"echo as a header", raw(func(r *http.Request) string { return "HTTP/1.1 200 OK\r\n" + echo(r) + "\r\n\r\n" }), nil},
		{"echo as the length", raw(func(r *http.Request) string { return "HTTP/1.1 200 OK\r\nContent-Length: " + echo(r) + "\r\n\r\n" }), nil},
		{"echo as two lengths", raw(func(r *http.Request) string {
			return "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: " + echo(r) + "\r\n\r\n"
		}), nil},
		{"echo as an encoding", raw(func(r *http.Request) string { return "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + echo(r) + "\r\n\r\n" }), nil},
		{"echo as a trailer", raw(func(r *http.Request) string {
			return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n0\r\n" + echo(r) + "\r\n\r\n"
		}), nil},
		{"echo as a location", raw(func(r *http.Request) string {
			return "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://[" + echo(r) + "\r\n\r\n"
		}), nil},
		{"client in a client", reset, func(client *http.Client) {
			client.Transport = roundTripper((&http.Client{Transport: client.Transport}).Do)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(tt.handler)
			t.Cleanup(server.Close)
			client := server.Client()
			if tt.prepare != nil {
				tt.prepare(client)
			}
			url := strings.Replace(server.URL, "://", "://user-"+secret+":"+secret+"@", 1) + "/path?token=" + secret
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(secret))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("X-Api-Key", secret)
			err = rest.Do[Code](client, req, &verifyReply{})
			if err == nil {
				t.Fatal("want an error")
			}
			for _, shown := range append(texts(err), fmt.Sprintf("%+v", err), statusOf(t, err).String()) {
				if strings.Contains(shown, secret) {
					t.Errorf("%q shows a part of the request", shown)
				}
			}
		})
	}
}
