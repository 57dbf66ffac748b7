package deploy_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const (
	phone    = "13800138000"
	pushback = "grpc-retry-pushback-ms"
	budget   = 4096 // of the server interceptor, by default

	qpsLimit = jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT
)

// Both policies retry every failure, as a client that does not know the table may.
// The backoff of the patient one is longer than any test: a call that was repeated
// followed the pushback. That of the hasty one is short: a call that was not repeated
// followed the pushback too.
var (
	patient = retryPolicy("3600s")
	hasty   = retryPolicy("0.001s")
)

func retryPolicy(backoff string) grpc.DialOption {
	return grpc.WithDefaultServiceConfig(fmt.Sprintf(`{"methodConfig": [{"name": [{}], "retryPolicy": {
		"maxAttempts": 4, "initialBackoff": %[1]q, "maxBackoff": %[1]q, "backoffMultiplier": 1,
		"retryableStatusCodes": ["RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "UNAVAILABLE", "INTERNAL", "UNKNOWN"]}}]}`, backoff))
}

// unlisted are codes that the table does not list.
var unlisted = []jverificationv1.ResponseCode{-1, 1, 77, 4242, 12345, math.MaxInt32}

// failures are the failing codes of the table.
func failures() []jverificationv1.ResponseCode {
	var failing []jverificationv1.ResponseCode
	for code, spec := range codetable.All[jverificationv1.ResponseCode]() {
		if spec.GRPCCode() != codes.OK {
			failing = append(failing, code)
		}
	}
	return failing
}

func failing(err error) *service {
	return &service{answer: func(context.Context, int32) error { return err }}
}

func verify(ctx context.Context, conn *grpc.ClientConn, token string, opts ...grpc.CallOption) error {
	_, err := jverificationv1.NewVerificationServiceClient(conn).VerifyNumber(ctx,
		&jverificationv1.VerifyNumberRequest{Phone: phone, Token: token}, opts...)
	return err
}

// wantWhole compares what the client received with what the gateway sent.
func wantWhole(t *testing.T, b *backend, err error, trailer metadata.MD) {
	t.Helper()
	want := <-b.sent
	got := status.Convert(err)
	if got.Code() != codes.Code(want.status.GetCode()) || got.Message() != want.status.GetMessage() {
		t.Errorf("got %v %q, want %v %q", got.Code(), got.Message(), codes.Code(want.status.GetCode()), want.status.GetMessage())
	}
	details, err := proto.Marshal(want.status)
	if err != nil {
		t.Fatal(err)
	}
	if !cmp.Equal(trailer["grpc-status-details-bin"], []string{string(details)}) {
		t.Errorf("%v: the %d details are not those sent", got.Code(), len(got.Details()))
	}
	if len(want.trailer[pushback]) != 1 || !cmp.Equal(trailer[pushback], want.trailer[pushback]) {
		t.Errorf("pushback = %q, want one, and the one sent: %q", trailer[pushback], want.trailer[pushback])
	}
}

// boundaries are what callers may see: all codes, or those that concern them.
var boundaries = map[string]func(*gateway.Config){
	"internal": func(*gateway.Config) {},
	"public":   func(c *gateway.Config) { c.PublicBoundary = true },
}

// TestEveryFailingCode compares the bytes, and wants no headers: gRPC honours the
// pushback only in trailers-only responses.
func TestEveryFailingCode(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p proxy) {
		for name, boundary := range boundaries {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				everyFailingCode(t, p, boundary)
			})
		}
	})
}

func everyFailingCode(t *testing.T, p proxy, boundary func(*gateway.Config)) {
	t.Helper()
	var code jverificationv1.ResponseCode
	b := newBackend(t, &service{answer: func(context.Context, int32) error { return codetable.NewError(code) }}, boundary)
	conn := p.dial(t, b)
	client := pb.NewTestServiceClient(conn)
	ctx := metadata.AppendToOutgoingContext(bounded(t), "accept-language", "zh-CN")
	for _, code = range append(failures(), unlisted...) {
		token := fmt.Sprintf("code-%d", code)
		for kind, call := range map[string]func(...grpc.CallOption) error{
			"unary":  func(opts ...grpc.CallOption) error { return verify(ctx, conn, token, opts...) },
			"stream": func(opts ...grpc.CallOption) error { return streamCall(ctx, client, opts...) },
		} {
			var header, trailer metadata.MD
			err := call(grpc.Header(&header), grpc.Trailer(&trailer))
			if err == nil {
				t.Fatalf("%s, %s succeeded", token, kind)
			}
			wantWhole(t, b, err, trailer)
			if len(header) > 0 {
				t.Errorf("%s, %s: headers before the trailers: %v", token, kind, header)
			}
		}
	}
}

// largest returns the largest error that the interceptor sends unchanged: the details
// fill the budget, and the text its share.
func largest(t *testing.T) error {
	t.Helper()
	build := func(n int) error {
		return codetable.NewError(qpsLimit,
			codetable.WithMessage(strings.Repeat("é", budget/4/len("%C3%A9"))),
			codetable.WithRetryAfter(time.Millisecond),
			codetable.WithDetail(&errdetails.DebugInfo{Detail: strings.Repeat("x", n)}))
	}
	n := budget
	for proto.Size(status.Convert(build(n)).Proto()) > budget {
		n--
	}
	return build(n)
}

func TestLargestError(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p proxy) {
		for name, kind := range kinds {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				srv := failing(largest(t))
				srv.late = kind.late
				b := newBackend(t, srv)
				client := pb.NewTestServiceClient(p.dial(t, b))
				for range 2 { // HPACK makes the second one shorter
					var trailer metadata.MD
					err := kind.call(bounded(t), client, grpc.Trailer(&trailer))
					if size := len(strings.Join(trailer["grpc-status-details-bin"], "")); size != budget {
						t.Errorf("%d bytes of details, want %d", size, budget)
					}
					wantWhole(t, b, err, trailer)
				}
			})
		}
	})
}

// TestPushbackRepeatsTheCall relies on gRPC's own retry alone.
func TestPushbackRepeatsTheCall(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p proxy) {
		b := newBackend(t, failing(nil))
		const token = "then-success-1804-x"
		if err := verify(bounded(t), p.dial(t, b, patient), token); err != nil {
			t.Error(err)
		}
		if calls := b.Simulator.Calls(token); calls != 2 {
			t.Errorf("the upstream was called %d times, want 2", calls)
		}
	})
}

func TestPushbackForbidsTheRetry(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p proxy) {
		b := newBackend(t, failing(nil))
		conn := p.dial(t, b, hasty)
		for _, token := range []string{"code-9003", "code-9018", "code-9007", "code-12345"} {
			if err := verify(bounded(t), conn, token); err == nil {
				t.Errorf("%s succeeded", token)
			}
			if calls := b.Simulator.Calls(token); calls != 1 {
				t.Errorf("%s was sent %d times, want once", token, calls)
			}
		}
	})
}

// TestCutConnection cuts a connection during a call, after a call that succeeded.
// The call may have spent a token, so it must not be sent again. Where a proxy makes
// gRPC do so, its configuration warns of it.
func TestCutConnection(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p proxy) {
		srv := &service{}
		b := newBackend(t, srv)
		srv.answer = func(ctx context.Context, call int32) error {
			if call == 1 {
				return nil
			}
			b.listener.cut()
			<-ctx.Done()
			return errors.New("the connection is cut")
		}
		client := pb.NewTestServiceClient(p.dial(t, b))
		if err := unaryCall(bounded(t), client); err != nil {
			t.Fatal(err)
		}
		if err := unaryCall(bounded(t), client); status.Code(err) != codes.Unavailable {
			t.Errorf("error = %v, want Unavailable", err)
		}
		want := int32(2)
		if p.refuses {
			want = 3
		}
		if calls := srv.calls.Load(); calls != want {
			t.Errorf("%d calls arrived, want %d", calls, want)
		}
	})
}

func TestGatewayStopped(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p proxy) {
		b := newBackend(t, failing(nil))
		conn := p.dial(t, b)
		if err := verify(bounded(t), conn, "code-9000"); err != nil {
			t.Fatal(err)
		}
		b.Server.Stop()
		if err := verify(bounded(t), conn, "code-9000"); status.Code(err) != codes.Unavailable {
			t.Errorf("error = %v, want Unavailable", err)
		}
	})
}
