package simulator

import "time"

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
	if refusal := s.takeVerification(phone); refusal != success {
		return refusal, ""
	}
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
	return phoneObtained, phone
}

func (s *Simulator) answerCaptcha(_ fields, blob string) (code, string) {
	if _, repeated := s.captchas.get(blob); repeated {
		return captchaRepeated, ""
	}
	s.captchas.put(blob, struct{}{})
	if !s.hour.take(s.now().Format(hourly), s.config.AppHourlyLimit) {
		return appHourlyLimit, ""
	}
	return code(s.config.CaptchaSuccessCode), ""
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
	if !s.second.take(s.now().Format(secondly), s.config.QPS) {
		return qpsLimit
	}
	return success
}

// numberUse is what the limits of a number count.
type numberUse struct {
	last time.Time
	day  window
}

// takeVerification counts a comparison of phone, or returns the code of the limit
// that refuses it. A refused call is not counted.
func (s *Simulator) takeVerification(phone string) code {
	now := s.now()
	today := now.Format(daily)
	use, known := s.numbers.get(phone)
	switch {
	case s.day.full(today, s.config.AppDailyLimit):
		return appDailyLimit
	case use.day.full(today, s.config.NumberDailyLimit):
		return numberDailyLimit
	case known && now.Sub(use.last) < s.config.NumberGap:
		return numberTooSoon
	}
	s.day.add(today)
	use.day.add(today)
	use.last = now
	s.numbers.put(phone, use)
	return success
}

// The layouts of calendar periods. The offset tells the two equal hours at the end of
// daylight saving time apart.
const (
	daily    = time.DateOnly
	hourly   = "2006-01-02 15 -0700"
	secondly = "2006-01-02 15:04:05 -0700"
)

// window counts the calls of a calendar period. Another period empties it.
type window struct {
	period string
	calls  int
}

// full reports whether limit is reached. A limit of 0 never is.
func (w *window) full(period string, limit int) bool {
	return limit > 0 && w.period == period && w.calls >= limit
}

func (w *window) add(period string) {
	if w.period != period {
		*w = window{period: period}
	}
	w.calls++
}

func (w *window) take(period string, limit int) bool {
	if w.full(period, limit) {
		return false
	}
	w.add(period)
	return true
}
