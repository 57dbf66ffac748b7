package simulator

import (
	"crypto/subtle"
	"mime"
	"net/http"
)

const maxBody = 1 << 20

// endpoint has what differs between the paths of the upstream.
type endpoint struct {
	token      string // the field that holds the token, or stands for one
	success    code
	answer     func(f fields, token string) (c code, phone string)
	risk       riskPlace
	givesPhone bool
	admin      bool // wants the developer's credentials; a success has neither id nor exID
}

// riskPlace is where a reply carries the risk of a number.
type riskPlace int

const (
	noRisk     riskPlace = iota
	nestedRisk           // in riskCheck, with a code of its own
	topRisk              // in the reply itself
)

func (s *Simulator) endpoints() map[string]endpoint {
	verify := endpoint{token: "token", success: consistent, answer: s.answerVerify}
	login := endpoint{token: "loginToken", success: phoneObtained, answer: s.answerLogin, givesPhone: true}
	verifyV2, loginV2 := verify, login
	verifyV2.risk, loginV2.risk = nestedRisk, nestedRisk
	captcha := code(s.config.CaptchaSuccessCode)
	return map[string]endpoint{
		"/v1/web/verify":              verify,
		"/v1/web/h5/verify":           verify,
		"/v2/web/verify":              verifyV2,
		"/v2/web/h5/verify":           verifyV2,
		"/v1/web/loginTokenVerify":    login,
		"/v1/web/h5/loginTokenVerify": login,
		"/v2/web/loginTokenVerify":    loginV2,
		"/v2/web/h5/loginTokenVerify": loginV2,
		"/v2/web/queryBusinessRisk":   {token: "phone", success: success, answer: s.answerRisk, risk: topRisk},
		"/action/check":               {token: "captchaContent", success: captcha, answer: s.answerCaptcha},
		"/v1/admin/open":              {token: "app_key", success: activated, answer: s.answerActivation, admin: true},
	}
}

func (s *Simulator) handler(e endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		body, fault := s.answer(e, r)
		s.deliver(w, r, body, fault)
	}
}

// answer returns the body, and the fault to deliver it with.
func (s *Simulator) answer(e endpoint, r *http.Request) (reply, string) {
	f, refusal := s.admit(e, r)
	if refusal != success {
		if own, ok := riskRefusals[refusal]; ok && e.risk == topRisk {
			refusal = own
		}
		return s.newReply(refusal), ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	token := f.text(e.token)
	calls, _ := s.calls.get(token)
	s.calls.put(token, calls+1)
	result, ok := script(token, e.success, calls == 0)
	if !ok {
		result = s.mixed(e, f, token)
	}
	return s.render(e, f.text("exID"), result), result.fault
}

// riskRefusals are the codes of the risk endpoint for what others refuse too.
var riskRefusals = map[code]code{authMissing: riskAuthFailed, authFailed: riskAuthFailed, invalid: riskInvalid}

// admit returns the fields of a call with valid credentials and a token. Otherwise
// the code that refuses it is not success.
func (s *Simulator) admit(e endpoint, r *http.Request) (f fields, refusal code) {
	key, secret := s.config.AppKey, s.config.MasterSecret
	if e.admin {
		key, secret = s.config.DevKey, s.config.DevSecret
	}
	media, _, mediaErr := mime.ParseMediaType(r.Header.Get("Content-Type"))
	sentKey, sentSecret, ok := r.BasicAuth()
	switch {
	case r.Method != http.MethodPost:
		return nil, methodUnsupported
	case mediaErr != nil || media != "application/json":
		return nil, mediaUnsupported
	case r.Header.Get("Authorization") == "":
		return nil, authMissing
	case !ok || !same(sentKey, key) || !same(sentSecret, secret):
		return nil, authFailed
	}
	if f = readFields(r.Body); f.text(e.token) == "" {
		return nil, invalid
	}
	return f, success
}

func same(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
