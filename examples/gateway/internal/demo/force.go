package demo

import (
	"context"
	"fmt"
	"slices"

	"google.golang.org/grpc"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

type response interface {
	GetCode() jverificationv1.ResponseCode
}

// force makes the upstream answer with a code, by a method that declares it. One
// field of each request takes the word that the simulator obeys.
func force(ctx context.Context, client jverificationv1.VerificationServiceClient, spec codetable.Spec, opts ...grpc.CallOption) (response, error) {
	const phone = "13800138000"
	token := fmt.Sprintf("code-%d", spec.Number())
	switch method := methodOf(spec); method {
	case jverificationv1.VerificationService_VerifyNumber_FullMethodName:
		return client.VerifyNumber(ctx, &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token}, opts...)
	case jverificationv1.VerificationService_ExchangeLoginToken_FullMethodName:
		return client.ExchangeLoginToken(ctx, &jverificationv1.ExchangeLoginTokenRequest{LoginToken: token}, opts...)
	case jverificationv1.VerificationService_QueryBusinessRisk_FullMethodName:
		return client.QueryBusinessRisk(ctx, &jverificationv1.QueryBusinessRiskRequest{Phone: token}, opts...)
	case jverificationv1.VerificationService_CheckCaptcha_FullMethodName:
		return client.CheckCaptcha(ctx, &jverificationv1.CheckCaptchaRequest{CaptchaContent: token}, opts...)
	case jverificationv1.VerificationService_EnableOneClickLogin_FullMethodName:
		return client.EnableOneClickLogin(ctx, &jverificationv1.EnableOneClickLoginRequest{
			AppKey: token, Platform: jverificationv1.Platform_PLATFORM_IOS, PackageName: "com.example.app",
		}, opts...)
	default:
		return nil, fmt.Errorf("%v: no request is known for method %q", spec, method)
	}
}

// methodOf returns the first unary method that declares a code, or "".
func methodOf(spec codetable.Spec) string {
	service := jverificationv1.File_jiguang_jverification_v1_verification_service_proto.Services().ByName("VerificationService")
	for i := range service.Methods().Len() {
		method := service.Methods().Get(i)
		if method.IsStreamingClient() || method.IsStreamingServer() {
			continue
		}
		if declared, _ := codetable.Declared(method); slices.Contains(declared, spec) {
			return fmt.Sprintf("/%s/%s", service.FullName(), method.Name())
		}
	}
	return ""
}
