package simulator

import (
	"crypto/rand"
	"crypto/sha256"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// answerVerify compares the number of the token with the number of the body.
func (s *Simulator) answerVerify(f fields, token string) (code, string) {
	phone := f.text("phone")
	if !isPhone(phone) {
		return invalid, ""
	}
	owner, ok := redeem(s.verify, token, s.now())
	if !ok {
		return tokenDead, ""
	}
	if s.broke() {
		return unpaid, ""
	}
	if refusal := s.takeVerification(phone); refusal != success {
		return refusal, ""
	}
	s.pay()
	if owner != phone {
		return inconsistent, phone
	}
	return consistent, phone
}

func (s *Simulator) answerLogin(_ fields, token string) (code, string) {
	phone, ok := redeem(s.login, token, s.now())
	if !ok {
		return tokenDead, ""
	}
	if s.broke() {
		return unpaid, ""
	}
	s.pay()
	return phoneObtained, phone
}

func (s *Simulator) answerCaptcha(_ fields, blob string) (code, string) {
	if add(s.captchas, blob) > 1 {
		return captchaRepeated, ""
	}
	if !s.take(s.now().Format(hourly), s.config.AppHourlyLimit) {
		return appHourlyLimit, ""
	}
	return s.captchaSuccess(), ""
}

func (s *Simulator) captchaSuccess() code {
	return code(s.config.CaptchaSuccessCode) //nolint:gosec // New checked that it is an int32
}

func (s *Simulator) answerRisk(_ fields, phone string) (code, string) {
	if !isPhone(phone) {
		return riskInvalid, ""
	}
	return s.takeAssessment(), phone
}

// answerActivation switches one-click login on, once. A public key in the body
// encrypts the phone numbers of later logins.
func (s *Simulator) answerActivation(f fields, appKey string) (code, string) {
	platform := f.text("platform")
	switch {
	case f.text("package_name") == "",
		platform != "i" && (platform != "a" || f.text("app_sign") == ""):
		return invalid, ""
	case appKey != s.config.AppKey:
		return appUnknown, ""
	case s.activated:
		return activatedAlready, ""
	}
	if text := f.text("rsa_pubkey"); text != "" {
		key, err := ParsePublicKey([]byte(text))
		if err != nil {
			return invalid, ""
		}
		s.publicKey = key
	}
	s.activated = true
	return activated, ""
}

// takeAssessment returns the code of one more risk assessment.
func (s *Simulator) takeAssessment() code {
	switch {
	case s.broke():
		return riskUnpaid
	case !s.take(s.now().Format(secondly), s.config.QPS):
		return qpsLimit
	}
	s.pay()
	return success
}

// broke reports whether the account can't pay for one more answer.
func (s *Simulator) broke() bool { return s.config.Balance > 0 && s.balance <= 0 }

// pay takes the price of an answer from the account.
func (s *Simulator) pay() {
	if s.config.Balance > 0 {
		s.balance--
	}
}

// takeVerification counts a comparison of phone, or returns the code of the limit
// that refuses it. A refused call is not counted.
func (s *Simulator) takeVerification(phone string) code {
	now := s.now()
	today := now.Format(daily)
	last, known := s.verified.get(phone)
	switch {
	case s.full(today, s.config.AppDailyLimit):
		return appDailyLimit
	case s.full(today+phone, s.config.NumberDailyLimit):
		return numberDailyLimit
	case known && now.Sub(last) < s.config.NumberGap:
		return numberTooSoon
	}
	add(s.counts, today)
	add(s.counts, today+phone)
	s.verified.put(phone, now)
	return success
}

// The layouts of calendar periods. The offset tells the two equal hours at the end of
// daylight saving time apart.
const (
	daily    = "2006-01-02 "
	hourly   = daily + "15 -0700"
	secondly = daily + "15:04:05 -0700"
)

// full reports whether what a calendar period counts has reached limit. 0 is no limit.
func (s *Simulator) full(period string, limit int) bool {
	n, _ := s.counts.get(period)
	return limit > 0 && n >= limit
}

// take counts one more, unless limit is reached.
func (s *Simulator) take(period string, limit int) bool {
	ok := !s.full(period, limit)
	if ok {
		add(s.counts, period)
	}
	return ok
}

// ticket is what a single-use token stands for.
type ticket struct {
	phone   string
	expires time.Time
}

func (s *Simulator) issue(tokens ledger[ticket], phone string, ttl time.Duration) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	token := "token-" + rand.Text()
	tokens.put(token, ticket{phone, s.now().Add(ttl)})
	return token
}

// redeem spends a token and returns the number that it stands for. A phone- token
// need not be issued, and does not expire.
func redeem(tokens ledger[ticket], token string, now time.Time) (phone string, ok bool) {
	found, known := tokens.get(token)
	if reserved := phoneToken.FindStringSubmatch(token); reserved != nil && !known {
		found = ticket{reserved[1], now.Add(1)}
	}
	if !now.Before(found.expires) {
		return "", false
	}
	tokens.put(token, ticket{}) // which has expired
	return found.phone, true
}

// maxEntries bounds every ledger, and with it the simulator's memory.
const maxEntries = 1 << 16

// ledger is a map that forgets what was put first. It keeps digests of its keys, so
// that their size does not depend on the caller. It is not safe for concurrent use.
type ledger[V any] struct {
	values *simplelru.LRU[[sha256.Size]byte, V]
}

func newLedger[V any]() ledger[V] {
	values, _ := simplelru.NewLRU[[sha256.Size]byte, V](maxEntries, nil) // fails for a size below 1 only
	return ledger[V]{values}
}

func (l ledger[V]) get(key string) (V, bool) {
	return l.values.Peek(sha256.Sum256([]byte(key)))
}

func (l ledger[V]) put(key string, value V) {
	l.values.Add(sha256.Sum256([]byte(key)), value)
}

// add counts one more of key and returns its count.
func add(counts ledger[int], key string) int {
	n, _ := counts.get(key)
	counts.put(key, n+1)
	return n + 1
}
