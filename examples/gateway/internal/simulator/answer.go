package simulator

// answerVerify compares the number of the token with the number of the body.
func (s *Simulator) answerVerify(f fields, token string) outcome {
	phone, ok := f.phone()
	if !ok {
		return outcome{code: invalid}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	owner, ok := s.verify.redeem(token, now)
	if !ok {
		return outcome{code: tokenDead}
	}
	if refusal, ok := s.quota.verification(phone, now); !ok {
		return outcome{code: refusal}
	}
	if owner != phone {
		return outcome{code: inconsistent, phone: phone}
	}
	return outcome{code: consistent, phone: phone}
}

func (s *Simulator) answerLogin(_ fields, token string) outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	phone, ok := s.login.redeem(token, s.now())
	if !ok {
		return outcome{code: tokenDead}
	}
	return outcome{code: phoneObtained, phone: phone}
}

func (s *Simulator) answerCaptcha(_ fields, blob string) outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !markFirst(&s.captchas, digestOf(blob)) {
		return outcome{code: captchaRepeated}
	}
	if !s.quota.captcha(s.now()) {
		return outcome{code: appHourlyLimit}
	}
	return outcome{code: code(s.config.CaptchaSuccessCode)}
}

func (s *Simulator) answerRisk(f fields, _ string) outcome {
	phone, ok := f.phone()
	if !ok {
		return outcome{code: riskInvalid}
	}
	return outcome{code: s.takeAssessment(), phone: phone}
}

// takeAssessment returns the code of one more risk assessment.
func (s *Simulator) takeAssessment() code {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.quota.assessment(s.now()) {
		return qpsLimit
	}
	return success
}

// answerActivation switches one-click login on, once. A public key in the body
// encrypts the phone numbers of later logins.
func (s *Simulator) answerActivation(f fields, appKey string) outcome {
	if !isActivation(f) {
		return outcome{code: invalid}
	}
	if appKey != s.config.AppKey {
		return outcome{code: appUnknown}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.activated {
		return outcome{code: activatedAlready}
	}
	if text := f.text("rsa_pubkey"); text != "" {
		key, err := ParsePublicKey([]byte(text))
		if err != nil {
			return outcome{code: invalid}
		}
		s.publicKey = key
	}
	s.activated = true
	return outcome{code: activated}
}

// isActivation reports whether the fields that a platform needs are there.
func isActivation(f fields) bool {
	if f.text("package_name") == "" {
		return false
	}
	switch f.text("platform") {
	case "a":
		return f.text("app_sign") != ""
	case "i":
		return true
	default:
		return false
	}
}
