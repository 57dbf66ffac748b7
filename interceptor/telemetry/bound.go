package telemetry

import (
	"context"

	"google.golang.org/grpc"
)

// unknownMethod is what the metrics of go-grpc-middleware see of an unknown
// method: a label for each name would not be bounded.
const unknownMethod = "/" + unknown + "/" + unknown

func (s *side) isUnknown(fullMethod string) bool {
	return s.methods.of(fullMethod) == s.methods.unknown
}

func (s *side) boundedUnary(next grpc.UnaryServerInterceptor) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		if s.isUnknown(info.FullMethod) {
			info = &grpc.UnaryServerInfo{Server: info.Server, FullMethod: unknownMethod}
		}
		return next(ctx, req, info, handler)
	}
}

func (s *side) boundedStream(next grpc.StreamServerInterceptor) grpc.StreamServerInterceptor {
	return func(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		if s.isUnknown(info.FullMethod) {
			info = &grpc.StreamServerInfo{FullMethod: unknownMethod, IsClientStream: info.IsClientStream, IsServerStream: info.IsServerStream}
		}
		return next(server, stream, info, handler)
	}
}

func (s *side) boundedUnaryClient(next grpc.UnaryClientInterceptor) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		if !s.isUnknown(method) {
			return next(ctx, method, req, reply, cc, invoker, opts...)
		}
		return next(ctx, unknownMethod, req, reply, cc, func(ctx context.Context, _ string, req, reply any, cc *grpc.ClientConn, opts ...grpc.CallOption) error {
			return invoker(ctx, method, req, reply, cc, opts...)
		}, opts...)
	}
}

func (s *side) boundedStreamClient(next grpc.StreamClientInterceptor) grpc.StreamClientInterceptor {
	return func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		if !s.isUnknown(method) {
			return next(ctx, desc, cc, method, streamer, opts...)
		}
		return next(ctx, desc, cc, unknownMethod, func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, _ string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
			return streamer(ctx, desc, cc, method, opts...)
		}, opts...)
	}
}
