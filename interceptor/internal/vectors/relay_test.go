package main_test

import (
	"context"
	"encoding/json"
	"net"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
)

type relay struct {
	Name           string `json:"name"`
	Received       []byte `json:"received"`
	ReceivedCode   int32  `json:"received_grpc_code"`
	Public         bool   `json:"public"`
	AcceptLanguage string `json:"accept_language"`
	RequestID      string `json:"request_id"`
	Status         []byte `json:"status"`
	GRPCCode       int32  `json:"grpc_code"`
	Pushback       string `json:"pushback"`
}

// Each status arrives at a server from another server, and is sent on.
func TestGoRelaysEveryError(t *testing.T) {
	t.Parallel()
	var list []relay
	if err := json.Unmarshal(read(t, "relays.json"), &list); err != nil || len(list) < 50 {
		t.Fatalf("%d relays: %v", len(list), err)
	}
	upstream := serve(t, func(i int) (int32, []byte) { return list[i].ReceivedCode, list[i].Received },
		grpc.WithUnaryInterceptor(interceptor.UnaryClientInterceptor()))
	internal := serveRelay(t, upstream)
	public := serveRelay(t, upstream, interceptor.WithPublicBoundary())
	for i, r := range list {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			ctx := metadata.AppendToOutgoingContext(t.Context(), "relay", strconv.Itoa(i))
			if r.AcceptLanguage != "" {
				ctx = metadata.AppendToOutgoingContext(ctx, "accept-language", r.AcceptLanguage)
			}
			conn := internal
			if r.Public {
				conn = public
			}
			var trailer metadata.MD
			_, err := jverificationv1.NewVerificationServiceClient(conn).VerifyNumber(ctx, &jverificationv1.VerifyNumberRequest{}, grpc.Trailer(&trailer))
			want := &spb.Status{}
			if err := proto.Unmarshal(r.Status, want); err != nil || want.GetCode() != r.GRPCCode {
				t.Fatalf("code %d, want %d: %v", want.GetCode(), r.GRPCCode, err)
			}
			got := withRequestID(t, status.Convert(err).Proto(), r.RequestID)
			if string(bytesOf(t, got)) != string(bytesOf(t, want)) {
				t.Errorf("status (-want +got):\n%s", cmp.Diff(want, got, protocmp.Transform()))
			}
			if diff := cmp.Diff([]string{r.Pushback}, trailer.Get("grpc-retry-pushback-ms")); diff != "" {
				t.Errorf("grpc-retry-pushback-ms (-want +got):\n%s", diff)
			}
		})
	}
}

// relayServer returns the errors of another server.
type relayServer struct {
	jverificationv1.UnimplementedVerificationServiceServer
	upstream *grpc.ClientConn
}

func (s *relayServer) VerifyNumber(ctx context.Context, _ *jverificationv1.VerifyNumberRequest) (*jverificationv1.VerifyNumberResponse, error) {
	number := metadata.ValueFromIncomingContext(ctx, "relay")[0]
	i, _ := strconv.Atoi(number)
	return nil, invoke(ctx, s.upstream, i)
}

func serveRelay(t *testing.T, upstream *grpc.ClientConn, opts ...interceptor.ServerOption) *grpc.ClientConn {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.UnaryInterceptor(interceptor.UnaryServerInterceptor(opts...)))
	jverificationv1.RegisterVerificationServiceServer(server, &relayServer{upstream: upstream})
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return dial(t, listener.Addr())
}

// withRequestID replaces the id that a server made. An id of another server is
// kept.
func withRequestID(t *testing.T, message *spb.Status, id string) *spb.Status {
	t.Helper()
	for _, detail := range message.GetDetails() {
		request := &errdetails.RequestInfo{}
		if detail.MessageIs(request) && detail.UnmarshalTo(request) == nil && len(request.GetRequestId()) == len(id) {
			request.RequestId = id
			if err := detail.MarshalFrom(request); err != nil {
				t.Fatal(err)
			}
		}
	}
	return message
}

func bytesOf(t *testing.T, message *spb.Status) []byte {
	t.Helper()
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
