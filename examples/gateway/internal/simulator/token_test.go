package simulator_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
)

func TestVerifyComparesNumbers(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t)
	wantCode(t, post(t, s, "/v1/web/verify", object{"token": s.IssueToken(phone), "phone": phone}), 9000)
	reply := post(t, s, "/v2/web/verify", object{"token": s.IssueToken(phone), "phone": "13900000001", "exID": "x1"})
	wantCode(t, reply, 9001)
	if got, want := reply.keys(), "code content exID id riskCheck score"; got != want {
		t.Errorf("fields = %s, want %s", got, want)
	}
}

func TestTokensAnswerOnce(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t, func(c *simulator.Config) { c.NumberGap = 0 })
	for _, token := range []string{s.IssueToken(phone), "phone-" + phone + "-1"} {
		body := object{"token": token, "phone": phone}
		wantCode(t, post(t, s, "/v1/web/verify", body), 9000)
		wantCode(t, post(t, s, "/v1/web/verify", body), 9003)
		if got := s.Calls(token); got != 2 {
			t.Errorf("Calls(%s) = %d, want 2", token, got)
		}
	}
}

func TestTokensAreOfOneKind(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t)
	wantCode(t, post(t, s, "/v1/web/verify", object{"token": s.IssueLoginToken(phone), "phone": phone}), 9003)
	wantCode(t, post(t, s, "/v1/web/loginTokenVerify", object{"loginToken": s.IssueToken(phone)}), 9003)
	wantCode(t, post(t, s, "/v1/web/verify", object{"token": "never issued", "phone": phone}), 9003)
}

func TestTokensExpire(t *testing.T) {
	t.Parallel()
	config := simulator.DefaultConfig()
	tests := []struct {
		name string
		age  time.Duration
		path string
		want int
	}{
		{"verify, just alive", config.VerifyTokenTTL - time.Nanosecond, "/v1/web/verify", 9000},
		{"verify, dead", config.VerifyTokenTTL, "/v1/web/verify", 9003},
		{"login, just alive", config.LoginTokenTTL - time.Nanosecond, "/v1/web/loginTokenVerify", 8000},
		{"login, dead", config.LoginTokenTTL, "/v1/web/loginTokenVerify", 9003},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, now := newSimulator(t)
			body := object{"token": s.IssueToken(phone), "phone": phone, "loginToken": s.IssueLoginToken(phone)}
			now.Advance(tt.age)
			wantCode(t, post(t, s, tt.path, body), tt.want)
		})
	}
}

func TestMalformedCallSpendsNoToken(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t)
	token := s.IssueToken(phone)
	wantCode(t, post(t, s, "/v1/web/verify", object{"token": token}), 9012)
	wantCode(t, post(t, s, "/v1/web/verify", object{"token": token, "phone": phone}), 9000)
}

// TestOneUseWins sends one token many times at once.
func TestOneUseWins(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t)
	tests := []struct {
		name string
		path string
		body object
		win  int
		lose int
	}{
		{"verify", "/v1/web/verify", object{"token": s.IssueToken(phone), "phone": phone}, 9000, 9003},
		{"login", "/v2/web/loginTokenVerify", object{"loginToken": s.IssueLoginToken(phone)}, 8000, 9003},
		{"phone token", "/v1/web/loginTokenVerify", object{"loginToken": "phone-" + phone + "-1"}, 8000, 9003},
		{"captcha", "/action/check", object{"captchaContent": "blob"}, 0, 7104},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			const calls = 32
			var wins, losses atomic.Int32
			var group sync.WaitGroup
			for range calls {
				group.Go(func() {
					switch post(t, s, tt.path, tt.body).code(t) {
					case tt.win:
						wins.Add(1)
					case tt.lose:
						losses.Add(1)
					}
				})
			}
			group.Wait()
			if wins.Load() != 1 || losses.Load() != calls-1 {
				t.Errorf("%d wins and %d losses, want 1 and %d", wins.Load(), losses.Load(), calls-1)
			}
		})
	}
}

// TestMemoryIsBounded pushes a token out by issuing 65,536 younger ones.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t)
	oldest := s.IssueToken(phone)
	second := s.IssueToken(phone)
	for range 1<<16 - 1 {
		s.IssueToken(phone)
	}
	wantCode(t, post(t, s, "/v1/web/verify", object{"token": oldest, "phone": phone}), 9003)
	wantCode(t, post(t, s, "/v1/web/verify", object{"token": second, "phone": phone}), 9000)
}

func TestCallsCountsOnlyAuthenticatedCalls(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t)
	r := newRequest(t, "/v1/web/verify", object{"token": "code-9000"})
	r.Header.Del("Authorization")
	send(t, s, r)
	if got := s.Calls("code-9000"); got != 0 {
		t.Errorf("Calls = %d, want 0", got)
	}
}
