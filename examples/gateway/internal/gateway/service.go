package gateway

import (
	"cmp"
	"context"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// VerifyNumber implements jverificationv1.VerificationServiceServer.
func (g *Gateway) VerifyNumber(ctx context.Context, req *jverificationv1.VerifyNumberRequest) (*jverificationv1.VerifyNumberResponse, error) {
	if err := g.checkVerify(req); err != nil {
		return nil, err
	}
	body := struct {
		Token string `json:"token"`
		Phone string `json:"phone"`
		extra
	}{req.GetToken(), req.GetPhone(), newExtra(req)}
	r, err := g.api.post(ctx, call{verification, jverificationv1.VerificationService_VerifyNumber_FullMethodName, path(req, "verify"), body})
	if err != nil {
		return nil, err
	}
	resp := &jverificationv1.VerifyNumberResponse{Id: r.ID, ExId: cmp.Or(r.ExID, req.GetExId()), Code: r.Code}
	if req.GetAssessRisk() {
		resp.Risk = g.nestedRisk(ctx, r)
	}
	return resp, nil
}

// ExchangeLoginToken implements jverificationv1.VerificationServiceServer.
func (g *Gateway) ExchangeLoginToken(ctx context.Context, req *jverificationv1.ExchangeLoginTokenRequest) (*jverificationv1.ExchangeLoginTokenResponse, error) {
	if err := g.checkLogin(req); err != nil {
		return nil, err
	}
	body := struct {
		LoginToken string `json:"loginToken"`
		extra
	}{req.GetLoginToken(), newExtra(req)}
	r, err := g.api.post(ctx, call{verification, jverificationv1.VerificationService_ExchangeLoginToken_FullMethodName, path(req, "loginTokenVerify"), body})
	if err != nil {
		return nil, err
	}
	plain, err := g.decryptPhone(r.Phone)
	if err != nil {
		return nil, err
	}
	resp := &jverificationv1.ExchangeLoginTokenResponse{
		Id: r.ID, ExId: cmp.Or(r.ExID, req.GetExId()), Code: r.Code, EncryptedPhone: r.Phone, Phone: plain,
	}
	if req.GetAssessRisk() {
		resp.Risk = g.nestedRisk(ctx, r)
	}
	return resp, nil
}

// QueryBusinessRisk implements jverificationv1.VerificationServiceServer.
func (g *Gateway) QueryBusinessRisk(ctx context.Context, req *jverificationv1.QueryBusinessRiskRequest) (*jverificationv1.QueryBusinessRiskResponse, error) {
	if err := g.checkRisk(req); err != nil {
		return nil, err
	}
	body := struct {
		Phone string `json:"phone"`
		extra
	}{req.GetPhone(), extra{ExID: req.GetExId(), IP: req.GetEndUserIp()}}
	r, err := g.api.repeat(ctx, call{riskQuery, jverificationv1.VerificationService_QueryBusinessRisk_FullMethodName, "/v2/web/queryBusinessRisk", body}, g.api.attempts)
	if err != nil {
		return nil, err
	}
	return &jverificationv1.QueryBusinessRiskResponse{
		Id: r.ID, ExId: cmp.Or(r.ExID, req.GetExId()), Code: r.Code, Risk: r.message(r.Code),
	}, nil
}

// CheckCaptcha implements jverificationv1.VerificationServiceServer.
func (g *Gateway) CheckCaptcha(ctx context.Context, req *jverificationv1.CheckCaptchaRequest) (*jverificationv1.CheckCaptchaResponse, error) {
	if err := g.checkCaptcha(req); err != nil {
		return nil, err
	}
	body := struct {
		CaptchaContent string `json:"captchaContent"`
		extra
	}{req.GetCaptchaContent(), extra{ExID: req.GetExId()}}
	r, err := g.api.post(ctx, call{captcha, jverificationv1.VerificationService_CheckCaptcha_FullMethodName, "/action/check", body})
	if err != nil {
		return nil, err
	}
	return &jverificationv1.CheckCaptchaResponse{Id: r.ID, ExId: cmp.Or(r.ExID, req.GetExId()), Code: r.Code}, nil
}

// EnableOneClickLogin implements jverificationv1.VerificationServiceServer.
func (g *Gateway) EnableOneClickLogin(ctx context.Context, req *jverificationv1.EnableOneClickLoginRequest) (*jverificationv1.EnableOneClickLoginResponse, error) {
	if g.admin == nil {
		return nil, codetable.NewError(methodNotOffered)
	}
	if err := g.checkActivation(req); err != nil {
		return nil, err
	}
	body := struct {
		AppKey      string `json:"app_key"`
		Platform    string `json:"platform"`
		PackageName string `json:"package_name"`
		AppSign     string `json:"app_sign,omitempty"`
		PublicKey   string `json:"rsa_pubkey,omitempty"`
		CallbackURL string `json:"callback_url,omitempty"`
	}{
		req.GetAppKey(), platform(req.GetPlatform()), req.GetPackageName(),
		req.GetAppSign(), req.GetRsaPublicKey(), req.GetCallbackUrl(),
	}
	r, err := g.admin.post(ctx, call{activation, jverificationv1.VerificationService_EnableOneClickLogin_FullMethodName, "/v1/admin/open", body})
	if err != nil {
		return nil, err
	}
	return &jverificationv1.EnableOneClickLoginResponse{Id: r.ID, ExId: r.ExID, Code: r.Code}, nil
}

// extra is what a body may have beside what it must have.
type extra struct {
	ExID string `json:"exID,omitempty"`
	IP   string `json:"ip,omitempty"`
}

// assessable is a request that comes in two versions and from two surfaces.
type assessable interface {
	GetExId() string
	GetSurface() jverificationv1.Surface
	GetAssessRisk() bool
	GetEndUserIp() string
}

// newExtra leaves the address out of v1, which does not know it.
func newExtra(req assessable) extra {
	if !req.GetAssessRisk() {
		return extra{ExID: req.GetExId()}
	}
	return extra{ExID: req.GetExId(), IP: req.GetEndUserIp()}
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

func platform(p jverificationv1.Platform) string {
	if p == jverificationv1.Platform_PLATFORM_ANDROID {
		return "a"
	}
	return "i"
}
