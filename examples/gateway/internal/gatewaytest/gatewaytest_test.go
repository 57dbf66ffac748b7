package gatewaytest_test

import (
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

var spent = &jverificationv1.VerifyNumberRequest{Phone: "13800138000", Token: "code-9003"}

// TestStart calls a gateway over both of its listeners, and wants no goroutine to
// be left when it has stopped. The other tests of this package wait meanwhile.
//
//nolint:paralleltest // it counts the goroutines of the process
func TestStart(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("serving", func(t *testing.T) {
		g := gatewaytest.Start(t, gatewaytest.Options{Web: true})
		_, err := g.Client.VerifyNumber(t.Context(), spent)
		if !codetable.Is(err, jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST) {
			t.Errorf("error = %v, want 9003", err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, g.URL+"/v1/numbers:verify",
			strings.NewReader(`{"phone":"13800138000","token":"code-9003"}`))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := new(http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest || g.Simulator.Calls(spent.GetToken()) != 2 {
			t.Errorf("%s after %d calls of the upstream", resp.Status, g.Simulator.Calls(spent.GetToken()))
		}
	})
	for deadline := 0; runtime.NumGoroutine() > before; deadline++ {
		if deadline > 1e6 {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
		runtime.Gosched()
	}
}

// TestInMemory has no sockets, and so runs in a bubble.
func TestInMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := gatewaytest.New(t, gateway.Config{
			UpstreamURL: "https://upstream.test", AppKey: "key", MasterSecret: "secret", Transport: refuse{}, Logger: slog.New(slog.DiscardHandler),
		}, gatewaytest.Options{Listener: bufconn.Listen(1 << 16)})
		if _, err := g.Client.VerifyNumber(t.Context(), spent); status.Code(err) != codes.Unavailable {
			t.Errorf("error = %v, want Unavailable", err)
		}
	})
}

type refuse struct{}

func (refuse) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, http.ErrServerClosed
}
