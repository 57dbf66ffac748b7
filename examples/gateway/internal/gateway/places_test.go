package gateway_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const (
	overloaded  = jverificationv1.GatewayCode_GATEWAY_CODE_OVERLOADED
	callerLimit = jverificationv1.GatewayCode_GATEWAY_CODE_CALLER_LIMIT
	noAnswer    = jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_NO_ANSWER
	rejected    = jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_REJECTED
)

// from is the context of a call from an address.
func from(ctx context.Context, addr string) context.Context {
	return peer.NewContext(ctx, &peer.Peer{Addr: net.TCPAddrFromAddrPort(netip.MustParseAddrPort(addr))})
}

// call verifies a number in this process.
func call(ctx context.Context, g *gateway.Gateway) error {
	_, err := g.VerifyNumber(ctx, &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token})
	return err
}

// TestCallsAreBounded fills the one place that there is.
func TestCallsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, upstream, _ := newWatched(t, func(c *gateway.Config) { c.MaxUpstreamCalls = 1 })
		upstream.answer = late(4*time.Second, answering(http.StatusOK, `{"code":9000}`))
		one, other := from(t.Context(), "192.0.2.1:1"), from(t.Context(), "192.0.2.2:1")
		first := make(chan error, 1)
		go func() { first <- call(one, g) }()
		synctest.Wait()
		for _, tt := range []struct {
			ctx  context.Context
			want jverificationv1.GatewayCode
			code codes.Code
		}{
			{other, overloaded, codes.Unavailable},
			{one, callerLimit, codes.ResourceExhausted},
		} {
			go func() {
				start := time.Now()
				err := call(tt.ctx, g)
				if !codetable.Is(err, tt.want) || status.Code(err) != tt.code || time.Since(start) != gateway.DefaultTimeout/2 {
					t.Errorf("error = %v after %v, want %v after half of the time", err, time.Since(start), tt.want)
				}
				if coded, ok := codetable.FromError(err); !ok || coded.Retry().Delay != time.Second {
					t.Errorf("%v: no delay of a second", err)
				}
			}()
		}
		ctx, cancel := context.WithCancel(other)
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		if err := call(ctx, g); status.Code(status.FromContextError(err).Err()) != codes.Canceled || time.Since(start) != time.Second {
			t.Errorf("a caller who leaves the queue: %v after %v", err, time.Since(start))
		}
		if err := <-first; err != nil || upstream.calls != 1 {
			t.Errorf("the first call: %v, %d calls", err, upstream.calls)
		}
		if err := call(other, g); err != nil || upstream.calls != 2 {
			t.Errorf("a call with a place: %v, %d calls", err, upstream.calls)
		}
	})
}

// TestOneCallerLeavesPlacesToOthers has a caller with 200 calls at a time.
func TestOneCallerLeavesPlacesToOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, upstream, _ := newWatched(t, func(c *gateway.Config) { c.MaxUpstreamCalls = 32 })
		upstream.answer = late(time.Second, answering(http.StatusOK, `{"code":9000}`))
		var greedy sync.WaitGroup
		for range 200 {
			greedy.Go(func() { _ = call(from(t.Context(), "192.0.2.1:1"), g) })
		}
		synctest.Wait()
		for i := range 7 {
			start := time.Now()
			err := call(from(t.Context(), "192.0.2."+strconv.Itoa(2+i)+":1"), g)
			if err != nil || time.Since(start) != time.Second {
				t.Errorf("another caller: %v after %v, want success without a wait", err, time.Since(start))
			}
		}
		greedy.Wait()
	})
}

// TestCallerIdentity has two calls at a time where a caller may have one.
func TestCallerIdentity(t *testing.T) {
	t.Parallel()
	certificate := func(name string) context.Context {
		state := tls.ConnectionState{PeerCertificates: []*x509.Certificate{{Raw: []byte(name)}}}
		return peer.NewContext(t.Context(), &peer.Peer{AuthInfo: credentials.TLSInfo{State: state}})
	}
	header := func(values ...string) context.Context {
		return metadata.NewIncomingContext(t.Context(), metadata.MD{"x-forwarded-for": values})
	}
	addr := func(addr string) context.Context { return from(t.Context(), addr) }
	text := func(addr string) context.Context {
		return peer.NewContext(t.Context(), &peer.Peer{Addr: textAddr(addr)})
	}
	const byHeader = "metadata:x-forwarded-for"
	tests := map[string]struct {
		identity string
		a, b     context.Context
		one      bool
	}{
		"another port":              {"", addr("192.0.2.1:1"), addr("192.0.2.1:2"), true},
		"another address":           {"address", addr("192.0.2.1:1"), addr("192.0.2.2:1"), false},
		"IPv4 in IPv6":              {"address", addr("192.0.2.1:1"), addr("[::ffff:192.0.2.1]:1"), true},
		"the same /64":              {"address", addr("[2001:db8::1]:1"), addr("[2001:db8::ffff:1]:2"), true},
		"another /64":               {"address", addr("[2001:db8::1]:1"), addr("[2001:db8:0:1::1]:1"), false},
		"an address as a text":      {"address", text("192.0.2.1:1"), addr("192.0.2.1:2"), true},
		"not an IP address":         {"address", text("@a"), text("@b"), false},
		"no peer":                   {"address", t.Context(), t.Context(), true},
		"one certificate":           {"certificate", certificate("a"), certificate("a"), true},
		"two certificates":          {"certificate", certificate("a"), certificate("b"), false},
		"no certificate":            {"certificate", addr("192.0.2.1:1"), addr("192.0.2.2:1"), true},
		"one header":                {byHeader, header("a"), header("a"), true},
		"two headers":               {byHeader, header("a"), header("b"), false},
		"what a client has sent":    {byHeader, header("x, a"), header("y,  a"), true},
		"the same, as two headers":  {byHeader, header("x", "a"), header("y", "a"), true},
		"the proxy says two":        {byHeader, header("x, a"), header("x, b"), false},
		"no header":                 {byHeader, addr("192.0.2.1:1"), t.Context(), true},
		"an address for the header": {byHeader, header("a"), t.Context(), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			entered, leave := make(chan struct{}), make(chan struct{})
			g, upstream, _ := newWatched(t, func(c *gateway.Config) {
				c.CallerIdentity, c.MaxCallerCalls, c.Timeout = tt.identity, 1, 20*time.Millisecond
			})
			upstream.answer = func(r *http.Request) (*http.Response, error) {
				entered <- struct{}{}
				<-leave
				return answering(http.StatusOK, `{"code":9000}`)(r)
			}
			done := make(chan error, 2)
			go func() { done <- call(tt.a, g) }()
			<-entered
			go func() { done <- call(tt.b, g) }()
			if tt.one {
				if err := <-done; !codetable.Is(err, callerLimit) {
					t.Errorf("the second call: %v, want a refusal", err)
				}
				close(leave)
				if err := <-done; err != nil {
					t.Errorf("the first call: %v", err)
				}
				return
			}
			select {
			case <-entered:
			case err := <-done:
				t.Errorf("the second call: %v, want two at a time", err)
			}
			close(leave)
		})
	}
}

type textAddr string

func (a textAddr) Network() string { return "text" }
func (a textAddr) String() string  { return string(a) }
