package edge_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// upstream is a transport that fails, or answers with a status and a body.
type upstream func() (*http.Response, error)

func (u upstream) RoundTrip(*http.Request) (*http.Response, error) { return u() }

func broken(err error) upstream {
	return func() (*http.Response, error) { return nil, err }
}

func replying(status int, body string) upstream {
	return func() (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

// TestOwnFailures has the gateway itself fail. Over every protocol a caller gets the
// whole error of the gateway's table; and of what only the operator can fix, such as
// the gateway's own key, a mask that is not Unauthenticated.
func TestOwnFailures(t *testing.T) {
	t.Parallel()
	lookup := func(code jverificationv1.GatewayCode) codetable.Spec {
		spec, _ := codetable.Lookup(code)
		return spec
	}
	badKey, _ := codetable.Lookup(jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_AUTH_FAILED)
	tests := []struct {
		name     string
		upstream upstream
		spec     codetable.Spec
		masked   bool // in public
	}{
		{"timeout", broken(context.DeadlineExceeded), lookup(jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_TIMEOUT), false},
		{"unreachable", broken(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), lookup(jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_UNREACHABLE), false},
		{"reset", broken(syscall.ECONNRESET), lookup(jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_NO_ANSWER), false},
		{"a proxy's 502", replying(http.StatusBadGateway, ""), lookup(jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_NO_ANSWER), false},
		{"a proxy's 401", replying(http.StatusUnauthorized, ""), lookup(jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_REJECTED), true},
		{"our key is refused", replying(http.StatusOK, `{"code":9011}`), badKey, true},
	}
	for _, tt := range tests {
		for _, public := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, public %t", tt.name, public), func(t *testing.T) {
				t.Parallel()
				checkOwn(t, inFrontOf(t, tt.upstream, public), tt.spec, public && tt.masked)
			})
		}
	}
}

// inFrontOf is a stack of the gateway in front of an upstream.
func inFrontOf(t *testing.T, u upstream, public bool) stack {
	t.Helper()
	g, err := gateway.New(gateway.Config{
		UpstreamURL: "https://upstream.test", AppKey: "key", MasterSecret: "secret", Transport: u,
		PublicBoundary: public, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, service{g.Chain(), func(r grpc.ServiceRegistrar) { g.Register(r) }})
}

// checkOwn makes a call over each protocol.
func checkOwn(t *testing.T, s stack, spec codetable.Spec, masked bool) {
	t.Helper()
	m := methods[0]
	_, native := callNative(t, s, newWire(t, false), m, m.request(token))
	for _, p := range protocols {
		w := newWire(t, p.http2)
		_, st := p.call(t, s, w, m, m.request(token))
		if diff := cmp.Diff(native, st, protocmp.Transform(), volatile); diff != "" {
			t.Errorf("%s (-native +got):\n%s", p.name, diff)
		}
		if !masked {
			checkFailure(t, p.name, spec, st)
			continue
		}
		checkMasked(t, p.name, spec, st, w.received.String())
		if codes.Code(st.GetCode()) != codes.Internal {
			t.Errorf("%s: %v, want Internal", p.name, st)
		}
	}
}
