package interceptor_test

import (
	"context"
	"fmt"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// verification is a service whose upstream says that the token is spent.
type verification struct {
	jverificationv1.UnimplementedVerificationServiceServer
}

func (verification) VerifyNumber(context.Context, *jverificationv1.VerifyNumberRequest) (*jverificationv1.VerifyNumberResponse, error) {
	err := codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST)
	return nil, fmt.Errorf("ask upstream: %w", err)
}

// Four lines in a server, two in a client.
func Example() {
	// --- server ---
	server := grpc.NewServer(
		grpc.ChainUnaryInterceptor(interceptor.UnaryServerInterceptor()),
		grpc.ChainStreamInterceptor(interceptor.StreamServerInterceptor()),
	)
	jverificationv1.RegisterVerificationServiceServer(server, verification{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()

	// --- client ---
	conn, err := grpc.NewClient(listener.Addr().String(),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithChainUnaryInterceptor(interceptor.UnaryClientInterceptor()),
		grpc.WithChainStreamInterceptor(interceptor.StreamClientInterceptor()))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = conn.Close() }()

	_, err = jverificationv1.NewVerificationServiceClient(conn).VerifyNumber(context.Background(), &jverificationv1.VerifyNumberRequest{})
	switch code, ok := codetable.CodeOf[jverificationv1.ResponseCode](err); {
	case !ok:
		fmt.Println("no code:", status.Code(err))
	case code == jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST:
		e, _ := codetable.FromError(err)
		fmt.Println(int32(code), e.Reason(), e.GRPCStatus().Code())
		fmt.Println(e.Fault(), e.Retry())
		fmt.Println(e.UserMessage("zh-CN"))
	}
	// Output:
	// 9003 TOKEN_EXPIRED_OR_NOT_EXIST FailedPrecondition
	// FAULT_END_USER NEW_INPUT
	// 验证已过期，请重新开始验证。
}

// An operator's troubles are masked for the public, and reach the observer.
func ExampleWithPublicBoundary() {
	translate := interceptor.UnaryServerInterceptor(
		interceptor.WithPublicBoundary(),
		interceptor.WithObserver(func(_ context.Context, e interceptor.Event) {
			fmt.Println("observed:", e.Err.Reason(), e.Masked, e.CorrelationID != "")
		}),
	)
	_, err := translate(context.Background(), nil, &grpc.UnaryServerInfo{FullMethod: "/acme.Service/Method"},
		func(context.Context, any) (any, error) {
			return nil, codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_INSUFFICIENT_BALANCE)
		})
	fmt.Println("sent:", err)
	// Output:
	// observed: INSUFFICIENT_BALANCE true true
	// sent: rpc error: code = Internal desc = internal error
}

// A service that answers with codes in its responses keeps doing so, on both
// sides, while the wire carries statuses.
func ExampleWithInBandCodes() {
	translate := interceptor.UnaryServerInterceptor(interceptor.WithInBandCodes())
	_, err := translate(context.Background(), nil, &grpc.UnaryServerInfo{FullMethod: "/acme.Service/Method"},
		func(context.Context, any) (any, error) {
			return &jverificationv1.VerifyNumberResponse{
				Id:   117270465679982593,
				Code: jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_NOT_CONSISTENT.Enum(),
			}, nil
		})
	fmt.Println("sent:", err)

	reply := &jverificationv1.VerifyNumberResponse{}
	err = interceptor.UnaryClientInterceptor(interceptor.WithInBandCodes())(context.Background(), "/acme.Service/Method", nil, reply, nil,
		func(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error { return err })
	fmt.Println("received:", err, reply.GetCode(), reply.GetId())
	// Output:
	// sent: rpc error: code = FailedPrecondition desc = Phone number verification inconsistent
	// received: <nil> RESPONSE_CODE_VERIFY_NOT_CONSISTENT 117270465679982593
}
