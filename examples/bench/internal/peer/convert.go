package peer

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
)

// converting returns the options of a server and of a client for a library that has two functions,
// but no interceptors: send converts the error of a handler, and receive the error of a call.
func converting(send, receive func(error) error) ([]grpc.ServerOption, []grpc.DialOption) {
	server := []grpc.ServerOption{
		grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			resp, err := handler(ctx, req)
			if err != nil {
				return nil, send(err)
			}
			return resp, nil
		}),
		grpc.StreamInterceptor(func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			if err := handler(srv, ss); err != nil {
				return send(err)
			}
			return nil
		}),
	}
	return server, []grpc.DialOption{grpc.WithUnaryInterceptor(receiving(receive))}
}

// receiving returns an interceptor that converts the error of a call. The errors of streams are
// converted where they are read, because each of these functions takes a converted error too.
func receiving(receive func(error) error) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		if err := invoker(ctx, method, req, reply, cc, opts...); err != nil {
			return receive(err)
		}
		return nil
	}
}

// convert returns the status of an error that has one, as grpc-go does.
func convert(_ context.Context, err error) *status.Status { return status.Convert(err) }

// through calls the interceptor of a client with the error of a call.
func through(client grpc.UnaryClientInterceptor, err error) error {
	return client(context.Background(), "", nil, nil, nil,
		func(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error { return err })
}
