package deploy_test

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// withHeaders adds as many fields as Envoy accepts beside its own and those of gRPC, of
// size bytes together.
func withHeaders(ctx context.Context, size int) context.Context {
	const fields = 90
	for i := range fields {
		name := "x-field-" + strconv.Itoa(i)
		ctx = metadata.AppendToOutgoingContext(ctx, name, strings.Repeat("x", size/fields-len(name)))
	}
	return ctx
}

// TestEnvoyBoundsHeaders sends more and more of them. What Envoy accepts, the gateway
// accepts too, although it counts 32 bytes more for each field, and Envoy adds some.
func TestEnvoyBoundsHeaders(t *testing.T) {
	t.Parallel()
	srv := &service{answer: func(context.Context, int32) error { return nil }}
	client := pb.NewTestServiceClient(envoy.dial(t, newBackend(t, srv)))
	accepted := 0
	for size := 8 << 10; size <= 17<<10; size += 90 {
		switch code := status.Code(unaryCall(withHeaders(bounded(t), size), client)); code {
		case codes.OK:
			accepted = size
		case codes.Internal: // of Envoy
		default:
			t.Fatalf("%d bytes: %v", size, code)
		}
	}
	if accepted < 11<<10 || accepted > 13<<10 {
		t.Errorf("%d bytes are accepted", accepted)
	}
}

// TestEnvoyEjectsNoGatewayThatResets has a client that makes a gateway reset many calls
// at once. The other callers go on to use both.
func TestEnvoyEjectsNoGatewayThatResets(t *testing.T) {
	t.Parallel()
	const flood, calls = 50, 20
	f := newReplicas(t, 2, map[string]string{"max_request_headers_kb: 12": "max_request_headers_kb: 60"})
	client := pb.NewTestServiceClient(f.conn)
	var resets sync.WaitGroup
	for range flood {
		resets.Go(func() {
			if err := unaryCall(withHeaders(bounded(t), 20<<10), client); status.Code(err) != codes.Unavailable {
				t.Errorf("error = %v, want a reset by the gateway", err)
			}
		})
	}
	resets.Wait()
	for range calls {
		if err := unaryCall(bounded(t), client); err != nil {
			t.Error(err)
		}
	}
	for i, r := range f.replicas {
		if got := r.tests.calls.Load(); got == 0 {
			t.Errorf("replica %d got none of %d calls", i, calls)
		}
	}
}
