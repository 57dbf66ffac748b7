package deploy_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/dnstest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// wantUncoded wants an answer of Envoy itself: a status without a code.
func wantUncoded(t *testing.T, err error, code codes.Code) {
	t.Helper()
	coded, ok := codetable.FromError(err)
	if got := status.Convert(err); got.Code() != code || len(got.Details()) > 0 || ok {
		t.Errorf("error = %v with %d details and code %v, want %v without a code", err, len(got.Details()), coded, code)
	}
}

// TestEnvoyAnswersItself has calls that Envoy does not hand on, or gets no answer to. The
// client of each retries whatever it may: a call that was sent arrives once.
func TestEnvoyAnswersItself(t *testing.T) {
	t.Parallel()
	waiting := func(ctx context.Context, _ int32) error {
		<-ctx.Done()
		return ctx.Err()
	}
	tests := map[string]struct {
		changes map[string]string
		answer  func(b *backend) func(context.Context, int32) error
		header  int // bytes of metadata
		code    codes.Code
		sent    int32
	}{
		"timeout": {
			changes: map[string]string{"cluster: grpc, timeout: 15s": "cluster: grpc, timeout: 1s"},
			answer:  func(*backend) func(context.Context, int32) error { return waiting },
			code:    codes.Unavailable, sent: 1,
		},
		"lost": {
			answer: func(b *backend) func(context.Context, int32) error {
				return func(ctx context.Context, _ int32) error {
					b.listener.cut()
					return waiting(ctx, 0)
				}
			},
			code: codes.Unavailable, sent: 1,
		},
		"headers of the answer": {
			answer: func(*backend) func(context.Context, int32) error {
				return func(context.Context, int32) error { return withDetail(60 << 10) }
			},
			code: codes.Unavailable, sent: 1,
		},
		"headers of the request": {header: 17 << 10, code: codes.Internal},
		"overload":               {changes: map[string]string{"max_requests: 10000": "max_requests: 0"}, code: codes.Unavailable},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := &service{}
			b := newBackend(t, srv, largeBudget)
			srv.answer = func(context.Context, int32) error { return errors.New("not handed on") }
			if tt.answer != nil {
				srv.answer = tt.answer(b)
			}
			client := pb.NewTestServiceClient(envoy.with(tt.changes).dial(t, b, hasty))
			ctx := metadata.AppendToOutgoingContext(bounded(t), "x-large", strings.Repeat("x", tt.header))
			wantUncoded(t, unaryCall(ctx, client), tt.code)
			if calls := srv.calls.Load(); calls != tt.sent {
				t.Errorf("the gateway got %d calls, want %d", calls, tt.sent)
			}
		})
	}
}

// largeBudget lets the gateway send more details than the header list of many clients
// can hold.
func largeBudget(c *gateway.Config) {
	c.Interceptor = append(c.Interceptor, interceptor.WithDetailBudget(1<<20))
}

// withDetail is a status of that many bytes.
func withDetail(size int) error {
	build := func(n int) *spb.Status {
		detail, _ := anypb.New(&errdetails.DebugInfo{Detail: strings.Repeat("x", n)}) // a string of ASCII
		return &spb.Status{Code: int32(codes.FailedPrecondition), Details: []*anypb.Any{detail}}
	}
	n := size
	for proto.Size(build(n)) > size {
		n--
	}
	return status.FromProto(build(n)).Err()
}

// TestEnvoyHeaderBudget sends details beyond the budget of the interceptor. In base64 a
// status takes a third more.
func TestEnvoyHeaderBudget(t *testing.T) {
	t.Parallel()
	tooLarge := map[string]codes.Code{"unary": codes.Unavailable, "stream": codes.Unavailable, "stream, after an item": codes.Internal}
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			size := 0
			srv := &service{late: kind.late, answer: func(context.Context, int32) error { return withDetail(size) }}
			client := pb.NewTestServiceClient(envoy.dial(t, newBackend(t, srv, largeBudget)))
			intact := func(bytes int) {
				size = bytes
				var trailer metadata.MD
				err := kind.call(bounded(t), client, grpc.Trailer(&trailer))
				got, want := status.Convert(err).Proto().GetDetails(), status.Convert(withDetail(size)).Proto().GetDetails()
				if status.Code(err) != codes.FailedPrecondition || len(got) != 1 || !proto.Equal(got[0], want[0]) {
					t.Errorf("%d bytes: %v with %d details", size, err, len(got))
				}
			}
			for _, bytes := range []int{4 << 10, 8 << 10, 16 << 10, 40 << 10} {
				intact(bytes)
			}
			size = 60 << 10
			wantUncoded(t, kind.call(bounded(t), client), tooLarge[name])
			intact(4 << 10)
		})
	}
}

// TestEnvoyKnowsNoGateway has a name without addresses.
func TestEnvoyKnowsNoGateway(t *testing.T) {
	t.Parallel()
	_, conn := behindName(t, dnstest.Start(t), "1", nil)
	err := unaryCall(bounded(t), pb.NewTestServiceClient(conn))
	wantUncoded(t, err, codes.Unavailable)
	if text := status.Convert(err).Message(); text != "no healthy upstream" {
		t.Errorf("the text is %q", text)
	}
}

// TestEnvoyAsksUnhealthyGateways has replicas that can't reach their upstream. They say
// so with a code, and Envoy can't.
func TestEnvoyAsksUnhealthyGateways(t *testing.T) {
	t.Parallel()
	f := newReplicas(t, 2, map[string]string{"interval: 3s": "interval: 0.05s"})
	f.upstreamDown.Store(true)
	for _, r := range f.replicas {
		for range gateway.DefaultHealthFailures {
			if err := verify(bounded(t), r.Conn, "unused"); err == nil {
				t.Fatal("the upstream can be reached")
			}
		}
	}
	for f.envoy.healthy(t) > 0 {
		<-f.replicas[0].checked
	}
	for range 10 {
		if err := verify(bounded(t), f.conn, "unused"); !codetable.Is(err, jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_UNREACHABLE) {
			t.Errorf("error = %v, want that the upstream is unreachable", err)
		}
	}
}
