package gateway

import (
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// violations gathers what is wrong with a request, so that one answer shows
// all of it. It names fields, never values.
type violations []*errdetails.BadRequest_FieldViolation

func (v *violations) add(field, description string) {
	*v = append(*v, &errdetails.BadRequest_FieldViolation{Field: field, Description: description})
}

func (v *violations) required(field, value string) {
	if value == "" {
		v.add(field, "is required")
	}
}

func (v *violations) surface(surface jverificationv1.Surface) {
	if _, known := jverificationv1.Surface_name[int32(surface)]; !known {
		v.add("surface", "is not a known surface")
	}
}

// err answers as the upstream would, without the cost of a call.
func (v *violations) err() error {
	if len(*v) == 0 {
		return nil
	}
	return codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_PARAMETER_INVALID,
		codetable.WithDetail(&errdetails.BadRequest{FieldViolations: *v}))
}

func checkVerify(req *jverificationv1.VerifyNumberRequest) error {
	var v violations
	v.required("phone", req.GetPhone())
	v.required("token", req.GetToken())
	v.surface(req.GetSurface())
	return v.err()
}

func checkLogin(req *jverificationv1.ExchangeLoginTokenRequest) error {
	var v violations
	v.required("login_token", req.GetLoginToken())
	v.surface(req.GetSurface())
	return v.err()
}

func checkRisk(req *jverificationv1.QueryBusinessRiskRequest) error {
	var v violations
	v.required("phone", req.GetPhone())
	return v.err()
}

func checkCaptcha(req *jverificationv1.CheckCaptchaRequest) error {
	var v violations
	v.required("captcha_content", req.GetCaptchaContent())
	return v.err()
}

func checkActivation(req *jverificationv1.EnableOneClickLoginRequest) error {
	var v violations
	v.required("app_key", req.GetAppKey())
	v.required("package_name", req.GetPackageName())
	switch req.GetPlatform() {
	case jverificationv1.Platform_PLATFORM_ANDROID:
		v.required("app_sign", req.GetAppSign())
	case jverificationv1.Platform_PLATFORM_IOS:
	case jverificationv1.Platform_PLATFORM_UNSPECIFIED:
		v.add("platform", "is required")
	default:
		v.add("platform", "is not a known platform")
	}
	return v.err()
}
