package interceptor_test

import (
	"context"
	"fmt"
	"math"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// everyCode returns the codes of the table, a code that it does not list, a
// negative code, and both ends of int32.
func everyCode() []responseCode {
	list := []responseCode{424242, -7, math.MinInt32, math.MaxInt32}
	for code := range codetable.All[responseCode]() {
		list = append(list, code)
	}
	return list
}

// unlinked is a detail whose type is not linked in these tests.
var unlinked = &anypb.Any{TypeUrl: "type.googleapis.com/acme.v9.Unlinked", Value: []byte{0x0a, 0x01, 'x', 0xff}}

func TestEveryCodeComesBackOverEveryKindAndHop(t *testing.T) {
	t.Parallel()
	for _, hops := range []int{1, 3} {
		t.Run(fmt.Sprintf("hops=%d", hops), func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, call func(context.Context, pb.TestServiceClient, ...grpc.CallOption) error) {
				backend := &codeSequence{}
				client := dial(t, serve(t, &service{answer: backend.answer}))
				for range hops - 1 {
					next := client
					client = dial(t, serve(t, &service{answer: func(ctx context.Context) error {
						if err := call(ctx, next); err != nil {
							return fmt.Errorf("hop: %w", err)
						}
						return nil
					}}))
				}
				for _, code := range everyCode() {
					checkCode(t, backend, code, call(t.Context(), client))
				}
			})
		})
	}
}

// codeSequence answers with one code after the other, in the order of
// everyCode.
type codeSequence struct {
	mu   sync.Mutex
	sent []error
}

func (c *codeSequence) answer(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := codetable.NewError(everyCode()[len(c.sent)],
		codetable.WithMetadata("id", "117270465679982593"), codetable.WithDetail(unlinked))
	c.sent = append(c.sent, err)
	return err
}

func (c *codeSequence) last() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sent[len(c.sent)-1]
}

func checkCode(t *testing.T, backend *codeSequence, code responseCode, err error) {
	t.Helper()
	spec, _ := codetable.Lookup(code)
	if spec.GRPCCode() == codes.OK {
		if err != nil {
			t.Errorf("%v: got %v, want success", code, err)
		}
		return
	}
	if got, ok := codetable.CodeOf[responseCode](err); !ok || got != code {
		t.Errorf("CodeOf(%v) = %v, %v; want %v", err, got, ok, code)
		return
	}
	e, ok := err.(*codetable.Error)
	if !ok || !e.Remote() {
		t.Fatalf("%v: the call returned a %T, want a decoded *codetable.Error", code, err)
	}
	if !codetable.Is(backend.last(), code) {
		t.Fatalf("%v: the backend sent %v", code, backend.last())
	}
	want, got := status.Convert(backend.last()).Proto(), e.GRPCStatus().Proto()
	if spec.Retry().Window != 0 {
		want.Details, got.Details = append(want.Details[:1:1], want.Details[2:]...), append(got.Details[:1:1], got.Details[2:]...)
	}
	if !proto.Equal(want, got) {
		t.Errorf("%v: the status changed on its way (-sent +received):\n%s", code, cmp.Diff(want.String(), got.String()))
	}
}

func TestSuccessIsHandedOn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, call func(context.Context, pb.TestServiceClient, ...grpc.CallOption) error) {
		observe := interceptor.WithObserver(func(_ context.Context, e interceptor.Event) { t.Errorf("observed %v", e.Origin) })
		client := dial(t, serve(t, answering(nil), observe), observe)
		if err := call(t.Context(), client); err != nil {
			t.Error(err)
		}
	})
}
