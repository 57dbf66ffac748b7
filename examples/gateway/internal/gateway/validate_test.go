package gateway_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

func fieldsOf(t *testing.T, err error) []string {
	t.Helper()
	if !codetable.Is(err, jverificationv1.ResponseCode_RESPONSE_CODE_PARAMETER_INVALID) {
		t.Fatalf("error = %v, want PARAMETER_INVALID", err)
	}
	var got []string
	for _, detail := range status.Convert(err).Details() {
		bad, _ := detail.(*errdetails.BadRequest)
		for _, violation := range bad.GetFieldViolations() {
			got = append(got, violation.GetField()+" "+violation.GetDescription())
		}
	}
	return got
}

// TestMalformedFields has every field of a request wrong at once.
func TestMalformedFields(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("a", n+1) }
	const wantPhone = "phone is not a phone number: digits, without spaces, after an optional +"
	tests := []struct {
		name string
		call func(context.Context, *gateway.Gateway) error
		want []string
	}{
		{"VerifyNumber", func(ctx context.Context, g *gateway.Gateway) error {
			_, err := g.VerifyNumber(ctx, &jverificationv1.VerifyNumberRequest{
				Phone: "139 1234", Token: long(4096), ExId: long(128), EndUserIp: "192.0.2.256", Surface: 9,
			})
			return err
		}, []string{
			wantPhone, "token is longer than 4096 bytes", "ex_id is longer than 128 bytes",
			"surface is not a known surface", "end_user_ip is not an IP address",
		}},
		{"ExchangeLoginToken", func(ctx context.Context, g *gateway.Gateway) error {
			_, err := g.ExchangeLoginToken(ctx, &jverificationv1.ExchangeLoginTokenRequest{
				LoginToken: "a\nb", ExId: "\x00", EndUserIp: "fe80::1%eth0",
			})
			return err
		}, []string{"login_token holds a control character", "ex_id holds a control character", "end_user_ip is not an IP address"}},
		{"QueryBusinessRisk", func(ctx context.Context, g *gateway.Gateway) error {
			_, err := g.QueryBusinessRisk(ctx, &jverificationv1.QueryBusinessRiskRequest{
				Phone: "1234567890123456", ExId: long(128), EndUserIp: "localhost",
			})
			return err
		}, []string{wantPhone, "end_user_ip is not an IP address", "ex_id is longer than 128 bytes"}},
		{"CheckCaptcha", func(ctx context.Context, g *gateway.Gateway) error {
			_, err := g.CheckCaptcha(ctx, &jverificationv1.CheckCaptchaRequest{CaptchaContent: long(4096), ExId: long(128)})
			return err
		}, []string{"captcha_content is longer than 4096 bytes", "ex_id is longer than 128 bytes"}},
		{"EnableOneClickLogin", func(ctx context.Context, g *gateway.Gateway) error {
			_, err := g.EnableOneClickLogin(ctx, &jverificationv1.EnableOneClickLoginRequest{
				AppKey: long(64), PackageName: long(256), AppSign: long(256), Platform: jverificationv1.Platform_PLATFORM_IOS,
				RsaPublicKey: long(4096), CallbackUrl: "example.com",
			})
			return err
		}, []string{
			"app_key is longer than 64 bytes", "package_name is longer than 256 bytes", "app_sign is longer than 256 bytes",
			"rsa_public_key is longer than 4096 bytes", "callback_url is not an absolute URL that begins with https:// or http://",
		}},
		{"EnableOneClickLogin with a long URL", func(ctx context.Context, g *gateway.Gateway) error {
			_, err := g.EnableOneClickLogin(ctx, &jverificationv1.EnableOneClickLoginRequest{
				AppKey: appKey, PackageName: "a", Platform: jverificationv1.Platform_PLATFORM_IOS, CallbackUrl: "https://" + long(2048),
			})
			return err
		}, []string{"callback_url is longer than 2048 bytes"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g, upstream, _ := newWatched(t, nil)
			if diff := cmp.Diff(tt.want, fieldsOf(t, tt.call(t.Context(), g))); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
			if upstream.calls != 0 {
				t.Errorf("the upstream was called %d times", upstream.calls)
			}
		})
	}
}

func TestPhonePattern(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern, phone string
		want           bool
	}{
		{"", "13800138000", true},
		{"", "+8613800138000", true},
		{"", "123456", true},
		{"", "12345", false},
		{"", "13800138000\n", false},
		{"", "code-9005", false},
		{`1[0-9]{10}`, "13800138000", true},
		{`1[0-9]{10}`, "+8613800138000", false},
		{`1|2`, "12", false}, // the whole of it
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s %q", tt.pattern, tt.phone), func(t *testing.T) {
			t.Parallel()
			g, _, _ := newWatched(t, func(c *gateway.Config) { c.PhonePattern = tt.pattern })
			_, err := g.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{Phone: tt.phone, Token: token})
			if (err == nil) != tt.want {
				t.Errorf("error = %v, want valid %t", err, tt.want)
			}
		})
	}
}
