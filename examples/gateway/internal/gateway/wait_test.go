package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// TestRiskQueryIsRepeated says by the table's words what is repeated, and when.
func TestRiskQueryIsRepeated(t *testing.T) {
	t.Parallel()
	const ok, qps, internal, balance = 0, 1804, 2000, 1805
	tests := []struct {
		name     string
		answers  []int // the last one again and again
		attempts int
		deadline time.Duration
		calls    int
		want     int
		took     time.Duration
	}{
		{"success", []int{ok}, 0, time.Hour, 1, ok, 0},
		{"success at the second attempt", []int{qps, ok}, 0, time.Hour, 2, ok, time.Second},
		{"success at the last attempt", []int{qps, internal, ok}, 0, time.Hour, 3, ok, 2 * time.Second},
		{"no more attempts", []int{qps}, 0, time.Hour, 3, qps, 2 * time.Second},
		{"no attempts wanted", []int{qps}, 1, time.Hour, 1, qps, 0},
		{"a code that forbids it", []int{balance}, 0, time.Hour, 1, balance, 0},
		{"a code that forbids it comes second", []int{qps, balance}, 0, time.Hour, 2, balance, time.Second},
		{"no time for the delay", []int{qps}, 0, time.Second, 1, qps, 0},
		{"time for one delay", []int{qps}, 0, 1500 * time.Millisecond, 2, qps, time.Second},
		{"the gateway's own timeout", []int{qps}, 100, time.Hour, 5, qps, 4 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g, upstream, _ := newWatched(t, func(c *gateway.Config) { c.RiskAttempts = tt.attempts })
				upstream.answer = func(r *http.Request) (*http.Response, error) {
					code := tt.answers[min(upstream.calls, len(tt.answers))-1]
					return answering(http.StatusOK, fmt.Sprintf(`{"code":%d}`, code))(r)
				}
				ctx, cancel := context.WithTimeout(t.Context(), tt.deadline)
				defer cancel()
				start := time.Now()
				_, err := g.QueryBusinessRisk(ctx, &jverificationv1.QueryBusinessRiskRequest{Phone: phone})
				if want := codetable.NewError(jverificationv1.ResponseCode(tt.want)); !errors.Is(err, want) {
					t.Errorf("error = %v, want %d", err, tt.want)
				}
				if upstream.calls != tt.calls || time.Since(start) != tt.took {
					t.Errorf("%d calls in %v, want %d in %v", upstream.calls, time.Since(start), tt.calls, tt.took)
				}
			})
		})
	}
}

// TestNothingElseIsRepeated has codes that a risk query would be repeated for.
func TestNothingElseIsRepeated(t *testing.T) {
	t.Parallel()
	calls := map[string]func(context.Context, *gateway.Gateway) error{
		"VerifyNumber": func(ctx context.Context, g *gateway.Gateway) error {
			_, err := g.VerifyNumber(ctx, &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token})
			return err
		},
		"ExchangeLoginToken": func(ctx context.Context, g *gateway.Gateway) error {
			_, err := g.ExchangeLoginToken(ctx, &jverificationv1.ExchangeLoginTokenRequest{LoginToken: token})
			return err
		},
		"CheckCaptcha": func(ctx context.Context, g *gateway.Gateway) error {
			_, err := g.CheckCaptcha(ctx, &jverificationv1.CheckCaptchaRequest{CaptchaContent: token})
			return err
		},
		"EnableOneClickLogin": func(ctx context.Context, g *gateway.Gateway) error {
			_, err := g.EnableOneClickLogin(ctx, &jverificationv1.EnableOneClickLoginRequest{
				AppKey: appKey, PackageName: "a", Platform: jverificationv1.Platform_PLATFORM_IOS,
			})
			return err
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g, upstream, _ := newWatched(t, nil)
				upstream.answer = answering(http.StatusOK, `{"code":1804}`)
				if err := call(t.Context(), g); !codetable.Is(err, jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT) || upstream.calls != 1 {
					t.Errorf("error = %v after %d calls, want 1804 after one", err, upstream.calls)
				}
			})
		})
	}
}

// memory is a cool-down that a test fills.
type memory struct {
	gateway.Cooldown

	blocked map[string]error
	learnt  map[string]error
}

func (m *memory) Blocked(_ context.Context, key string) error { return m.blocked[key] }

func (m *memory) Learn(_ context.Context, key string, err error) { m.learnt[key] = err }

func TestCooldown(t *testing.T) {
	t.Parallel()
	const spent = jverificationv1.ResponseCode_RESPONSE_CODE_BEYOND_DAILY_FREQUENCY_LIMIT
	m := &memory{blocked: map[string]error{}, learnt: map[string]error{}}
	g, upstream, _ := newWatched(t, func(c *gateway.Config) { c.Cooldown = m })
	upstream.answer = answering(http.StatusOK, `{"code":9007}`)
	verify := func() error {
		_, err := g.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token})
		return err
	}
	if err := verify(); !codetable.Is(err, spent) || !codetable.Is(m.learnt[appKey+"/verification"], spent) {
		t.Errorf("error = %v, learnt %v", err, m.learnt)
	}
	m.blocked[appKey+"/verification"] = codetable.NewError(spent)
	if err := verify(); !codetable.Is(err, spent) || upstream.calls != 1 {
		t.Errorf("error = %v after %d calls, want 9007 without a second call", err, upstream.calls)
	}
	upstream.answer = answering(http.StatusOK, `{"code":0}`)
	if _, err := g.QueryBusinessRisk(t.Context(), &jverificationv1.QueryBusinessRiskRequest{Phone: phone}); err != nil {
		t.Errorf("another product: %v", err)
	}
	if err, ok := m.learnt[appKey+"/risk"]; !ok || err != nil {
		t.Errorf("learnt %v, want the success of the risk query", m.learnt)
	}
}
