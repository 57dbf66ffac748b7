package cooldown_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/cooldown"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

// upstream is a simulator without a network, and counts what comes in.
type upstream struct {
	*simulator.Simulator
	config simulator.Config
	calls  atomic.Int32
}

func newUpstream(t *testing.T, change func(*simulator.Config)) *upstream {
	t.Helper()
	u := &upstream{config: simulator.DefaultConfig()}
	u.config.NumberGap = 0
	change(&u.config)
	var err error
	if u.Simulator, err = simulator.New(u.config); err != nil {
		t.Fatal(err)
	}
	return u
}

// RoundTrip implements http.RoundTripper.
func (u *upstream) RoundTrip(r *http.Request) (*http.Response, error) {
	u.calls.Add(1)
	w := httptest.NewRecorder()
	u.ServeHTTP(w, r)
	return w.Result(), nil
}

// tinyGateway is what is left of a gateway without everything else.
type tinyGateway struct {
	upstream *upstream
	cool     *cooldown.Cooldown
}

func (g *tinyGateway) verify(ctx context.Context, token string) error {
	if err := g.cool.Blocked(ctx, g.upstream.config.AppKey); err != nil {
		return err
	}
	err := g.call(ctx, token)
	g.cool.Learn(ctx, g.upstream.config.AppKey, err)
	return err
}

func (g *tinyGateway) call(ctx context.Context, token string) error {
	body := strings.NewReader(`{"phone":"13800138000","token":"` + token + `"}`)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://upstream.test/v1/web/verify", body)
	if err != nil {
		return err
	}
	req.SetBasicAuth(g.upstream.config.AppKey, g.upstream.config.MasterSecret)
	req.Header.Set("Content-Type", "application/json")
	return rest.Do[jverificationv1.ResponseCode](&http.Client{Transport: g.upstream}, req, nil)
}

// TestDailyLimit uses up the day of an AppKey and waits for the next.
func TestDailyLimit(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T) {
		up := newUpstream(t, func(c *simulator.Config) { c.AppDailyLimit, c.NumberDailyLimit = 2, 0 })
		g := &tinyGateway{up, cooldown.New()}
		verify := func(want error) {
			t.Helper()
			err := g.verify(t.Context(), up.IssueToken("13800138000"))
			if !errors.Is(err, want) {
				t.Errorf("error = %v, want %v", err, want)
			}
		}
		var fine error // as rest.Do returns for 9000, a success
		limit := codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_BEYOND_DAILY_FREQUENCY_LIMIT)
		verify(fine)
		verify(fine)
		for range 100 {
			verify(limit)
		}
		if n := up.calls.Load(); n != 3 {
			t.Errorf("the upstream was called %d times, want 3", n)
		}
		midnight := 15*time.Hour + 50*time.Minute
		time.Sleep(midnight)
		verify(fine)
	})
}

// TestAccountIsToppedUp has an operator act while a fault is held.
func TestAccountIsToppedUp(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T) {
		up := newUpstream(t, func(*simulator.Config) {})
		g := &tinyGateway{up, cooldown.New()}
		const token = "then-success-9018-once"
		for range 100 {
			if err := g.verify(t.Context(), token); status.Code(err) != codes.FailedPrecondition {
				t.Errorf("error = %v, want 9018", err)
			}
		}
		time.Sleep(cooldown.OperatorHold)
		for range 100 {
			if err := g.verify(t.Context(), token); err != nil {
				t.Errorf("after the probe: %v", err)
			}
		}
		if n := up.calls.Load(); n != 1+100 {
			t.Errorf("the upstream was called %d times, want once with the fault and 100 times after", n)
		}
	})
}

// TestTwoGateways share what the upstream has told one of them.
func TestTwoGateways(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	up := newUpstream(t, func(*simulator.Config) {})
	first, second := &tinyGateway{up, server.patient(t)}, &tinyGateway{up, server.patient(t)}
	const token = "then-success-9007-once"
	for range 100 {
		for _, g := range []*tinyGateway{first, second} {
			if err := g.verify(t.Context(), token); !codetable.Is(err, jverificationv1.ResponseCode_RESPONSE_CODE_BEYOND_DAILY_FREQUENCY_LIMIT) {
				t.Errorf("error = %v, want 9007", err)
			}
		}
	}
	if n := up.calls.Load(); n != 1 {
		t.Errorf("the upstream was called %d times, want once", n)
	}
}
