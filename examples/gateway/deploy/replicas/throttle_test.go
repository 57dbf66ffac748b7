package replicas_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// failing is a server that counts its calls and answers all of them alike.
type failing struct {
	jverificationv1.UnimplementedVerificationServiceServer

	attempts atomic.Int32
	err      error
}

func (s *failing) QueryBusinessRisk(context.Context, *jverificationv1.QueryBusinessRiskRequest) (*jverificationv1.QueryBusinessRiskResponse, error) {
	s.attempts.Add(1)
	return &jverificationv1.QueryBusinessRiskResponse{}, s.err
}

// call returns how many attempts a call takes. Without a pushback the client waits
// by the backoff of the config, which takes no time in a bubble.
func (s *failing) call(t *testing.T, client jverificationv1.VerificationServiceClient) int32 {
	t.Helper()
	before := s.attempts.Load()
	_, err := client.QueryBusinessRisk(t.Context(), &jverificationv1.QueryBusinessRiskRequest{})
	if status.Code(err) != status.Code(s.err) {
		t.Fatalf("error = %v, want %v", err, s.err)
	}
	return s.attempts.Load() - before
}

// serve returns a client with the generated config.
func (s *failing) serve(t *testing.T) jverificationv1.VerificationServiceClient {
	t.Helper()
	server := grpc.NewServer()
	jverificationv1.RegisterVerificationServiceServer(server, s)
	checks := health.NewServer()
	checks.SetServingStatus(jverificationv1.VerificationService_ServiceDesc.ServiceName, healthpb.HealthCheckResponse_SERVING)
	healthpb.RegisterHealthServer(server, checks)
	listener := bufconn.Listen(bufferSize)
	gatewaytest.Serve(t, server, listener)
	conn := gatewaytest.Dial(t, listener, grpc.WithDefaultServiceConfig(serviceConfig(t)))
	return jverificationv1.NewVerificationServiceClient(conn)
}

// TestFailingServersAreNotRetried lets every attempt fail. Each takes one token,
// and a retry needs more than half of the 100 tokens that there are at first. Each
// success returns one.
func TestFailingServersAreNotRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const calls = 25 // of two attempts each
		s := &failing{err: status.Error(codes.Unavailable, "down")}
		client := s.serve(t)
		for i := range calls {
			if n := s.call(t, client); n != 2 {
				t.Fatalf("call %d took %d attempts, want a retry", i, n)
			}
		}
		const throttled = 10
		for i := range throttled {
			if n := s.call(t, client); n != 1 {
				t.Fatalf("call %d took %d attempts, want no retry where all calls fail", calls+i, n)
			}
		}
		succeed := func(successes int) {
			s.err = nil
			for range successes {
				s.call(t, client)
			}
			s.err = status.Error(codes.Unavailable, "down again")
		}
		succeed(throttled) // 50 tokens, of which the next failure takes one
		if n := s.call(t, client); n != 1 {
			t.Errorf("%d attempts, want none again at half a bucket", n)
		}
		succeed(3)
		if n := s.call(t, client); n != 2 {
			t.Errorf("%d attempts after successes, want a retry", n)
		}
	})
}
