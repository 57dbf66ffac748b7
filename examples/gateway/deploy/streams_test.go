package deploy_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// TestPushbackOfStreams wants a stream to be repeated unless an item was received:
// gRPC does not retry after that.
func TestPushbackOfStreams(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p proxy) {
		for name, kind := range kinds {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				srv := &service{late: kind.late, answer: func(_ context.Context, call int32) error {
					if call > 1 {
						return nil
					}
					return codetable.NewError(qpsLimit, codetable.WithRetryAfter(time.Millisecond))
				}}
				b := newBackend(t, srv)
				err := kind.call(bounded(t), pb.NewTestServiceClient(p.dial(t, b, patient)))
				want, code := int32(2), codes.OK
				if kind.late {
					want, code = 1, codes.ResourceExhausted
				}
				if calls := srv.calls.Load(); calls != want || status.Code(err) != code {
					t.Errorf("%d calls ended in %v, want %d and %v", calls, err, want, code)
				}
			})
		}
	})
}

// TestStreamIsNotBuffered sends an item only when the one before is answered.
func TestStreamIsNotBuffered(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p proxy) {
		b := newBackend(t, failing(nil))
		stream, err := jverificationv1.NewVerificationServiceClient(p.dial(t, b)).VerifyNumbers(bounded(t))
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range failures() {
			item := &jverificationv1.VerifyNumberRequest{Phone: phone, Token: fmt.Sprintf("code-%d", code)}
			if err := stream.Send(&jverificationv1.VerifyNumbersRequest{Item: item}); err != nil {
				t.Fatal(err)
			}
			answer, err := stream.Recv()
			if err != nil {
				t.Fatal(err)
			}
			if got := answer.GetItem().GetCode(); got != code {
				t.Errorf("code = %v, want %v", got, code)
			}
		}
	})
}

// TestLongStream sends more than the default limit of a proxy for one request, in
// messages that are refused one by one.
func TestLongStream(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p proxy) {
		b := newBackend(t, failing(nil))
		stream, err := jverificationv1.NewVerificationServiceClient(p.dial(t, b)).VerifyNumbers(bounded(t))
		if err != nil {
			t.Fatal(err)
		}
		item := &jverificationv1.VerifyNumberRequest{ExId: strings.Repeat("x", 32<<10)} // neither number nor token
		for sent := 0; sent < 4<<20; sent += proto.Size(item) {
			if err := stream.Send(&jverificationv1.VerifyNumbersRequest{Item: item}); err != nil {
				t.Fatal(err)
			}
			answer, err := stream.Recv()
			if err != nil {
				t.Fatalf("after %d bytes: %v", sent, err)
			}
			if got, want := answer.GetItem().GetCode(), jverificationv1.ResponseCode_RESPONSE_CODE_PARAMETER_INVALID; got != want {
				t.Fatalf("code = %v, want %v", got, want)
			}
		}
	})
}
