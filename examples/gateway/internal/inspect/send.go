package inspect

import (
	"context"
	"fmt"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// Response is a response of any method.
type Response interface {
	proto.Message
	GetCode() jverificationv1.ResponseCode
}

// Send calls a method of the service by its name. The simulator and the servers of the
// tests obey the word, which is in place of single-use input where the method has such.
// The stream VerifyNumbers has one item.
func Send(ctx context.Context, client jverificationv1.VerificationServiceClient, method, word string, opts ...grpc.CallOption) (Response, error) {
	number := &jverificationv1.VerifyNumberRequest{Phone: "13800138000", Token: word}
	switch method {
	case "VerifyNumber":
		return client.VerifyNumber(ctx, number, opts...)
	case "VerifyNumbers":
		return sendItem(ctx, client, number, opts...)
	case "ExchangeLoginToken":
		return client.ExchangeLoginToken(ctx, &jverificationv1.ExchangeLoginTokenRequest{LoginToken: word}, opts...)
	case "QueryBusinessRisk":
		return client.QueryBusinessRisk(ctx, &jverificationv1.QueryBusinessRiskRequest{Phone: word}, opts...)
	case "CheckCaptcha":
		return client.CheckCaptcha(ctx, &jverificationv1.CheckCaptchaRequest{CaptchaContent: word}, opts...)
	case "EnableOneClickLogin":
		return client.EnableOneClickLogin(ctx, &jverificationv1.EnableOneClickLoginRequest{
			AppKey: word, Platform: jverificationv1.Platform_PLATFORM_IOS, PackageName: "com.example.app",
		}, opts...)
	default:
		return nil, fmt.Errorf("no request is known for method %q", method)
	}
}

func sendItem(ctx context.Context, client jverificationv1.VerificationServiceClient, item *jverificationv1.VerifyNumberRequest, opts ...grpc.CallOption) (Response, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := client.VerifyNumbers(ctx, opts...)
	if err != nil {
		return nil, err
	}
	// If the server has ended the stream, Send returns io.EOF and Recv the error.
	_ = stream.Send(&jverificationv1.VerifyNumbersRequest{Item: item})
	_ = stream.CloseSend()
	answer, err := stream.Recv()
	for end := err; end == nil; _, end = stream.Recv() { // gRPC writes header and trailer until the stream ends
	}
	return answer.GetItem(), err
}

// MethodOf returns the name of the first unary method that declares a code, or "".
func MethodOf(spec codetable.Spec) string {
	for i := range methods().Len() {
		method := methods().Get(i)
		declared, _ := codetable.Declared(method)
		if !method.IsStreamingClient() && !method.IsStreamingServer() && slices.Contains(declared, spec) {
			return string(method.Name())
		}
	}
	return ""
}

func methods() protoreflect.MethodDescriptors {
	return jverificationv1.File_jiguang_jverification_v1_verification_service_proto.Services().ByName("VerificationService").Methods()
}
