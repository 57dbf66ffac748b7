package simulator_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
)

// verify compares a number with a fresh token of its own.
func verify(t *testing.T, s *simulator.Simulator, number string) object {
	t.Helper()
	return post(t, s, "/v1/web/verify", object{"token": s.IssueToken(number), "phone": number})
}

func shanghai(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation(time.DateTime, text, simulator.DefaultConfig().Zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestNumberGap(t *testing.T) {
	t.Parallel()
	s, now := newSimulator(t)
	wantCode(t, verify(t, s, phone), 9000)
	wantCode(t, verify(t, s, "13900000001"), 9000) // another number is free
	now.Advance(30*time.Second - 1)
	wantCode(t, verify(t, s, phone), 9005)
	now.Advance(1) // the refused call did not start the gap anew
	wantCode(t, verify(t, s, phone), 9000)
}

func TestGapReachesAcrossMidnight(t *testing.T) {
	t.Parallel()
	s, now := newSimulator(t)
	now.Set(shanghai(t, "2025-03-01 23:59:50"))
	wantCode(t, verify(t, s, phone), 9000)
	now.Set(shanghai(t, "2025-03-02 00:00:19"))
	wantCode(t, verify(t, s, phone), 9005)
}

// TestNumberDayIsACalendarDay fills a day in its last minutes: a rolling window
// would still refuse at midnight, and a day of UTC would too.
func TestNumberDayIsACalendarDay(t *testing.T) {
	t.Parallel()
	s, now := newSimulator(t)
	now.Set(shanghai(t, "2025-03-01 23:50:00"))
	for range 10 {
		wantCode(t, verify(t, s, phone), 9000)
		now.Advance(30 * time.Second)
	}
	now.Set(shanghai(t, "2025-03-01 23:59:59"))
	wantCode(t, verify(t, s, phone), 9006)
	wantCode(t, verify(t, s, "13900000001"), 9000)
	now.Set(shanghai(t, "2025-03-02 00:00:00"))
	wantCode(t, verify(t, s, phone), 9000)
}

// TestDayDoesNotEndAtMidnightUTC checks that the day goes on at 08:00 in Shanghai.
func TestDayDoesNotEndAtMidnightUTC(t *testing.T) {
	t.Parallel()
	s, now := newSimulator(t, func(c *simulator.Config) { c.NumberDailyLimit = 1 })
	now.Set(shanghai(t, "2025-03-02 07:59:00"))
	wantCode(t, verify(t, s, phone), 9000)
	now.Set(shanghai(t, "2025-03-02 08:00:00"))
	wantCode(t, verify(t, s, phone), 9006)
}

func TestZoneIsAParameter(t *testing.T) {
	t.Parallel()
	s, now := newSimulator(t, func(c *simulator.Config) {
		c.NumberDailyLimit = 1
		c.Zone = time.UTC
	})
	now.Set(shanghai(t, "2025-03-02 07:59:00"))
	wantCode(t, verify(t, s, phone), 9000)
	now.Set(shanghai(t, "2025-03-02 08:00:00"))
	wantCode(t, verify(t, s, phone), 9000)
}

func TestAppDailyLimit(t *testing.T) {
	t.Parallel()
	s, now := newSimulator(t, func(c *simulator.Config) { c.AppDailyLimit = 3 })
	now.Set(shanghai(t, "2025-03-01 23:59:59"))
	for i := range 3 {
		wantCode(t, verify(t, s, fmt.Sprintf("1390000000%d", i)), 9000)
	}
	wantCode(t, verify(t, s, phone), 9007)
	wantCode(t, verify(t, s, "13900000001"), 9007) // and not 9005: the longer wait
	now.Set(shanghai(t, "2025-03-02 00:00:00"))
	wantCode(t, verify(t, s, phone), 9000)
}

func TestRefusedCallSpendsTheToken(t *testing.T) {
	t.Parallel()
	s, now := newSimulator(t)
	wantCode(t, verify(t, s, phone), 9000)
	token := s.IssueToken(phone)
	wantCode(t, post(t, s, "/v1/web/verify", object{"token": token, "phone": phone}), 9005)
	now.Advance(30 * time.Second)
	wantCode(t, post(t, s, "/v1/web/verify", object{"token": token, "phone": phone}), 9003)
}

func TestOnlyLiveTokensCount(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t)
	wantCode(t, post(t, s, "/v1/web/verify", object{"token": "dead", "phone": phone}), 9003)
	wantCode(t, verify(t, s, phone), 9000)
}

func TestHourlyLimitIsACalendarHour(t *testing.T) {
	t.Parallel()
	// A zone with half an hour tells the hour of the zone from that of UTC.
	india := time.FixedZone("Asia/Kolkata", 5*60*60+30*60)
	s, now := newSimulator(t, func(c *simulator.Config) {
		c.AppHourlyLimit = 2
		c.Zone = india
	})
	blob := 0
	check := func() object {
		blob++
		return post(t, s, "/action/check", object{"captchaContent": fmt.Sprint("blob ", blob)})
	}
	now.Set(time.Date(2025, time.March, 1, 9, 59, 59, 0, india))
	wantCode(t, check(), 0)
	wantCode(t, check(), 0)
	wantCode(t, check(), 6005)
	now.Advance(time.Second)
	wantCode(t, check(), 0)
}

func TestQPSIsACalendarSecond(t *testing.T) {
	t.Parallel()
	s, now := newSimulator(t, func(c *simulator.Config) {
		c.QPS = 2
		c.NumberGap = 0
	})
	const path = "/v2/web/queryBusinessRisk"
	now.Advance(999 * time.Millisecond)
	wantCode(t, post(t, s, path, object{"phone": phone}), 0)

	nested := post(t, s, "/v2/web/verify", object{"token": s.IssueToken(phone), "phone": phone})
	wantCode(t, object(nested["riskCheck"].(map[string]any)), 0)

	wantCode(t, post(t, s, path, object{"phone": phone}), 1804)
	nested = post(t, s, "/v2/web/verify", object{"token": s.IssueToken(phone), "phone": phone})
	wantCode(t, nested, 9000) // verified, risk not assessed
	wantCode(t, object(nested["riskCheck"].(map[string]any)), 1804)

	now.Advance(time.Millisecond)
	wantCode(t, post(t, s, path, object{"phone": phone}), 0)
}

func TestScriptsTouchNoLimit(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t, func(c *simulator.Config) {
		c.AppDailyLimit, c.NumberDailyLimit, c.AppHourlyLimit, c.QPS = 1, 1, 1, 1
	})
	for path, field := range endpoints {
		for _, token := range []string{"code-0", "code-9000", "riskcheck-0", "then-success-1804-x"} {
			for range 3 {
				body := object{"phone": phone}
				body[field] = token // on the risk path, the phone itself
				post(t, s, path, body)
			}
		}
	}
	wantCode(t, verify(t, s, phone), 9000)
	wantCode(t, post(t, s, "/action/check", object{"captchaContent": "blob"}), 0)
	wantCode(t, post(t, s, "/v2/web/queryBusinessRisk", object{"phone": phone}), 0)
}

func TestZeroIsNoLimit(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t, func(c *simulator.Config) {
		c.NumberGap, c.NumberDailyLimit, c.AppDailyLimit = 0, 0, 0
	})
	for range 20 {
		wantCode(t, verify(t, s, phone), 9000)
	}
}
