package trip

import (
	"context"
	"fmt"

	"google.golang.org/grpc"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

type response interface {
	GetCode() jverificationv1.ResponseCode
}

// force makes the upstream answer with a code, by the method whose code it is.
func force(ctx context.Context, client jverificationv1.VerificationServiceClient, code jverificationv1.ResponseCode, opts ...grpc.CallOption) (response, error) {
	const phone = "13800138000"
	token := fmt.Sprintf("code-%d", code)
	switch {
	case code <= jverificationv1.ResponseCode_RESPONSE_CODE_INTERNAL_ERROR:
		return client.QueryBusinessRisk(ctx, &jverificationv1.QueryBusinessRiskRequest{Phone: token}, opts...)
	case code <= jverificationv1.ResponseCode_RESPONSE_CODE_ILLEGAL_LOT_NUMBER:
		return client.CheckCaptcha(ctx, &jverificationv1.CheckCaptchaRequest{CaptchaContent: token}, opts...)
	case isLogin(code):
		return client.ExchangeLoginToken(ctx, &jverificationv1.ExchangeLoginTokenRequest{LoginToken: token}, opts...)
	case code >= jverificationv1.ResponseCode_RESPONSE_CODE_SIGN_ONCE_OPEN_SUCCESS:
		return client.EnableOneClickLogin(ctx, &jverificationv1.EnableOneClickLoginRequest{
			AppKey: token, Platform: jverificationv1.Platform_PLATFORM_IOS, PackageName: "com.example.app",
		}, opts...)
	default:
		return client.VerifyNumber(ctx, &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token}, opts...)
	}
}

func isLogin(code jverificationv1.ResponseCode) bool {
	switch code {
	case jverificationv1.ResponseCode_RESPONSE_CODE_GET_PHONE_SUCCESS,
		jverificationv1.ResponseCode_RESPONSE_CODE_GET_PHONE_FAIL,
		jverificationv1.ResponseCode_RESPONSE_CODE_ENCRYPT_MOBILE_FAILED:
		return true
	default:
		return false
	}
}
