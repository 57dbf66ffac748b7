package simulator_test

import (
	"fmt"
	"testing"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
)

func withBalance(answers int) func(*simulator.Config) {
	return func(c *simulator.Config) { c.Balance = answers }
}

// riskCode is the code of the riskCheck in a v2 reply.
func riskCode(t *testing.T, reply object) int {
	t.Helper()
	check, ok := reply["riskCheck"].(map[string]any)
	if !ok {
		t.Fatalf("reply = %v, want a riskCheck", reply)
	}
	return object(check).code(t)
}

// TestBilledAnswersSpendTheBalance lets each answer that is billed take the last of
// the account.
func TestBilledAnswersSpendTheBalance(t *testing.T) {
	t.Parallel()
	const other = "13900000001"
	answers := map[int]func(*testing.T, *simulator.Simulator) object{
		0: func(t *testing.T, s *simulator.Simulator) object {
			return post(t, s, "/v2/web/queryBusinessRisk", object{"phone": phone})
		},
		8000: func(t *testing.T, s *simulator.Simulator) object {
			return post(t, s, "/v1/web/loginTokenVerify", object{"loginToken": s.IssueLoginToken(phone)})
		},
		9000: func(t *testing.T, s *simulator.Simulator) object { return verify(t, s, phone) },
		9001: func(t *testing.T, s *simulator.Simulator) object {
			return post(t, s, "/v1/web/verify", object{"token": s.IssueToken(other), "phone": phone})
		},
	}
	for code, ask := range answers {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			s, _ := newSimulator(t, withBalance(1))
			wantCode(t, ask(t, s), code)
			wantCode(t, verify(t, s, "13900000002"), 9018)
			wantCode(t, answers[8000](t, s), 9018)
			wantCode(t, answers[0](t, s), 1805)
			s.Refill(3)
			wantCode(t, verify(t, s, "13900000002"), 9000)
			wantCode(t, answers[8000](t, s), 8000)
			wantCode(t, answers[0](t, s), 0)
			wantCode(t, answers[0](t, s), 1805)
		})
	}
}

// TestRefusalsAreNotBilled sends what is refused, scripted or free to an account that
// can pay for two answers.
func TestRefusalsAreNotBilled(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t, withBalance(2))
	wantCode(t, verify(t, s, phone), 9000)
	wantCode(t, verify(t, s, phone), 9005)
	wantCode(t, post(t, s, "/v1/web/verify", object{"token": "dead", "phone": phone}), 9003)
	wantCode(t, post(t, s, "/v1/web/verify", object{"token": "code-9000", "phone": phone}), 9000)
	wantCode(t, post(t, s, "/action/check", object{"captchaContent": "blob"}), 0)
	wantCode(t, post(t, s, "/v1/admin/open", activation()), 9200)
	s.Refill(-1)
	wantCode(t, verify(t, s, "13900000001"), 9000)
	wantCode(t, verify(t, s, "13900000002"), 9018)
}

// TestRiskIsNotAssessedOnCredit pays for the verification in a v2 reply only.
func TestRiskIsNotAssessedOnCredit(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t, withBalance(1))
	reply := post(t, s, "/v2/web/verify", object{"token": s.IssueToken(phone), "phone": phone})
	wantCode(t, reply, 9000)
	if got := riskCode(t, reply); got != 1805 {
		t.Errorf("riskCheck = %d, want 1805", got)
	}
}

// TestNoMoneyComesBeforeTheLimits fills a limit that heals by itself.
func TestNoMoneyComesBeforeTheLimits(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t, withBalance(1), func(c *simulator.Config) { c.AppDailyLimit = 1 })
	wantCode(t, verify(t, s, phone), 9000)
	wantCode(t, verify(t, s, phone), 9018)
	s.Refill(1)
	wantCode(t, verify(t, s, phone), 9007)
}

func TestZeroBalanceIsNoLimit(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t, func(c *simulator.Config) { c.NumberGap = 0 })
	for range 3 {
		wantCode(t, verify(t, s, phone), 9000)
	}
}
