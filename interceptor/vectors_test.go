package interceptor_test

import (
	"context"
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/anypb"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/internal/vectortest"
)

// vector is one of the test vectors that say what a server sends.
type vector struct {
	Name     string           `json:"name"`
	Status   []byte           `json:"status"`
	GRPCCode uint32           `json:"grpc_code"`
	Pushback string           `json:"pushback"`
	Send     *vectortest.Send `json:"send"`
}

func TestServerSendsEveryVector(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../proto/jiguang/jverification/v1/testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	sent := 0
	for _, v := range vectors {
		if v.Send == nil {
			continue
		}
		sent++
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			st, pushback := exchange(t, v)
			if uint32(st.Code()) != v.GRPCCode {
				t.Errorf("the code is %v, want %d", st.Code(), v.GRPCCode)
			}
			want := &spb.Status{}
			if err := proto.Unmarshal(v.Status, want); err != nil {
				t.Fatal(err)
			}
			got := withRequestID(t, st.Proto(), v.Send.RequestID)
			if string(sorted(t, got)) != string(sorted(t, want)) {
				t.Errorf("status (-want +got):\n%s", cmp.Diff(want, got, protocmp.Transform()))
			}
			if diff := cmp.Diff([]string{v.Pushback}, pushback); diff != "" {
				t.Errorf("grpc-retry-pushback-ms (-want +got):\n%s", diff)
			}
		})
	}
	if sent < 100 {
		t.Errorf("%d vectors say what is sent", sent)
	}
}

// exchange returns what a client gets from a server that is given the error of
// the vector.
func exchange(t *testing.T, v vector) (*status.Status, []string) {
	t.Helper()
	listener := serveAll(t, []*grpc.ServiceDesc{&jverificationv1.VerificationService_ServiceDesc}, &verification{service: answering(v.Send.Err())},
		grpc.UnaryInterceptor(interceptor.UnaryServerInterceptor(v.Send.Options()...)))
	ctx := t.Context()
	if v.Send.AcceptLanguage != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "accept-language", v.Send.AcceptLanguage)
	}
	var trailer metadata.MD
	_, err := jverificationv1.NewVerificationServiceClient(connect(t, listener)).VerifyNumber(ctx, &jverificationv1.VerifyNumberRequest{}, grpc.Trailer(&trailer))
	return status.Convert(err), trailer.Get("grpc-retry-pushback-ms")
}

// verification serves a method that declares codes of the table of the vectors.
type verification struct {
	*service
	jverificationv1.UnimplementedVerificationServiceServer
}

func (s *verification) VerifyNumber(ctx context.Context, _ *jverificationv1.VerifyNumberRequest) (*jverificationv1.VerifyNumberResponse, error) {
	return nil, s.answer(ctx)
}

// withRequestID replaces the random id of the server.
func withRequestID(t *testing.T, message *spb.Status, id string) *spb.Status {
	t.Helper()
	for _, detail := range message.GetDetails() {
		request := &errdetails.RequestInfo{}
		if !detail.MessageIs(request) {
			continue
		}
		if err := detail.UnmarshalTo(request); err != nil || !regexp.MustCompile(`^[A-Z2-7]{26}$`).MatchString(request.GetRequestId()) {
			t.Errorf("the request id is %q: %v", request.GetRequestId(), err)
		}
		request.RequestId = id
		repack(t, detail, request)
	}
	return message
}

// sorted returns the bytes of a status in which the entries of maps are sorted.
func sorted(t *testing.T, message *spb.Status) []byte {
	t.Helper()
	for _, detail := range message.GetDetails() {
		m, err := detail.UnmarshalNew()
		if err != nil {
			t.Fatal(err)
		}
		repack(t, detail, m)
	}
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func repack(t *testing.T, detail *anypb.Any, m proto.Message) {
	t.Helper()
	size := len(detail.GetValue())
	if err := anypb.MarshalFrom(detail, m, proto.MarshalOptions{Deterministic: true}); err != nil || len(detail.GetValue()) != size {
		t.Errorf("%s has %d bytes in its usual form, want %d: %v", detail.MessageName(), len(detail.GetValue()), size, err)
	}
}
