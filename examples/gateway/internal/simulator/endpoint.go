package simulator

import (
	"crypto/subtle"
	"mime"
	"net/http"
)

const maxBody = 1 << 20

// endpoint has what differs between the paths of the upstream.
type endpoint struct {
	token   string // the field that holds the token, or stands for one
	success code
	answer  func(f fields, token string) (c code, phone string)
	login   bool // a success gives the phone number
	v2      bool // a success has a riskCheck, with a code of its own
	risk    bool // a success has the risk in the reply itself
	admin   bool // wants the developer's credentials; a success has neither id nor exID
}

func (s *Simulator) endpoints() map[string]endpoint {
	verify := endpoint{token: "token", success: consistent, answer: s.answerVerify}
	login := endpoint{token: "loginToken", success: phoneObtained, answer: s.answerLogin, login: true}
	verifyV2, loginV2 := verify, login
	verifyV2.v2, loginV2.v2 = true, true
	captcha := s.captchaSuccess()
	return map[string]endpoint{
		"/v1/web/verify":              verify,
		"/v1/web/h5/verify":           verify,
		"/v2/web/verify":              verifyV2,
		"/v2/web/h5/verify":           verifyV2,
		"/v1/web/loginTokenVerify":    login,
		"/v1/web/h5/loginTokenVerify": login,
		"/v2/web/loginTokenVerify":    loginV2,
		"/v2/web/h5/loginTokenVerify": loginV2,
		"/v2/web/queryBusinessRisk":   {token: "phone", success: success, answer: s.answerRisk, risk: true},
		"/action/check":               {token: "captchaContent", success: captcha, answer: s.answerCaptcha},
		"/v1/admin/open":              {token: "app_key", success: activated, answer: s.answerActivation, admin: true},
	}
}

// riskRefusals are the codes of the risk endpoint for what others refuse too.
var riskRefusals = map[code]code{authMissing: riskAuthFailed, authFailed: riskAuthFailed, invalid: riskInvalid}

// answer returns the body, and the fault to deliver it with.
func (s *Simulator) answer(e endpoint, r *http.Request) (reply, string) {
	f, refusal := s.admit(e, r)
	if refusal != success {
		if own, ok := riskRefusals[refusal]; ok && e.risk {
			refusal = own
		}
		return s.newReply(refusal), ""
	}
	token := f.text(e.token)
	s.mu.Lock()
	defer s.mu.Unlock()
	result, ok := script(token, e.success, add(s.calls, token) == 1)
	if !ok {
		result = s.mixed(e, f, token)
	}
	return s.render(e, f.text("exID"), result), result.fault
}

// admit returns the fields of a call with valid credentials and a token. Otherwise
// the code that refuses it is not success.
func (s *Simulator) admit(e endpoint, r *http.Request) (f fields, refusal code) {
	want := s.config.AppKey + ":" + s.config.MasterSecret
	if e.admin {
		want = s.config.DevKey + ":" + s.config.DevSecret
	}
	media, _, mediaErr := mime.ParseMediaType(r.Header.Get("Content-Type"))
	key, secret, ok := r.BasicAuth()
	switch {
	case r.Method != http.MethodPost:
		return nil, methodUnsupported
	case mediaErr != nil || media != "application/json":
		return nil, mediaUnsupported
	case r.Header.Get("Authorization") == "":
		return nil, authMissing
	case !ok || subtle.ConstantTimeCompare([]byte(key+":"+secret), []byte(want)) != 1:
		return nil, authFailed
	}
	if f = readFields(r.Body); f.text(e.token) == "" {
		return nil, invalid
	}
	return f, success
}
