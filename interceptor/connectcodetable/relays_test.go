package connectcodetable_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/connectcodetable"
)

// relay is what a server sends of an error that another server sent.
type relay struct {
	Name           string `json:"name"`
	Received       []byte `json:"received"`
	ReceivedCode   int32  `json:"received_grpc_code"`
	Public         bool   `json:"public"`
	AcceptLanguage string `json:"accept_language"`
	Status         []byte `json:"status"`
	Pushback       string `json:"pushback"`
}

func TestRelays(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../proto/jiguang/jverification/v1/testdata/relays.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []relay
	if err := json.Unmarshal(raw, &list); err != nil || len(list) < 50 {
		t.Fatalf("%d relays, %v", len(list), err)
	}
	for _, protocol := range []string{connect.ProtocolGRPC, connect.ProtocolGRPCWeb} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			client := httpClient(t)
			for _, r := range list {
				err := r.call(t, client, protocols[protocol])
				got, _ := connectcodetable.StatusOf(err)
				ignored := protocmp.IgnoreFields(&errdetails.RequestInfo{}, "request_id")
				if diff := cmp.Diff(vector{Status: r.Status}.message(), got.Proto(), protocmp.Transform(), ignored); diff != "" {
					t.Errorf("%s (-want +sent):\n%s", r.Name, diff)
				}
				checkAdvice(t, r.Name, protocol, err, r.Pushback, "")
			}
		})
	}
}

// call calls a server whose handler calls another one.
func (r relay) call(t *testing.T, client *http.Client, option connect.ClientOption) error {
	t.Helper()
	upstream := serve(t, http.HandlerFunc(vector{Status: r.Received, GRPCCode: r.ReceivedCode}.replay))
	relaying := &service{answer: func(ctx context.Context) error {
		return kinds["unary"](ctx, client, upstream, option, decoding())
	}}
	var opts []interceptor.ServerOption
	if r.Public {
		opts = append(opts, interceptor.WithPublicBoundary())
	}
	ctx := t.Context()
	if r.AcceptLanguage != "" {
		ctx = withHeader(ctx, "Accept-Language", r.AcceptLanguage)
	}
	return kinds["unary"](ctx, client, serve(t, intercept(relaying, opts...)), option)
}
