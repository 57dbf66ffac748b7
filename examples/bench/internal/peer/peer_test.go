package peer_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/codetable/grpc-codetable/examples/bench/internal/peer"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

const code = jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_INTERVAL_BELOW_MINIMUM

// All peers do the same work: the client of each has all facts of a code.
func TestEachPeerCarriesAllFacts(t *testing.T) {
	t.Parallel()
	for _, p := range peer.All() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			client := start(t, p, peer.Service{
				Unary: func(_ context.Context, request *peer.Request) (*peer.Response, error) {
					if request.GetToken() == "good" {
						return &peer.Response{ExId: request.GetExId()}, nil
					}
					return nil, p.Failure(code)
				},
				Stream: func(_ context.Context, send func(*peer.Item) error) error {
					return send(&peer.Item{})
				},
			}, peer.Options{})
			response, err := client.Unary(t.Context(), &peer.Request{Token: "good", ExId: "id"})
			if err != nil || response.GetExId() != "id" {
				t.Errorf("Unary = %v, %v, want the response", response, err)
			}
			received := 0
			if err := client.Stream(t.Context(), func(*peer.Item) { received++ }); err != nil || received != 1 {
				t.Errorf("Stream = %v after %d messages, want nil after 1", err, received)
			}
			_, err = client.Unary(t.Context(), &peer.Request{})
			if diff := cmp.Diff(*peer.FactsOf(code), p.Read(err), protocmp.Transform(), cmpopts.EquateEmpty(), cmpopts.IgnoreFields(peer.Facts{}, "Limit")); diff != "" {
				t.Errorf("facts, sent - received +:\n%s", diff)
			}
			if number, ok := p.Decode(err); !ok || number != int32(code) {
				t.Errorf("Decode(%v) = %d, %t, want %d", err, number, ok, int32(code))
			}
		})
	}
}

// Encode and Decode do without a connection what server and client do.
func TestEncodeAndDecode(t *testing.T) {
	t.Parallel()
	for _, p := range peer.All() {
		if p.Encode == nil {
			continue
		}
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			sent := p.Encode(t.Context(), p.Failure(code))
			if number, ok := p.Decode(sent.Err()); !ok || number != int32(code) {
				t.Errorf("Decode(%v) = %d, %t, want %d", sent, number, ok, int32(code))
			}
		})
	}
}

// The peers with standard details send the same bytes.
func TestSameStatus(t *testing.T) {
	t.Parallel()
	want := peer.All()[0]
	for _, p := range peer.All() {
		if !strings.HasPrefix(p.Name, "status") && p.Name != "gax apierror" && !strings.HasPrefix(p.Name, "temporal") {
			continue
		}
		got := p.Encode(t.Context(), p.Failure(code)).Proto()
		if diff := cmp.Diff(want.Encode(t.Context(), want.Failure(code)).Proto(), got, protocmp.Transform()); diff != "" {
			t.Errorf("status of codetable - and of %s +:\n%s", p.Name, diff)
		}
	}
}

func start(t *testing.T, p peer.Peer, service peer.Service, options peer.Options) peer.Client {
	t.Helper()
	client, stop, err := p.Start(service, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return client
}
