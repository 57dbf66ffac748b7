package simulator

// render makes the documented body of an outcome.
func (s *Simulator) render(e endpoint, exID string, result outcome) reply {
	if !result.code.answers() && result.code != e.success {
		return s.failure(result.code)
	}
	body := reply{Code: result.code, Content: s.content(result.code)}
	if e.givesPhone && result.code.succeeds() {
		phone, err := encryptPhone(s.loginKey(), result.phone)
		if err != nil {
			return s.failure(encryptFailed)
		}
		body.Phone = phone
	}
	if !e.anonymous {
		body.ID, body.ExID = s.newID(), &exID
	}
	s.addRisk(&body, e.risk, result)
	return body
}

func (s *Simulator) addRisk(body *reply, place riskPlace, result outcome) {
	switch place {
	case nestedRisk:
		c := s.riskCode(result)
		body.RiskCheck = assess(c, s.content(c), result.phone)
		body.Score = body.RiskCheck.Score
	case topRisk:
		check := assess(success, "", result.phone)
		body.Score, body.Tags, body.Detail = check.Score, check.Tags, check.Detail
	default: // the reply has no risk
	}
}

func (s *Simulator) riskCode(result outcome) code {
	if result.risk != nil {
		return *result.risk
	}
	return s.takeAssessment()
}

func (s *Simulator) failure(c code) reply {
	return reply{Code: c, Content: s.content(c)}
}

func (s *Simulator) content(c code) string {
	if text, ok := contents[c]; ok {
		return text
	}
	if c == code(s.config.CaptchaSuccessCode) {
		return contents[success]
	}
	return "unlisted code"
}
