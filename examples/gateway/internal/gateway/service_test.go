package gateway_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// serial does not fit a float64.
const serial = 117270465679982593

func TestMethods(t *testing.T) {
	t.Parallel()
	type client = jverificationv1.VerificationServiceClient
	const id = `{"id":117270465679982593,"exID":"mark",`
	tests := []struct {
		name  string
		call  func(context.Context, client) (proto.Message, error)
		reply string
		path  string
		auth  string
		body  map[string]any
		want  proto.Message
	}{
		{
			name: "VerifyNumber",
			call: func(ctx context.Context, c client) (proto.Message, error) {
				return c.VerifyNumber(ctx, &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token, ExId: "mark", EndUserIp: "192.0.2.1"})
			},
			reply: `{"id":117270465679982593,"code":9000}`, // the mark is not echoed
			path:  "/v1/web/verify", auth: appKey + ":" + masterSecret,
			body: map[string]any{"phone": phone, "token": token, "exID": "mark"},
			want: &jverificationv1.VerifyNumberResponse{Id: serial, ExId: "mark", Code: jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_CONSISTENT.Enum()},
		},
		{
			name: "VerifyNumber in a browser with risk",
			call: func(ctx context.Context, c client) (proto.Message, error) {
				return c.VerifyNumber(ctx, &jverificationv1.VerifyNumberRequest{
					Phone: phone, Token: token, EndUserIp: "192.0.2.1", AssessRisk: true,
					Surface: jverificationv1.Surface_SURFACE_BROWSER,
				})
			},
			reply: id + `"code":9000,"score":700,"riskCheck":{"code":0,"score":700,"tags":["F1"],"detail":{"F1":{"score":700}}}}`,
			path:  "/v2/web/h5/verify", auth: appKey + ":" + masterSecret,
			body: map[string]any{"phone": phone, "token": token, "ip": "192.0.2.1"},
			want: &jverificationv1.VerifyNumberResponse{
				Id: serial, Code: jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_CONSISTENT.Enum(),
				Risk: &jverificationv1.RiskResult{
					Code: jverificationv1.ResponseCode_RESPONSE_CODE_SUCCESS.Enum(), Score: proto.Int32(700),
					Tags: []string{"F1"}, TagScores: map[string]int32{"F1": 700},
				},
			},
		},
		{
			name: "ExchangeLoginToken in a browser",
			call: func(ctx context.Context, c client) (proto.Message, error) {
				return c.ExchangeLoginToken(ctx, &jverificationv1.ExchangeLoginTokenRequest{LoginToken: token, Surface: jverificationv1.Surface_SURFACE_BROWSER})
			},
			reply: id + `"code":8000,"phone":"sealed"}`,
			path:  "/v1/web/h5/loginTokenVerify", auth: appKey + ":" + masterSecret,
			body: map[string]any{"loginToken": token},
			want: &jverificationv1.ExchangeLoginTokenResponse{Id: serial, EncryptedPhone: "sealed", Code: jverificationv1.ResponseCode_RESPONSE_CODE_GET_PHONE_SUCCESS.Enum()},
		},
		{
			name: "ExchangeLoginToken with risk",
			call: func(ctx context.Context, c client) (proto.Message, error) {
				return c.ExchangeLoginToken(ctx, &jverificationv1.ExchangeLoginTokenRequest{LoginToken: token, ExId: "mark", AssessRisk: true, EndUserIp: "192.0.2.1"})
			},
			reply: id + `"code":8000,"phone":"sealed","riskCheck":{"code":1805}}`,
			path:  "/v2/web/loginTokenVerify", auth: appKey + ":" + masterSecret,
			body: map[string]any{"loginToken": token, "exID": "mark", "ip": "192.0.2.1"},
			want: &jverificationv1.ExchangeLoginTokenResponse{
				Id: serial, ExId: "mark", EncryptedPhone: "sealed", Code: jverificationv1.ResponseCode_RESPONSE_CODE_GET_PHONE_SUCCESS.Enum(),
				Risk: &jverificationv1.RiskResult{Code: jverificationv1.ResponseCode_RESPONSE_CODE_INSUFFICIENT_BALANCE.Enum()},
			},
		},
		{
			name: "QueryBusinessRisk",
			call: func(ctx context.Context, c client) (proto.Message, error) {
				return c.QueryBusinessRisk(ctx, &jverificationv1.QueryBusinessRiskRequest{Phone: phone, EndUserIp: "192.0.2.1", ExId: "mark"})
			},
			reply: id + `"code":0,"score":0,"tags":[],"detail":{}}`,
			path:  "/v2/web/queryBusinessRisk", auth: appKey + ":" + masterSecret,
			body: map[string]any{"phone": phone, "ip": "192.0.2.1", "exID": "mark"},
			want: &jverificationv1.QueryBusinessRiskResponse{
				Id: serial, ExId: "mark", Code: jverificationv1.ResponseCode_RESPONSE_CODE_SUCCESS.Enum(),
				Risk: &jverificationv1.RiskResult{Code: jverificationv1.ResponseCode_RESPONSE_CODE_SUCCESS.Enum(), Score: proto.Int32(0)},
			},
		},
		{
			name: "CheckCaptcha",
			call: func(ctx context.Context, c client) (proto.Message, error) {
				return c.CheckCaptcha(ctx, &jverificationv1.CheckCaptchaRequest{CaptchaContent: token, ExId: "mark"})
			},
			reply: id + `"code":0}`,
			path:  "/action/check", auth: appKey + ":" + masterSecret,
			body: map[string]any{"captchaContent": token, "exID": "mark"},
			want: &jverificationv1.CheckCaptchaResponse{Id: serial, ExId: "mark", Code: jverificationv1.ResponseCode_RESPONSE_CODE_SUCCESS.Enum()},
		},
		{
			name: "EnableOneClickLogin",
			call: func(ctx context.Context, c client) (proto.Message, error) {
				return c.EnableOneClickLogin(ctx, &jverificationv1.EnableOneClickLoginRequest{
					AppKey: appKey, Platform: jverificationv1.Platform_PLATFORM_ANDROID, PackageName: "com.example",
					AppSign: "sign", RsaPublicKey: "key", CallbackUrl: "https://example.com",
				})
			},
			reply: `{"code":9200,"content":"success"}`,
			path:  "/v1/admin/open", auth: devKey + ":" + devSecret,
			body: map[string]any{
				"app_key": appKey, "platform": "a", "package_name": "com.example",
				"app_sign": "sign", "rsa_pubkey": "key", "callback_url": "https://example.com",
			},
			want: &jverificationv1.EnableOneClickLoginResponse{Code: jverificationv1.ResponseCode_RESPONSE_CODE_SIGN_ONCE_OPEN_SUCCESS.Enum()},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			upstream := newStub(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPost || r.URL.Path != tt.path || r.Header.Get("Content-Type") != "application/json" {
					t.Errorf("got %s %s of %s, want POST %s", r.Method, r.URL.Path, r.Header.Get("Content-Type"), tt.path)
				}
				if got, want := r.Header.Get("Authorization"), "Basic "+base64.StdEncoding.EncodeToString([]byte(tt.auth)); got != want {
					t.Errorf("Authorization = %q, want %q", got, want)
				}
				var body map[string]any
				if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
					t.Error(err)
				}
				if diff := cmp.Diff(tt.body, body); diff != "" {
					t.Errorf("request body (-want +got):\n%s", diff)
				}
				saying(tt.reply)(w, r)
			})
			got, err := tt.call(t.Context(), dial(t, configFor(upstream.URL, io.Discard)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, protocmp.Transform()); diff != "" {
				t.Errorf("response (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSuccessCodes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		reply   string
		captcha int32 // the configured success code
		want    codes.Code
	}{
		{"default", `{"code":0}`, 0, codes.OK},
		{"configured", `{"code":7000}`, 7000, codes.OK},
		{"default where another is configured", `{"code":0}`, 7000, codes.Internal},
		{"success of another call", `{"code":9000}`, 0, codes.Internal},
		{"unlisted", `{"code":7000}`, 0, codes.Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			config := configFor(newStub(t, saying(tt.reply)).URL, io.Discard)
			config.CaptchaSuccessCode = tt.captcha
			resp, err := dial(t, config).CheckCaptcha(t.Context(), &jverificationv1.CheckCaptchaRequest{CaptchaContent: token, ExId: "mark"})
			if status.Code(err) != tt.want {
				t.Fatalf("error = %v, want %v", err, tt.want)
			}
			if err == nil && (resp.Code == nil || int32(resp.GetCode()) != tt.captcha || resp.GetExId() != "mark") {
				t.Errorf("response = %v, want the code %d and the mark", resp, tt.captcha)
			}
		})
	}
}

func TestRiskBesideAnAnswer(t *testing.T) {
	t.Parallel()
	const (
		success = jverificationv1.ResponseCode_RESPONSE_CODE_SUCCESS
		unpaid  = jverificationv1.ResponseCode_RESPONSE_CODE_INSUFFICIENT_BALANCE
		broken  = jverificationv1.ResponseCode_RESPONSE_CODE_INTERNAL_ERROR
	)
	tests := []struct {
		name   string
		check  string
		public bool
		want   *jverificationv1.RiskResult
	}{
		{"assessed", `,"riskCheck":{"code":0,"score":0}`, false, &jverificationv1.RiskResult{Code: success.Enum(), Score: proto.Int32(0)}},
		{"assessed, in public", `,"riskCheck":{"code":0,"score":9}`, true, &jverificationv1.RiskResult{Code: success.Enum(), Score: proto.Int32(9)}},
		{"failed", `,"riskCheck":{"code":1805,"score":0}`, false, &jverificationv1.RiskResult{Code: unpaid.Enum()}},
		{"failed by the operator, in public", `,"riskCheck":{"code":1805,"score":0}`, true, &jverificationv1.RiskResult{}},
		{"failed by the upstream, in public", `,"riskCheck":{"code":2000}`, true, &jverificationv1.RiskResult{Code: broken.Enum()}},
		{"unlisted, in public", `,"riskCheck":{"code":77}`, true, &jverificationv1.RiskResult{}},
		{"missing", ``, false, &jverificationv1.RiskResult{}},
		{"null", `,"riskCheck":null`, false, &jverificationv1.RiskResult{}},
		{"without a code", `,"riskCheck":{"score":0}`, false, &jverificationv1.RiskResult{}},
		{"malformed", `,"riskCheck":[0]`, false, &jverificationv1.RiskResult{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			upstream := newStub(t, saying(`{"code":9000,"score":0`+tt.check+`}`))
			config := configFor(upstream.URL, io.Discard)
			config.PublicBoundary = tt.public
			resp, err := dial(t, config).VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token, AssessRisk: true})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, resp.GetRisk(), protocmp.Transform()); diff != "" {
				t.Errorf("risk (-want +got):\n%s", diff)
			}
		})
	}
}

// TestViolations wants all of them at once, and no call to the upstream.
func TestViolations(t *testing.T) {
	t.Parallel()
	type client = jverificationv1.VerificationServiceClient
	tests := []struct {
		name string
		call func(context.Context, client) error
		want []string
	}{
		{"VerifyNumber", func(ctx context.Context, c client) error {
			_, err := c.VerifyNumber(ctx, &jverificationv1.VerifyNumberRequest{Surface: 9})
			return err
		}, []string{"phone", "token", "surface"}},
		{"ExchangeLoginToken", func(ctx context.Context, c client) error {
			_, err := c.ExchangeLoginToken(ctx, &jverificationv1.ExchangeLoginTokenRequest{})
			return err
		}, []string{"login_token"}},
		{"QueryBusinessRisk", func(ctx context.Context, c client) error {
			_, err := c.QueryBusinessRisk(ctx, &jverificationv1.QueryBusinessRiskRequest{})
			return err
		}, []string{"phone"}},
		{"CheckCaptcha", func(ctx context.Context, c client) error {
			_, err := c.CheckCaptcha(ctx, &jverificationv1.CheckCaptchaRequest{})
			return err
		}, []string{"captcha_content"}},
		{"EnableOneClickLogin", func(ctx context.Context, c client) error {
			_, err := c.EnableOneClickLogin(ctx, &jverificationv1.EnableOneClickLoginRequest{})
			return err
		}, []string{"app_key", "package_name", "platform"}},
		{"EnableOneClickLogin for Android", func(ctx context.Context, c client) error {
			_, err := c.EnableOneClickLogin(ctx, &jverificationv1.EnableOneClickLoginRequest{Platform: jverificationv1.Platform_PLATFORM_ANDROID})
			return err
		}, []string{"app_key", "package_name", "app_sign"}},
		{"EnableOneClickLogin for a platform to come", func(ctx context.Context, c client) error {
			_, err := c.EnableOneClickLogin(ctx, &jverificationv1.EnableOneClickLoginRequest{AppKey: appKey, PackageName: "a", Platform: 9})
			return err
		}, []string{"platform"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			upstream := newStub(t, saying(`{}`))
			err := tt.call(t.Context(), dial(t, configFor(upstream.URL, io.Discard)))
			if !codetable.Is(err, jverificationv1.ResponseCode_RESPONSE_CODE_PARAMETER_INVALID) {
				t.Fatalf("error = %v, want PARAMETER_INVALID", err)
			}
			var got []string
			for _, detail := range status.Convert(err).Details() {
				bad, _ := detail.(*errdetails.BadRequest)
				for _, violation := range bad.GetFieldViolations() {
					got = append(got, violation.GetField())
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
			if n := upstream.calls.Load(); n != 0 {
				t.Errorf("the upstream was called %d times", n)
			}
		})
	}
}

func TestActivationIsOptional(t *testing.T) {
	t.Parallel()
	client := simulate(t, func(c *gateway.Config) { c.AdminURL, c.DevKey, c.DevSecret = "", "", "" })
	_, err := client.EnableOneClickLogin(t.Context(), &jverificationv1.EnableOneClickLoginRequest{})
	if status.Code(err) != codes.Unimplemented || !codetable.Is(err, jverificationv1.GatewayCode_GATEWAY_CODE_METHOD_NOT_OFFERED) {
		t.Errorf("error = %v, want Unimplemented with a code", err)
	}
}
