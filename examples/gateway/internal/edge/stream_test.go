package edge_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// stream is an open VerifyNumbers of any protocol.
type stream interface {
	Send(*jverificationv1.VerifyNumbersRequest) error
	Receive() (*jverificationv1.VerifyNumbersResponse, error)
	CloseRequest() error
}

type nativeStream struct {
	jverificationv1.VerificationService_VerifyNumbersClient
}

func (s nativeStream) Receive() (*jverificationv1.VerifyNumbersResponse, error) { return s.Recv() }
func (s nativeStream) CloseRequest() error                                      { return s.CloseSend() }

// streaming opens a stream and reads its error as a status.
type streaming struct {
	name   string
	open   func(*testing.T, stack) stream
	status func(*testing.T, error) *statuspb.Status
}

var streamings = []streaming{
	{"gRPC", openNative, func(_ *testing.T, err error) *statuspb.Status { return status.Convert(err).Proto() }},
	{"gRPC through the edge", openConnect(connect.WithGRPC()), connectStatus},
	{"gRPC-Web", openConnect(connect.WithGRPCWeb()), connectStatus},
	{"gRPC-Web with JSON", openConnect(connect.WithGRPCWeb(), connect.WithProtoJSON()), connectStatus},
	{"Connect", openConnect(), connectStatus},
	{"Connect with JSON", openConnect(connect.WithProtoJSON()), connectStatus},
	{"Connect with gzip", openConnect(connect.WithSendGzip()), connectStatus},
}

func openNative(t *testing.T, s stack) stream {
	t.Helper()
	ctx := metadata.AppendToOutgoingContext(t.Context(), "accept-language", locale)
	opened, err := jverificationv1.NewVerificationServiceClient(s.native).VerifyNumbers(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return nativeStream{opened}
}

func openConnect(opts ...connect.ClientOption) func(*testing.T, stack) stream {
	return func(t *testing.T, s stack) stream {
		t.Helper()
		client := connect.NewClient[jverificationv1.VerifyNumbersRequest, jverificationv1.VerifyNumbersResponse](
			newWire(t, true).Client, s.url+jverificationv1.VerificationService_VerifyNumbers_FullMethodName, opts...)
		opened := client.CallBidiStream(t.Context())
		opened.RequestHeader().Set("Accept-Language", locale)
		return opened
	}
}

// TestStream has each item answered before the next is sent.
func TestStream(t *testing.T) {
	t.Parallel()
	for _, public := range []bool{false, true} {
		s := simulate(t, public)
		for _, p := range streamings {
			t.Run(fmt.Sprintf("%s, public %t", p.name, public), func(t *testing.T) {
				t.Parallel()
				open := p.open(t, s)
				for code, spec := range codetable.All[jverificationv1.ResponseCode]() {
					item := &jverificationv1.VerifyNumberRequest{Phone: phone, Token: fmt.Sprintf("code-%d", code), ExId: spec.Reason()}
					if err := open.Send(&jverificationv1.VerifyNumbersRequest{Item: item}); err != nil {
						t.Fatal(err)
					}
					got, err := open.Receive()
					if err != nil {
						t.Fatal(err)
					}
					want := &jverificationv1.VerifyNumbersResponse{Item: &jverificationv1.VerifyNumberResponse{ExId: item.ExId}}
					hidden := public && spec.Fault() == codetablev1.Fault_FAULT_OPERATOR
					foreign := spec.GRPCCode() == codes.OK && code != jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_CONSISTENT
					if hidden || foreign {
						want.GrpcCode, want.GatewayCode = got.GrpcCode, got.GatewayCode //nolint:protogetter // nil has to stay nil
						if got.GetGrpcCode() == codetablev1.GrpcCode_GRPC_CODE_OK {
							t.Errorf("%d has no failing gRPC code", code)
						}
					} else {
						want.Item.Code = &code
					}
					ignoreID := protocmp.IgnoreFields(&jverificationv1.VerifyNumberResponse{}, "id")
					if diff := cmp.Diff(want, got, protocmp.Transform(), ignoreID); diff != "" {
						t.Errorf("%d (-want +got):\n%s", code, diff)
					}
				}
				if err := open.CloseRequest(); err != nil {
					t.Fatal(err)
				}
				if _, err := open.Receive(); !errors.Is(err, io.EOF) {
					t.Errorf("the stream ended with %v", err)
				}
			})
		}
	}
}

// TestStreamEndsWithStatus has a stream fail as a whole, for every code.
func TestStreamEndsWithStatus(t *testing.T) {
	t.Parallel()
	s := serve(t, stubbed(func(_ context.Context, req *jverificationv1.VerifyNumberRequest) error {
		return codetable.NewError(jverificationv1.ResponseCode(jverificationv1.ResponseCode_value[req.GetToken()]))
	}))
	for _, p := range streamings {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			for code, spec := range codetable.All[jverificationv1.ResponseCode]() {
				if spec.GRPCCode() == codes.OK {
					continue
				}
				open := p.open(t, s)
				item := &jverificationv1.VerifyNumberRequest{Token: code.String()}
				if err := open.Send(&jverificationv1.VerifyNumbersRequest{Item: item}); err != nil && !errors.Is(err, io.EOF) { // the server may have answered
					t.Fatal(err)
				}
				_, err := open.Receive()
				checkFailure(t, spec.Reason(), spec, p.status(t, err))
			}
		})
	}
}

// TestStreamNeedsHTTP2 wants a refusal where the answers could not come while
// requests are still sent.
func TestStreamNeedsHTTP2(t *testing.T) {
	t.Parallel()
	s := serve(t, stubbed(fine))
	header := http.Header{"Content-Type": {"application/connect+json"}}
	got := post(t, newWire(t, false).Client, s.url+jverificationv1.VerificationService_VerifyNumbers_FullMethodName, header, http.NoBody)
	if got.status != http.StatusHTTPVersionNotSupported {
		t.Errorf("HTTP/1.1: status %d", got.status)
	}
}
