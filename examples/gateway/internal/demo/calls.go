package demo

import (
	"context"
	"fmt"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const phone = "13800138000"

// call is a code, and how to have it answered.
type call struct {
	spec codetable.Spec
	send func(ctx context.Context, opts ...grpc.CallOption) (response, error)
}

type response interface {
	proto.Message
	GetCode() jverificationv1.ResponseCode
}

// responseCodes calls for every code of the upstream, each by a method that
// declares it.
func responseCodes(client jverificationv1.VerificationServiceClient) []call {
	var calls []call
	for _, spec := range codetable.All[jverificationv1.ResponseCode]() {
		calls = append(calls, call{spec, func(ctx context.Context, opts ...grpc.CallOption) (response, error) {
			return send(ctx, client, methodOf(spec), fmt.Sprintf("code-%d", spec.Number()), opts...)
		}})
	}
	return calls
}

// send calls a method. Its single-use input, or what stands for it, has a word that
// the simulator obeys.
func send(ctx context.Context, client jverificationv1.VerificationServiceClient, method, word string, opts ...grpc.CallOption) (response, error) {
	switch method {
	case jverificationv1.VerificationService_VerifyNumber_FullMethodName:
		return client.VerifyNumber(ctx, &jverificationv1.VerifyNumberRequest{Phone: phone, Token: word}, opts...)
	case jverificationv1.VerificationService_ExchangeLoginToken_FullMethodName:
		return client.ExchangeLoginToken(ctx, &jverificationv1.ExchangeLoginTokenRequest{LoginToken: word}, opts...)
	case jverificationv1.VerificationService_QueryBusinessRisk_FullMethodName:
		return client.QueryBusinessRisk(ctx, &jverificationv1.QueryBusinessRiskRequest{Phone: word}, opts...)
	case jverificationv1.VerificationService_CheckCaptcha_FullMethodName:
		return client.CheckCaptcha(ctx, &jverificationv1.CheckCaptchaRequest{CaptchaContent: word}, opts...)
	case jverificationv1.VerificationService_EnableOneClickLogin_FullMethodName:
		return client.EnableOneClickLogin(ctx, &jverificationv1.EnableOneClickLoginRequest{
			AppKey: word, Platform: jverificationv1.Platform_PLATFORM_IOS, PackageName: "com.example.app",
		}, opts...)
	default:
		return nil, fmt.Errorf("no request is known for method %q", method)
	}
}

// methodOf returns the first unary method that declares a code, or "".
func methodOf(spec codetable.Spec) string {
	service := jverificationv1.File_jiguang_jverification_v1_verification_service_proto.Services().ByName("VerificationService")
	for i := range service.Methods().Len() {
		method := service.Methods().Get(i)
		declared, _ := codetable.Declared(method)
		if !method.IsStreamingClient() && !method.IsStreamingServer() && slices.Contains(declared, spec) {
			return fmt.Sprintf("/%s/%s", service.FullName(), method.Name())
		}
	}
	return ""
}
