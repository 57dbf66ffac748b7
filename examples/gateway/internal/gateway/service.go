package gateway

import (
	"context"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// VerifyNumber implements jverificationv1.VerificationServiceServer.
func (g *Gateway) VerifyNumber(ctx context.Context, req *jverificationv1.VerifyNumberRequest) (*jverificationv1.VerifyNumberResponse, error) {
	var v violations
	v.phone(g.phone, req.GetPhone())
	v.required("token", req.GetToken(), maxToken)
	v.assessable(req)
	r, err := g.api.post(ctx, v, call{
		verification, jverificationv1.VerificationService_VerifyNumber_FullMethodName, path(req, "verify"),
		body{Token: req.GetToken(), Phone: req.GetPhone(), ExID: req.GetExId(), IP: assessedIP(req)},
	})
	if err != nil {
		return nil, err
	}
	return &jverificationv1.VerifyNumberResponse{Id: r.ID, ExId: r.ExID, Code: r.Code, Risk: g.nestedRisk(ctx, req, r)}, nil
}

// ExchangeLoginToken implements jverificationv1.VerificationServiceServer.
func (g *Gateway) ExchangeLoginToken(ctx context.Context, req *jverificationv1.ExchangeLoginTokenRequest) (*jverificationv1.ExchangeLoginTokenResponse, error) {
	var v violations
	v.required("login_token", req.GetLoginToken(), maxToken)
	v.assessable(req)
	r, err := g.api.post(ctx, v, call{
		verification, jverificationv1.VerificationService_ExchangeLoginToken_FullMethodName, path(req, "loginTokenVerify"),
		body{LoginToken: req.GetLoginToken(), ExID: req.GetExId(), IP: assessedIP(req)},
	})
	if err != nil {
		return nil, err
	}
	plain, err := g.decryptPhone(r.Phone)
	if err != nil {
		return nil, err
	}
	return &jverificationv1.ExchangeLoginTokenResponse{
		Id: r.ID, ExId: r.ExID, Code: r.Code, EncryptedPhone: r.Phone, Phone: plain, Risk: g.nestedRisk(ctx, req, r),
	}, nil
}

// QueryBusinessRisk implements jverificationv1.VerificationServiceServer.
func (g *Gateway) QueryBusinessRisk(ctx context.Context, req *jverificationv1.QueryBusinessRiskRequest) (*jverificationv1.QueryBusinessRiskResponse, error) {
	var v violations
	v.phone(g.phone, req.GetPhone())
	v.address(req.GetEndUserIp())
	v.optional("ex_id", req.GetExId(), maxExID)
	r, err := g.api.post(ctx, v, call{
		riskQuery, jverificationv1.VerificationService_QueryBusinessRisk_FullMethodName, "/v2/web/queryBusinessRisk",
		body{Phone: req.GetPhone(), ExID: req.GetExId(), IP: req.GetEndUserIp()},
	})
	if err != nil {
		return nil, err
	}
	return &jverificationv1.QueryBusinessRiskResponse{Id: r.ID, ExId: r.ExID, Code: r.Code, Risk: r.message(r.Code)}, nil
}

// CheckCaptcha implements jverificationv1.VerificationServiceServer.
func (g *Gateway) CheckCaptcha(ctx context.Context, req *jverificationv1.CheckCaptchaRequest) (*jverificationv1.CheckCaptchaResponse, error) {
	var v violations
	v.required("captcha_content", req.GetCaptchaContent(), maxToken)
	v.optional("ex_id", req.GetExId(), maxExID)
	r, err := g.api.post(ctx, v, call{
		captcha, jverificationv1.VerificationService_CheckCaptcha_FullMethodName, "/action/check",
		body{CaptchaContent: req.GetCaptchaContent(), ExID: req.GetExId()},
	})
	if err != nil {
		return nil, err
	}
	return &jverificationv1.CheckCaptchaResponse{Id: r.ID, ExId: r.ExID, Code: r.Code}, nil
}

// EnableOneClickLogin implements jverificationv1.VerificationServiceServer.
func (g *Gateway) EnableOneClickLogin(ctx context.Context, req *jverificationv1.EnableOneClickLoginRequest) (*jverificationv1.EnableOneClickLoginResponse, error) {
	if g.admin == nil {
		return nil, codetable.NewError(methodNotOffered)
	}
	var v violations
	v.activation(req)
	r, err := g.admin.post(ctx, v, call{
		activation, jverificationv1.VerificationService_EnableOneClickLogin_FullMethodName, "/v1/admin/open",
		body{
			AppKey: req.GetAppKey(), Platform: platforms[req.GetPlatform()], PackageName: req.GetPackageName(),
			AppSign: req.GetAppSign(), PublicKey: req.GetRsaPublicKey(), CallbackURL: req.GetCallbackUrl(),
		},
	})
	if err != nil {
		return nil, err
	}
	return &jverificationv1.EnableOneClickLoginResponse{Id: r.ID, ExId: r.ExID, Code: r.Code}, nil
}

// assessable is a request that may ask for the risk as well, and has a surface.
type assessable interface {
	GetExId() string
	GetSurface() jverificationv1.Surface
	GetAssessRisk() bool
	GetEndUserIp() string
}

// assessedIP leaves the address out of v1, which does not know it.
func assessedIP(req assessable) string {
	if req.GetAssessRisk() {
		return req.GetEndUserIp()
	}
	return ""
}

func path(req assessable, call string) string {
	version, surface := "/v1/web/", ""
	if req.GetAssessRisk() {
		version = "/v2/web/"
	}
	if req.GetSurface() == jverificationv1.Surface_SURFACE_BROWSER {
		surface = "h5/"
	}
	return version + surface + call
}

var platforms = map[jverificationv1.Platform]string{
	jverificationv1.Platform_PLATFORM_ANDROID: "a",
	jverificationv1.Platform_PLATFORM_IOS:     "i",
}
