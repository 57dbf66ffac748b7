package interceptor_test

import (
	"context"
	"fmt"

	"google.golang.org/grpc"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// The errors of an operator are masked for the public. The observer gets the
// original.
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

// A service that answers with codes in its responses needs no change on either
// side. On the wire the codes are statuses.
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

// An item of a stream can fail without ending the stream. The translator
// decides which part of its error the caller may see.
func ExampleTranslator() {
	translator := interceptor.NewTranslator(interceptor.WithPublicBoundary())
	for _, err := range []error{
		fmt.Errorf("verify 138…: %w", codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_INVALID)),
		codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_APPKEY_NO_MONEY),
	} {
		event := translator.Translate(context.Background(), err)
		fmt.Println(event.Status.Code(), event.Status.Message(), event.Masked)
	}
	// Output:
	// InvalidArgument Invalid token; ensure token was obtained correctly false
	// Internal internal error true
}
