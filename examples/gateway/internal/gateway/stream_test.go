package gateway_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// ask sends all items before it reads an answer.
func ask(t *testing.T, client jverificationv1.VerificationServiceClient, items []*jverificationv1.VerifyNumberRequest) []*jverificationv1.VerifyNumbersResponse {
	t.Helper()
	stream, err := client.VerifyNumbers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range items {
		if err := stream.Send(&jverificationv1.VerifyNumbersRequest{Item: item}); err != nil {
			t.Fatal(err)
		}
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	var answers []*jverificationv1.VerifyNumbersResponse
	for {
		answer, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return answers
		}
		if err != nil {
			t.Fatal(err)
		}
		answers = append(answers, answer)
	}
}

// answer is what one item came to.
type answer struct {
	exID string
	code *jverificationv1.ResponseCode
	grpc *codetablev1.GrpcCode
}

func (a answer) message() *jverificationv1.VerifyNumbersResponse {
	return &jverificationv1.VerifyNumbersResponse{
		Item:     &jverificationv1.VerifyNumberResponse{ExId: a.exID, Code: a.code},
		GrpcCode: a.grpc,
	}
}

func TestVerifyNumbers(t *testing.T) {
	t.Parallel()
	code := func(n int32) *jverificationv1.ResponseCode { return jverificationv1.ResponseCode(n).Enum() }
	items := []*jverificationv1.VerifyNumberRequest{
		{Phone: phone, Token: "code-9003", ExId: "spent"},
		{Phone: phone, Token: "code-9000", ExId: "yes"},
		{Phone: phone, Token: "code-9018", ExId: "operator"},
		{Phone: phone, Token: "code-9001", ExId: "no"},
		{Phone: phone, Token: "code-9007", ExId: "operator, until midnight"},
		{Phone: phone, Token: "code-12345", ExId: "unlisted"},
		{Phone: phone, ExId: "without a token"},
		nil,
		{Phone: phone, Token: "code-9099", ExId: "upstream"},
	}
	tests := []struct {
		name   string
		public bool
		want   []answer
	}{
		{"among friends", false, []answer{
			{"spent", code(9003), nil},
			{"yes", code(9000), nil},
			{"operator", code(9018), nil},
			{"no", code(9001), nil},
			{"operator, until midnight", code(9007), nil},
			{"unlisted", code(12345), nil},
			{"without a token", code(9012), nil},
			{"", code(9012), nil},
			{"upstream", code(9099), nil},
		}},
		{"in public", true, []answer{
			{"spent", code(9003), nil},
			{"yes", code(9000), nil},
			{"operator", nil, codetablev1.GrpcCode_GRPC_CODE_INTERNAL.Enum()},
			{"no", code(9001), nil},
			{"operator, until midnight", nil, codetablev1.GrpcCode_GRPC_CODE_UNAVAILABLE.Enum()},
			{"unlisted", nil, codetablev1.GrpcCode_GRPC_CODE_INTERNAL.Enum()},
			{"without a token", code(9012), nil},
			{"", code(9012), nil},
			{"upstream", code(9099), nil},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client := simulate(t, func(c *gateway.Config) { c.PublicBoundary = tt.public })
			var want []*jverificationv1.VerifyNumbersResponse
			for _, a := range tt.want {
				want = append(want, a.message())
			}
			got := ask(t, client, items)
			ignoreID := protocmp.IgnoreFields(&jverificationv1.VerifyNumberResponse{}, "id")
			if diff := cmp.Diff(want, got, protocmp.Transform(), ignoreID); diff != "" {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
			for i, item := range got {
				// The simulator gives a serial to answers, 9000 and 9001, alone.
				if answered := i == 1 || i == 3; (item.GetItem().GetId() != 0) != answered {
					t.Errorf("item %d: id = %d, answered = %t", i, item.GetItem().GetId(), answered)
				}
			}
		})
	}
}

// TestVerifyNumbersWithoutCodes has an upstream that says nothing of a code.
func TestVerifyNumbersWithoutCodes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		public bool
		want   codetablev1.GrpcCode
		own    *jverificationv1.GatewayCode
	}{
		{"gone", http.StatusBadGateway, false, codetablev1.GrpcCode_GRPC_CODE_UNAVAILABLE, noAnswer.Enum()},
		{"gone, in public", http.StatusBadGateway, true, codetablev1.GrpcCode_GRPC_CODE_UNAVAILABLE, noAnswer.Enum()},
		{"refused", http.StatusUnauthorized, false, codetablev1.GrpcCode_GRPC_CODE_INTERNAL, rejected.Enum()},
		{"refused, in public", http.StatusUnauthorized, true, codetablev1.GrpcCode_GRPC_CODE_INTERNAL, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			upstream := newStub(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(tt.status) })
			logs := &logBuffer{}
			config := configFor(upstream.URL, logs)
			config.PublicBoundary = tt.public
			got := ask(t, dial(t, config), []*jverificationv1.VerifyNumberRequest{{Phone: phone, Token: token, ExId: "mark"}})
			want := []*jverificationv1.VerifyNumbersResponse{answer{"mark", nil, tt.want.Enum()}.message()}
			want[0].GatewayCode = tt.own
			if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
			if !strings.Contains(logs.String(), "upstream answered HTTP") {
				t.Errorf("the log does not say what failed:\n%s", logs)
			}
		})
	}
}

// TestVerifyNumbersCancelled gives up while the upstream has an item.
func TestVerifyNumbersCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan struct{})
	upstream := newStub(t, func(_ http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Error(err)
		}
		cancel()
		<-left
	})
	stream, err := dial(t, configFor(upstream.URL, io.Discard)).VerifyNumbers(ctx)
	if err != nil {
		t.Fatal(err)
	}
	item := &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token}
	if err := stream.Send(&jverificationv1.VerifyNumbersRequest{Item: item}); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); status.Code(err) != codes.Canceled {
		t.Errorf("error = %v, want Canceled", err)
	}
	close(left)
}

// malformed sends bytes that are no message.
type malformed struct{}

func (malformed) Name() string { return "proto" }
func (malformed) Marshal(any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer{0xff}}, nil
}
func (malformed) Unmarshal(mem.BufferSlice, any) error { return nil }

// TestVerifyNumbersMalformed wants bytes that are no message to be the caller's
// fault: a failure without a code is an error in the log, and raises an alert.
func TestVerifyNumbersMalformed(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	config := configFor("http://127.0.0.1:1", io.Discard)
	config.Registerer = registry
	stream, err := dial(t, config).VerifyNumbers(t.Context(), grpc.ForceCodecV2(malformed{}))
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&jverificationv1.VerifyNumbersRequest{}); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); status.Code(err) != codes.Internal { // which grpc-go sends by itself
		t.Errorf("error = %v", err)
	}
	want := []string{"VerifyNumbers PARAMETER_INVALID CALLER 1"}
	if diff := cmp.Diff(want, counted(t, registry, "codetable_failures_total", "grpc_method", "reason", "fault")); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
}
