package gateway_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// transport answers in place of a network.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestDeadline asks what deadline the upstream call has.
func TestDeadline(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name             string
		configured, left time.Duration // 0: not set
		want             time.Duration
	}{
		{"default", 0, 0, gateway.DefaultTimeout},
		{"configured", time.Minute, 0, time.Minute},
		{"the caller's is longer", time.Minute, time.Hour, time.Minute},
		{"the caller's is shorter", time.Hour, time.Minute, time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			var deadline time.Time
			config := configFor("https://upstream.test", io.Discard)
			config.Timeout = tt.configured
			config.Transport = transport(func(r *http.Request) (*http.Response, error) {
				deadline, _ = r.Context().Deadline()
				return nil, errors.New("that is all")
			})
			g, err := gateway.New(config)
			if err != nil {
				t.Fatal(err)
			}
			ctx := t.Context()
			if tt.left > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithDeadline(ctx, start.Add(tt.left))
				defer cancel()
			}
			_, err = g.VerifyNumber(ctx, &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token})
			if status.Code(err) != codes.Unavailable {
				t.Errorf("error = %v, want Unavailable", err)
			}
			earliest, latest := start.Add(tt.want), time.Now().Add(tt.want)
			if deadline.Before(earliest) || deadline.After(latest) {
				t.Errorf("deadline = %v, want one in [%v, %v]", deadline, earliest, latest)
			}
		})
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		config := configFor("https://upstream.test", io.Discard)
		config.Transport = transport(func(r *http.Request) (*http.Response, error) {
			calls++
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		g, err := gateway.New(config)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		_, err = g.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token})
		if status.Code(err) != codes.DeadlineExceeded || time.Since(start) != gateway.DefaultTimeout {
			t.Errorf("error = %v after %v, want DeadlineExceeded after %v", err, time.Since(start), gateway.DefaultTimeout)
		}
		if calls != 1 {
			t.Errorf("the upstream was called %d times, want once", calls)
		}
	})
}

// TestOneCallEach wants one call to the upstream however it fails.
func TestOneCallEach(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer http.HandlerFunc
		want   codes.Code
	}{
		{"connection lost", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, codes.Unavailable},
		{"redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, codes.Internal},
		{"unavailable", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, codes.Unavailable},
		{"internal error", saying(`{"code":2000}`), codes.Internal},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			upstream := newStub(t, tt.answer)
			err := verify(t.Context(), dial(t, configFor(upstream.URL, io.Discard)))
			if status.Code(err) != tt.want {
				t.Errorf("error = %v, want %v", err, tt.want)
			}
			if n := upstream.calls.Load(); n != 1 {
				t.Errorf("the upstream was called %d times, want once", n)
			}
		})
	}
}

func TestConnectionIsReused(t *testing.T) {
	t.Parallel()
	upstream := newStub(t, saying(`{"code":9003}`))
	client := dial(t, configFor(upstream.URL, io.Discard))
	for range 10 {
		if err := verify(t.Context(), client); err == nil {
			t.Fatal("want 9003")
		}
	}
	if n := upstream.conns.Load(); n != 1 {
		t.Errorf("10 calls took %d connections, want 1", n)
	}
}

func TestTLSIsVerified(t *testing.T) {
	t.Parallel()
	upstream := unstarted(saying(`{"code":9000}`))
	upstream.StartTLS() // with a certificate that nobody trusts
	t.Cleanup(upstream.Close)
	logs := &logBuffer{}
	client := dial(t, configFor(upstream.URL, logs))
	if err := verify(t.Context(), client); status.Code(err) != codes.Unavailable {
		t.Errorf("error = %v, want Unavailable", err)
	}
	if n := upstream.calls.Load(); n != 0 {
		t.Errorf("the upstream got %d calls", n)
	}
	if got := logs.String(); !strings.Contains(got, "nothing was sent: tls") {
		t.Errorf("the log does not say why:\n%s", got)
	}
}

func TestAuthorityOfTheUpstream(t *testing.T) {
	t.Parallel()
	upstream := unstarted(saying(`{"code":9000}`))
	upstream.StartTLS()
	t.Cleanup(upstream.Close)
	config := configFor(upstream.URL, io.Discard)
	config.UpstreamCAs = x509.NewCertPool()
	config.UpstreamCAs.AddCert(upstream.Certificate())
	if err := verify(t.Context(), dial(t, config)); err != nil {
		t.Errorf("trusted: %v", err)
	}
}

// TestPanic wants the stack in the log and nothing of it on the wire.
func TestPanic(t *testing.T) {
	t.Parallel()
	logs := &logBuffer{}
	config := configFor("https://upstream.test", logs)
	config.Transport = transport(func(*http.Request) (*http.Response, error) { panic("a secret of ours") })
	err := verify(t.Context(), dial(t, config))
	if status.Code(err) != codes.Internal || strings.Contains(fmt.Sprint(status.Convert(err).Proto()), "secret") {
		t.Errorf("error = %v, want Internal and no more", err)
	}
	if got := logs.String(); !strings.Contains(got, "a secret of ours") || !strings.Contains(got, "goroutine") {
		t.Errorf("the log does not hold the panic:\n%s", got)
	}
}

// TestBaseURLKeepsItsPath allows for an upstream behind a prefix.
func TestBaseURLKeepsItsPath(t *testing.T) {
	t.Parallel()
	got := ""
	upstream := newStub(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.URL.Path
		saying(`{"code":9000}`)(w, r)
	})
	if err := verify(t.Context(), dial(t, configFor(upstream.URL+"/prefix/", io.Discard))); err != nil {
		t.Fatal(err)
	}
	if want := "/prefix/v1/web/verify"; got != want {
		t.Errorf("path = %q, want %q", got, want)
	}
}
