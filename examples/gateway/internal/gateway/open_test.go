package gateway_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// TestOpenCallsAreBounded opens as many streams as there may be, is refused one call more
// on each listener, and ends a stream.
func TestOpenCallsAreBounded(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		all, each  int // max-upstream-calls and max-caller-calls, an eighth of the open ones
		want       jverificationv1.GatewayCode
		httpStatus int
	}{
		{"of a caller", 4, 1, jverificationv1.GatewayCode_GATEWAY_CODE_CALLER_LIMIT, http.StatusTooManyRequests},
		{"of all", 1, 4, jverificationv1.GatewayCode_GATEWAY_CODE_OVERLOADED, http.StatusServiceUnavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			config := configFor(newStub(t, saying(`{"code":9000}`)).URL, io.Discard)
			config.MaxUpstreamCalls, config.MaxCallerCalls = tt.all, tt.each
			g := gatewaytest.New(t, config, gatewaytest.Options{Web: true})
			var end func() error
			for range gateway.OpenPerPlace {
				end = open(t, g.Client)
			}
			if err := verify(t.Context(), g.Client); !codetable.Is(err, tt.want) {
				t.Errorf("gRPC: error = %v, want %v", err, tt.want)
			}
			resp, err := http.Post(g.URL+"/v1/numbers:verify", "application/json", strings.NewReader(`{"phone":"`+phone+`","token":"`+token+`"}`)) //nolint:noctx // it is answered at once
			if err != nil {
				t.Fatal(err)
			}
			if resp.Body.Close(); resp.StatusCode != tt.httpStatus {
				t.Errorf("REST: %s, want %d", resp.Status, tt.httpStatus)
			}
			if err := end(); err != nil {
				t.Fatal(err)
			}
			for err = verify(t.Context(), g.Client); codetable.Is(err, tt.want); { // the gateway may see the end later
				err = verify(t.Context(), g.Client)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// open begins a stream, which has answered one item, and returns what ends it.
func open(t *testing.T, client jverificationv1.VerificationServiceClient) (end func() error) {
	t.Helper()
	stream, err := client.VerifyNumbers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&jverificationv1.VerifyNumbersRequest{Item: &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token}}); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	return stream.CloseSend
}
