package system

import (
	"context"
	"fmt"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// recovered makes a bare error of a panic of the handler. Its text is secret.
var recovered = recovery.WithRecoveryHandler(func(value any) error { return fmt.Errorf("panic: %v", value) })

// guardUnary is the outermost interceptor.
func (s *System) guardUnary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (reply any, err error) {
	defer s.catch(&err)
	reply, err = handler(ctx, req)
	return reply, s.tamper(err)
}

// guardStream is the outermost interceptor.
func (s *System) guardStream(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
	defer s.catch(&err)
	return s.tamper(handler(srv, stream))
}

// catch counts a panic that would end the process.
func (s *System) catch(err *error) {
	if value := recover(); value != nil {
		s.Panics.Add(1)
		*err = status.Error(codes.Internal, "panic")
	}
}

func (s *System) tamper(err error) error {
	if s.options.Tamper == nil {
		return err
	}
	return s.options.Tamper(err)
}
