package interceptor_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// nullStream is a stream whose methods all succeed and cost nothing.
type nullStream struct {
	grpc.ClientStream
	ctx context.Context
}

func (nullStream) SendMsg(any) error          { return nil }
func (nullStream) RecvMsg(any) error          { return nil }
func (s nullStream) Context() context.Context { return s.ctx }

type nullServerStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s nullServerStream) Context() context.Context { return s.ctx }
func (nullServerStream) SetTrailer(metadata.MD)     {}

// nullTransport accepts the trailers of unary calls.
type nullTransport struct{ grpc.ServerTransportStream }

func (nullTransport) SetTrailer(metadata.MD) error { return nil }

// paths are calls through the interceptors without a network. They show the
// cost that the interceptors add to a call.
func paths(tb testing.TB, handlerErr error) map[string]func() {
	tb.Helper()
	ctx := grpc.NewContextWithServerTransportStream(tb.Context(), nullTransport{})
	unaryServer, streamServer := interceptor.UnaryServerInterceptor(), interceptor.StreamServerInterceptor()
	inBandServer := interceptor.UnaryServerInterceptor(interceptor.WithInBandCodes())
	unaryClient, streamClient := interceptor.UnaryClientInterceptor(), interceptor.StreamClientInterceptor()
	unaryInfo, streamInfo := &grpc.UnaryServerInfo{FullMethod: "/s/m"}, &grpc.StreamServerInfo{FullMethod: "/s/m"}
	reply, plain := any(replyWith(consistent)), any(&pb.SimpleResponse{})
	handle := func(context.Context, any) (any, error) { return plain, handlerErr }
	handleInBand := func(context.Context, any) (any, error) { return reply, handlerErr }
	stream := func(any, grpc.ServerStream) error { return handlerErr }
	invoker := func(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error { return handlerErr }
	opened, err := streamClient(ctx, &grpc.StreamDesc{}, nil, "/s/m",
		func(context.Context, *grpc.StreamDesc, *grpc.ClientConn, string, ...grpc.CallOption) (grpc.ClientStream, error) {
			return nullStream{ctx: ctx}, nil
		})
	if err != nil {
		tb.Fatal(err)
	}
	serverStream := grpc.ServerStream(&nullServerStream{ctx: ctx})
	return map[string]func(){
		"side=server/kind=unary":                 func() { _, _ = unaryServer(ctx, nil, unaryInfo, handle) },
		"side=server/kind=stream":                func() { _ = streamServer(nil, serverStream, streamInfo, stream) },
		"side=server/kind=in-band-without-field": func() { _, _ = inBandServer(ctx, nil, unaryInfo, handle) },
		"side=server/kind=in-band":               func() { _, _ = inBandServer(ctx, nil, unaryInfo, handleInBand) },
		// The cost of the handler and of the benchmark itself, which the figures
		// above include.
		"side=none/kind=unary":   func() { _, _ = handle(ctx, nil) },
		"side=client/kind=unary": func() { _ = unaryClient(ctx, "/s/m", nil, nil, nil, invoker) },
		"side=client/kind=send":  func() { _ = opened.SendMsg(nil) },
		"side=client/kind=recv":  func() { _ = opened.RecvMsg(nil) },
	}
}

func BenchmarkSuccess(b *testing.B) {
	for name, call := range paths(b, nil) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				call()
			}
		})
	}
}

func TestSuccessAllocatesNothing(t *testing.T) { //nolint:paralleltest // testing.AllocsPerRun can't run in parallel
	for name, call := range paths(t, nil) {
		if n := testing.AllocsPerRun(100, call); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// BenchmarkServerError compares the translation of a static error with details
// with a handler that returns the status itself.
func BenchmarkServerError(b *testing.B) {
	call := paths(b, codetable.NewError(qpsLimit))["side=server/kind=stream"]
	b.Run("by=codetable", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			call()
		}
	})
	b.Run("by=WithDetails", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := withDetails(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func withDetails() (*status.Status, error) {
	return status.New(codes.ResourceExhausted, "QPS rate limit").WithDetails(
		&errdetails.ErrorInfo{Reason: "QPS_LIMIT", Domain: "jverification.jiguang.cn", Metadata: map[string]string{"code": "1804"}},
		&errdetails.RetryInfo{}, &errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{{Subject: "app_key"}}})
}

func BenchmarkClientError(b *testing.B) {
	received := status.Convert(codetable.NewError(qpsLimit))
	failing := func(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error {
		return received.Err()
	}
	client := interceptor.UnaryClientInterceptor()
	b.Run("by=codetable", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = client(b.Context(), "/s/m", nil, nil, nil, failing)
		}
	})
	b.Run("by=Proto", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = received.Proto()
		}
	})
	b.Run("by=Details", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = received.Details()
		}
	})
}

// BenchmarkCall measures a whole call over bufconn with the interceptors of
// both sides. The first baseline has no interceptors and a handler that returns
// a prebuilt status of the same bytes. The second baseline also sets the same
// trailer. The three alternate, so that a change of the machine's speed affects
// all of them. The ratios are ratios of medians.
func BenchmarkCall(b *testing.B) {
	static := codetable.NewError(qpsLimit)
	detailed := codetable.NewError(qpsLimit, codetable.WithMetadata("id", "117270465679982592"), codetable.WithMetadata("trace", "t-1"))
	for name, err := range map[string]error{"ok": nil, "static": static, "detailed": detailed} {
		b.Run("ends="+name, func(b *testing.B) {
			var prebuilt error
			if err != nil {
				prebuilt = status.Convert(err).Err()
			}
			withTrailer := &service{answer: func(ctx context.Context) error {
				if prebuilt == nil {
					return nil
				}
				_ = grpc.SetTrailer(ctx, metadata.Pairs(pushback, "1000"))
				return prebuilt
			}}
			benchmarkTurns(b, err != nil,
				dial(b, serve(b, answering(err))), dialWith(b, serveWith(b, answering(prebuilt))), dialWith(b, serveWith(b, withTrailer)))
		})
	}
}

func benchmarkTurns(b *testing.B, fails bool, clients ...pb.TestServiceClient) {
	b.Helper()
	times := make([][]time.Duration, len(clients))
	for b.Loop() {
		for i, client := range clients {
			start := time.Now()
			if err := kinds["unary"](b.Context(), client); (err != nil) != fails {
				b.Fatal(err)
			}
			times[i] = append(times[i], time.Since(start))
		}
	}
	median := make([]float64, len(clients))
	for i := range times {
		slices.Sort(times[i])
		median[i] = float64(times[i][len(times[i])/2])
	}
	b.ReportMetric(median[0], "ours-ns")
	b.ReportMetric(median[0]/median[1], "of-bare")
	b.ReportMetric(median[0]/median[2], "of-bare-with-trailer")
}
