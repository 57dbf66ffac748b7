package demo

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// call is a call that has to be answered with a code.
type call struct {
	spec codetable.Spec
	word string // tells the simulator what to answer; by default it answers with a success

	configure func(*gateway.Config) // of a gateway for this call alone, or nil
	occupied  bool                  // that gateway has another call under way
}

// responseCodes returns a call for every code of the upstream.
func responseCodes() []call {
	var calls []call
	for _, spec := range codetable.All[jverificationv1.ResponseCode]() {
		calls = append(calls, call{spec: spec, word: fmt.Sprintf("code-%d", spec.Number())})
	}
	return calls
}

// gatewayCodes returns a call for every code of the gateway's own table but the
// unspecified one, which is never sent.
func gatewayCodes() []call {
	var calls []call
	for code, spec := range codetable.All[jverificationv1.GatewayCode]() {
		if code != jverificationv1.GatewayCode_GATEWAY_CODE_UNSPECIFIED {
			c := provocations[code]
			c.spec = spec
			calls = append(calls, c)
		}
	}
	return calls
}

// provocations make a gateway answer with a code of its own.
var provocations = map[jverificationv1.GatewayCode]call{
	jverificationv1.GatewayCode_GATEWAY_CODE_OVERLOADED: {
		configure: func(c *gateway.Config) { c.MaxUpstreamCalls, c.MaxCallerCalls = 1, 2 }, occupied: true,
	},
	jverificationv1.GatewayCode_GATEWAY_CODE_CALLER_LIMIT: {
		configure: func(c *gateway.Config) { c.MaxUpstreamCalls, c.MaxCallerCalls = 2, 1 }, occupied: true,
	},
	jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_TIMEOUT: {
		configure: func(c *gateway.Config) { c.Timeout = time.Second / 2 }, word: "fault-hang",
	},
	jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_UNREACHABLE: {
		configure: func(c *gateway.Config) { c.UpstreamURL = "http://127.0.0.1:1" }, // a port that nothing listens on
	},
	jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_NO_ANSWER:      {word: "fault-reset"},
	jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_UNINTELLIGIBLE: {word: "fault-truncated"},
	jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_REJECTED: {
		configure: func(c *gateway.Config) { c.UpstreamURL += "/elsewhere" }, // a 404 without a code
	},
	jverificationv1.GatewayCode_GATEWAY_CODE_PHONE_NOT_DECRYPTED: {
		// The simulator encrypts the phone number with another key.
		configure: func(c *gateway.Config) { c.PhoneKey, _ = rsa.GenerateKey(rand.Reader, 2048) }, word: "code-8000",
	},
	jverificationv1.GatewayCode_GATEWAY_CODE_METHOD_NOT_OFFERED: {
		configure: func(c *gateway.Config) { c.AdminURL, c.DevKey, c.DevSecret = "", "", "" },
	},
}

type response interface {
	proto.Message
	GetCode() jverificationv1.ResponseCode
}

// send makes the call. The simulator obeys the word in the field that it has for
// single-use input, or in the one that identifies the subject.
func (c call) send(ctx context.Context, client jverificationv1.VerificationServiceClient, opts ...grpc.CallOption) (response, error) {
	const phone = "13800138000"
	word := cmp.Or(c.word, "code-9000")
	switch method := methodOf(c.spec); method {
	case "VerifyNumber":
		return client.VerifyNumber(ctx, &jverificationv1.VerifyNumberRequest{Phone: phone, Token: word}, opts...)
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

// methodOf returns the name of the first unary method that declares a code, or "".
func methodOf(spec codetable.Spec) string {
	methods := jverificationv1.File_jiguang_jverification_v1_verification_service_proto.Services().ByName("VerificationService").Methods()
	for i := range methods.Len() {
		method := methods.Get(i)
		declared, _ := codetable.Declared(method)
		if !method.IsStreamingClient() && !method.IsStreamingServer() && slices.Contains(declared, spec) {
			return string(method.Name())
		}
	}
	return ""
}
