package server

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/redistest"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// TestGatewaysShareTheBoundOfACaller has one call under way in one gateway, and no
// cool-down.
func TestGatewaysShareTheBoundOfACaller(t *testing.T) {
	t.Parallel()
	u := startUpstream(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	held := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost { // a probe
			return
		}
		entered <- struct{}{}
		<-leave
		_, _ = w.Write([]byte(`{"code":9000}`))
	}))
	t.Cleanup(held.Close)
	u.url = held.URL
	server := redistest.Start(t)
	const file = "max-caller-calls: 1\ntimeout: 20s\n"
	first, second := startSharing(t, u, "unix://"+server.Socket, file+"cooldown: off"), startSharing(t, u, "unix://"+server.Socket, file+"cooldown: off")
	request := &jverificationv1.VerifyNumberRequest{Phone: phone, Token: "token"}
	done := make(chan error, 1)
	go func() {
		_, err := first.VerifyNumber(soon(t), request)
		done <- err
	}()
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second) // it waits for half of it
	defer cancel()
	if _, err := second.VerifyNumber(ctx, request); !codetable.Is(err, jverificationv1.GatewayCode_GATEWAY_CODE_CALLER_LIMIT) || status.Code(err) != codes.ResourceExhausted {
		t.Errorf("error = %v, want the limit of the caller", err)
	}
	leave <- struct{}{}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	go func() {
		<-entered
		leave <- struct{}{}
	}()
	if _, err := second.VerifyNumber(soon(t), request); err != nil {
		t.Errorf("after the call of the other gateway: %v", err)
	}
}
