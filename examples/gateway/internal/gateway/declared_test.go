package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// watched gathers what a gateway answers, and which of it the methods do not
// declare.
type watched struct {
	mu         sync.Mutex
	answers    []string
	undeclared []string
}

func (w *watched) observe(_ context.Context, e interceptor.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	answer := e.Meta.Method + " " + e.Err.Reason()
	w.answers = append(w.answers, answer)
	if e.Undeclared {
		w.undeclared = append(w.undeclared, answer)
	}
}

// watching returns a client of a gateway whose answers are watched.
func watching(t *testing.T, config gateway.Config) (jverificationv1.VerificationServiceClient, *watched) {
	t.Helper()
	w := &watched{}
	config.Interceptor = append(config.Interceptor, interceptor.WithObserver(w.observe))
	config.RiskAttempts = 1
	return dial(t, config), w
}

const upstreamDomain = "jverification.jiguang.cn"

// coded is what all responses have in common.
type coded interface {
	GetCode() jverificationv1.ResponseCode
}

// methods calls each method with one word as its single-use input.
var methods = map[protoreflect.Name]func(context.Context, jverificationv1.VerificationServiceClient, string) (coded, error){
	"VerifyNumber": func(ctx context.Context, c jverificationv1.VerificationServiceClient, word string) (coded, error) {
		return c.VerifyNumber(ctx, &jverificationv1.VerifyNumberRequest{Phone: phone, Token: word})
	},
	"VerifyNumbers": verifyOne,
	"ExchangeLoginToken": func(ctx context.Context, c jverificationv1.VerificationServiceClient, word string) (coded, error) {
		return c.ExchangeLoginToken(ctx, &jverificationv1.ExchangeLoginTokenRequest{LoginToken: word})
	},
	"QueryBusinessRisk": func(ctx context.Context, c jverificationv1.VerificationServiceClient, _ string) (coded, error) {
		return c.QueryBusinessRisk(ctx, &jverificationv1.QueryBusinessRiskRequest{Phone: phone})
	},
	"CheckCaptcha": func(ctx context.Context, c jverificationv1.VerificationServiceClient, word string) (coded, error) {
		return c.CheckCaptcha(ctx, &jverificationv1.CheckCaptchaRequest{CaptchaContent: word})
	},
	"EnableOneClickLogin": func(ctx context.Context, c jverificationv1.VerificationServiceClient, word string) (coded, error) {
		return c.EnableOneClickLogin(ctx, &jverificationv1.EnableOneClickLoginRequest{
			AppKey: word, Platform: jverificationv1.Platform_PLATFORM_IOS, PackageName: "com.example",
		})
	},
}

// verifyOne sends one item, and returns its failure as a call of its own would.
func verifyOne(ctx context.Context, client jverificationv1.VerificationServiceClient, word string) (coded, error) {
	stream, err := client.VerifyNumbers(ctx)
	if err != nil {
		return nil, err
	}
	item := &jverificationv1.VerifyNumberRequest{Phone: phone, Token: word}
	if err := stream.Send(&jverificationv1.VerifyNumbersRequest{Item: item}); err != nil {
		return nil, err
	}
	answer, err := stream.Recv()
	if err != nil {
		return nil, err
	}
	if answer.GrpcCode != nil || answer.GetItem().Code == nil {
		return nil, fmt.Errorf("no code: %v", answer.GetGrpcCode())
	}
	return answer.GetItem(), codetable.NewError(answer.GetItem().GetCode())
}

func service() protoreflect.ServiceDescriptor {
	return jverificationv1.File_jiguang_jverification_v1_verification_service_proto.Services().ByName("VerificationService")
}

// TestEveryDeclaredCode has the upstream answer each method with each code that
// it declares. One of them is its success.
func TestEveryDeclaredCode(t *testing.T) {
	t.Parallel()
	for i := range service().Methods().Len() {
		method := service().Methods().Get(i)
		all, _ := codetable.Declared(method)
		declared := slices.DeleteFunc(all, func(s codetable.Spec) bool { return s.Domain() != upstreamDomain })
		if len(declared) == 0 {
			t.Errorf("%s declares no codes of the upstream", method.Name())
		}
		t.Run(string(method.Name()), func(t *testing.T) {
			t.Parallel()
			answer := 0
			upstream := newStub(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, `{"code":%d}`, answer) })
			client, seen := watching(t, configFor(upstream.URL, io.Discard))
			var want []string
			for _, spec := range declared {
				answer = int(spec.Number())
				resp, err := methods[method.Name()](t.Context(), client, token)
				if spec.GRPCCode() != codes.OK {
					want = append(want, string(method.Name())+" "+spec.Reason())
					if !errors.Is(err, spec.NewError()) {
						t.Errorf("%v: error = %v", spec, err)
					}
				} else if err != nil || int32(resp.GetCode()) != spec.Number() {
					t.Errorf("%v: code %v, error %v", spec, resp, err)
				}
			}
			if diff := cmp.Diff(want, seen.answers); diff != "" {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
			if len(want) != len(declared)-1 {
				t.Errorf("%d of %d declared codes are failures, want all but one", len(want), len(declared))
			}
			if len(seen.undeclared) > 0 {
				t.Errorf("undeclared: %q", seen.undeclared)
			}
		})
	}
}

// modelled answers calls by the model of the upstream, without a network.
type modelled struct{ http.Handler }

func (m modelled) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	m.ServeHTTP(w, r)
	return w.Result(), nil
}

// modelConfig has the model as the upstream. A second never ends there.
func modelConfig(t *testing.T, change func(*gateway.Config)) gateway.Config {
	t.Helper()
	model := simulator.DefaultConfig()
	model.QPS, model.Clock = 1, func() time.Time { return time.Unix(1_000_000_000, 0) }
	upstream, err := simulator.New(model)
	if err != nil {
		t.Fatal(err)
	}
	config := configFor("https://upstream.test", io.Discard)
	config.Transport = modelled{upstream}
	config.AppKey, config.MasterSecret = model.AppKey, gateway.Secret(model.MasterSecret)
	config.DevKey, config.DevSecret = model.DevKey, gateway.Secret(model.DevSecret)
	if change != nil {
		change(&config)
	}
	return config
}

// TestTheModelAnswersDeclaredCodes wants the model of the upstream, which knows
// nothing of the table, and the gateway's own checks to keep to what the methods
// declare.
func TestTheModelAnswersDeclaredCodes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*gateway.Config)
		word   string
		want   []string // some of the answers
	}{
		{"twice", nil, token, []string{"VerifyNumber TOKEN_EXPIRED_OR_NOT_EXIST", "CheckCaptcha ILLEGAL_VERIFY", "EnableOneClickLogin APPKEY_NOT_EXISTS"}},
		{"without input", nil, "", []string{"VerifyNumbers PARAMETER_INVALID", "CheckCaptcha PARAMETER_INVALID", "EnableOneClickLogin PARAMETER_INVALID"}},
		{"one-click login twice", nil, simulator.DefaultConfig().AppKey, []string{"EnableOneClickLogin SIGN_ONCE_OPENED_ALREADY"}},
		{"wrong secrets", func(c *gateway.Config) { c.MasterSecret, c.DevSecret = masterSecret, devSecret }, token, []string{
			"ExchangeLoginToken VERIFY_AUTH_FAILED", "QueryBusinessRisk AUTH_FAILED", "EnableOneClickLogin VERIFY_AUTH_FAILED",
		}},
		{"risk limit", nil, "riskcheck-1805", []string{"QueryBusinessRisk QPS_LIMIT"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client, seen := watching(t, modelConfig(t, tt.change))
			for range 2 {
				for _, call := range methods {
					_, _ = call(t.Context(), client, tt.word)
				}
			}
			for _, want := range tt.want {
				if !slices.Contains(seen.answers, want) {
					t.Errorf("no %s among %q", want, seen.answers)
				}
			}
			if len(seen.undeclared) > 0 {
				t.Errorf("undeclared: %q", seen.undeclared)
			}
		})
	}
}

// TestUndeclaredCode is sent all the same, and counted.
func TestUndeclaredCode(t *testing.T) {
	t.Parallel()
	config := configFor(newStub(t, saying(`{"code":8001}`)).URL, io.Discard)
	registry := prometheus.NewRegistry()
	config.Registerer = registry
	client, seen := watching(t, config)
	for _, name := range []protoreflect.Name{"VerifyNumber", "VerifyNumbers", "ExchangeLoginToken"} {
		if _, err := methods[name](t.Context(), client, token); !codetable.Is(err, jverificationv1.ResponseCode_RESPONSE_CODE_GET_PHONE_FAIL) {
			t.Errorf("%s: error = %v, want 8001", name, err)
		}
	}
	if diff := cmp.Diff([]string{"VerifyNumber GET_PHONE_FAIL", "VerifyNumbers GET_PHONE_FAIL"}, seen.undeclared); diff != "" {
		t.Errorf("undeclared (-want +got):\n%s", diff)
	}
	want := []string{"VerifyNumber GET_PHONE_FAIL 1", "VerifyNumbers GET_PHONE_FAIL 1"}
	if diff := cmp.Diff(want, counted(t, registry, "codetable_undeclared_total", "grpc_method", "reason")); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
}
