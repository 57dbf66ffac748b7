package deploy_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// onceEach leaves repeats to Envoy.
func onceEach(c *gateway.Config) { c.RiskAttempts = 1 }

func queryRisk(ctx context.Context, c jverificationv1.VerificationServiceClient, phone string) error {
	_, err := c.QueryBusinessRisk(ctx, &jverificationv1.QueryBusinessRiskRequest{Phone: phone})
	return err
}

// TestEnvoyRepeatsRiskQueries has a client without retries. Each number is answered with
// its code once, and with success after that.
func TestEnvoyRepeatsRiskQueries(t *testing.T) {
	t.Parallel()
	b := newBackend(t, failing(nil), onceEach)
	client := jverificationv1.NewVerificationServiceClient(envoy.dial(t, b))
	tests := map[string]struct {
		calls int
		least time.Duration
	}{
		"then-success-2000-a": {2, time.Second}, // the delay of the table
		"then-success-1804-a": {2, time.Second},
		"then-success-7101-a": {1, 0}, // never
		"then-success-9006-a": {1, 0}, // the next window
		"then-success-1803-a": {1, 0}, // when the operator has acted
		"then-success-4242-a": {1, 0}, // not listed
		"code-2000":           {2, 0}, // once only
	}
	for number, tt := range tests {
		t.Run(number, func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			err := queryRisk(bounded(t), client, number)
			if repeated := tt.least > 0; (err == nil) != repeated {
				t.Errorf("error = %v, success = %t wanted", err, repeated)
			}
			if lasted := time.Since(begin); lasted < tt.least {
				t.Errorf("repeated after %v, want %v at least", lasted, tt.least)
			}
			if calls := b.Simulator.Calls(number); calls != tt.calls {
				t.Errorf("the upstream was called %d times, want %d", calls, tt.calls)
			}
		})
	}
}

// TestEnvoyCountsInSeconds has a gateway that allows the same request after a delay that
// the table does not have.
func TestEnvoyCountsInSeconds(t *testing.T) {
	t.Parallel()
	for delay, want := range map[time.Duration]struct {
		calls int
		least time.Duration
	}{
		time.Millisecond:        {2, time.Second},
		1001 * time.Millisecond: {2, 2 * time.Second},
		10 * time.Second:        {1, 0},
		time.Hour:               {1, 0},
	} {
		t.Run(delay.String(), func(t *testing.T) {
			t.Parallel()
			calls := -1 // the first call is that of newBackend
			b := newBackend(t, failing(nil), onceEach, func(c *gateway.Config) {
				c.Cooldown = answering{next: func() error {
					if calls++; calls == 1 {
						return codetable.NewError(qpsLimit, codetable.WithRetryAfter(delay))
					}
					return nil
				}}
			})
			client := jverificationv1.NewVerificationServiceClient(envoy.dial(t, b))
			begin := time.Now()
			err := queryRisk(bounded(t), client, phone)
			if (err == nil) != (want.calls == 2) || calls != want.calls || time.Since(begin) < want.least {
				t.Errorf("%v after %d calls and %v, want %+v", err, calls, time.Since(begin), want)
			}
		})
	}
}

// answering is a cool-down that answers calls one after the other.
type answering struct {
	gateway.Cooldown
	next func() error
}

func (a answering) Blocked(context.Context, string) error { return a.next() }

func (answering) Learn(context.Context, string, error) {}

func (answering) Held(context.Context, string) error { return nil }

func (answering) Lift(context.Context, string) error { return nil }

// TestEnvoyNeverRepeatsAToken also sends the headers with which a client may
// ask Envoy for retries.
func TestEnvoyNeverRepeatsAToken(t *testing.T) {
	t.Parallel()
	b := newBackend(t, failing(nil))
	client := jverificationv1.NewVerificationServiceClient(envoy.dial(t, b))
	asking := metadata.AppendToOutgoingContext(bounded(t),
		"x-envoy-retry-on", "5xx,gateway-error,reset,retriable-4xx,retriable-headers", "x-envoy-max-retries", "3",
		"x-envoy-retry-grpc-on", "cancelled,deadline-exceeded,internal,resource-exhausted,unavailable",
		"x-envoy-retriable-header-names", pushback)
	methods := map[string]func(ctx context.Context, token string) error{
		"VerifyNumber": func(ctx context.Context, token string) error {
			_, err := client.VerifyNumber(ctx, &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token})
			return err
		},
		"ExchangeLoginToken": func(ctx context.Context, token string) error {
			_, err := client.ExchangeLoginToken(ctx, &jverificationv1.ExchangeLoginTokenRequest{LoginToken: token})
			return err
		},
		"CheckCaptcha": func(ctx context.Context, token string) error {
			_, err := client.CheckCaptcha(ctx, &jverificationv1.CheckCaptchaRequest{CaptchaContent: token})
			return err
		},
		"EnableOneClickLogin": func(ctx context.Context, token string) error {
			_, err := client.EnableOneClickLogin(ctx, &jverificationv1.EnableOneClickLoginRequest{
				AppKey: token, Platform: jverificationv1.Platform_PLATFORM_IOS, PackageName: "com.example.app",
			})
			return err
		},
	}
	for name, call := range methods {
		for caller, ctx := range map[string]context.Context{"plain": bounded(t), "asking": asking} {
			for _, code := range []string{"1804", "2000", "9099", "9003"} {
				token := "then-success-" + code + "-" + name + caller
				if err := call(ctx, token); err == nil {
					t.Errorf("%s succeeded: it was repeated", token)
				}
				if calls := b.Simulator.Calls(token); calls != 1 {
					t.Errorf("the upstream got %s %d times, want once", token, calls)
				}
			}
		}
	}
}

// TestEnvoyTriesTheNextGateway has one that is gone, and health checks that do not find
// it. What can't connect was not sent.
func TestEnvoyTriesTheNextGateway(t *testing.T) {
	t.Parallel()
	f := newReplicas(t, 2, map[string]string{"interval: 3s": "interval: 3600s"})
	client := jverificationv1.NewVerificationServiceClient(f.conn)
	f.replicas[0].Server.GracefulStop() // returns when Envoy has no connection to it
	for range 50 {
		token := f.upstream.Simulator.IssueToken(phone)
		_, err := client.VerifyNumber(bounded(t), &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token})
		if status.Code(err) != codes.OK || f.upstream.Simulator.Calls(token) != 1 {
			t.Errorf("%v after %d calls of the upstream", err, f.upstream.Simulator.Calls(token))
		}
	}
}
