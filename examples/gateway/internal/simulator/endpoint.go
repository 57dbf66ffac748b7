package simulator

import (
	"bytes"
	"crypto/subtle"
	"encoding/json"
	"mime"
	"net/http"
)

const maxBody = 1 << 20

// endpoint has what differs between the paths of the upstream.
type endpoint struct {
	key, secret string
	missingAuth code
	failedAuth  code
	invalid     code   // malformed JSON, or a field that is missing or wrong
	token       string // the field that holds the token, or stands for one
	success     code
	anonymous   bool // a success has neither id nor exID
	givesPhone  bool
	risk        riskPlace
	answer      func(f fields, token string) outcome
}

// riskPlace is where a reply carries the risk of a number.
type riskPlace int

const (
	noRisk     riskPlace = iota
	nestedRisk           // in riskCheck, with a code of its own
	topRisk              // in the reply itself
)

// outcome is the result of a call, before it becomes a body.
type outcome struct {
	code  code
	phone string
	risk  *code // a scripted riskCheck.code; nil lets the model assess
	fault fault
}

func (s *Simulator) endpoints() map[string]endpoint {
	app := endpoint{
		key: s.config.AppKey, secret: s.config.MasterSecret,
		missingAuth: authMissing, failedAuth: authFailed, invalid: invalid,
	}

	verify := app
	verify.token, verify.success, verify.answer = "token", consistent, s.answerVerify
	verifyV2 := verify
	verifyV2.risk = nestedRisk

	login := app
	login.token, login.success, login.answer = "loginToken", phoneObtained, s.answerLogin
	login.givesPhone = true
	loginV2 := login
	loginV2.risk = nestedRisk

	captcha := app
	captcha.token, captcha.success, captcha.answer = "captchaContent", code(s.config.CaptchaSuccessCode), s.answerCaptcha

	risk := app
	risk.missingAuth, risk.failedAuth, risk.invalid = riskAuthFailed, riskAuthFailed, riskInvalid
	risk.token, risk.success, risk.answer = "phone", success, s.answerRisk
	risk.risk = topRisk

	activation := app
	activation.key, activation.secret = s.config.DevKey, s.config.DevSecret
	activation.token, activation.success, activation.answer = "app_key", activated, s.answerActivation
	activation.anonymous = true

	return map[string]endpoint{
		"/v1/web/verify": verify, "/v1/web/h5/verify": verify,
		"/v2/web/verify": verifyV2, "/v2/web/h5/verify": verifyV2,
		"/v1/web/loginTokenVerify": login, "/v1/web/h5/loginTokenVerify": login,
		"/v2/web/loginTokenVerify": loginV2, "/v2/web/h5/loginTokenVerify": loginV2,
		"/v2/web/queryBusinessRisk": risk,
		"/action/check":             captcha,
		"/v1/admin/open":            activation,
	}
}

func (s *Simulator) handler(e endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		body, f := s.serve(e, r)
		s.write(w, r, body, f)
	})
}

func (s *Simulator) serve(e endpoint, r *http.Request) (reply, fault) {
	if refusal, ok := e.admit(r); !ok {
		return s.failure(refusal), noFault
	}
	f, ok := readFields(r.Body)
	token := f.text(e.token)
	if !ok || token == "" {
		return s.failure(e.invalid), noFault
	}
	result, ok := script(token, s.count(token), e.success)
	if !ok {
		result = s.mixed(e, f, token)
	}
	return s.render(e, f.text("exID"), result), result.fault
}

// mixed answers a call by the load profile, or else by the model.
func (s *Simulator) mixed(e endpoint, f fields, token string) outcome {
	p, ok := s.draw()
	if ok && p.fault == noFault {
		if p.succeed {
			p.code = e.success
		}
		return scripted(p.code)
	}
	result := e.answer(f, token)
	result.fault = p.fault
	return result
}

// admit checks what can be checked without the body.
func (e endpoint) admit(r *http.Request) (refusal code, ok bool) {
	if r.Method != http.MethodPost {
		return methodUnsupported, false
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return mediaUnsupported, false
	}
	if r.Header.Get("Authorization") == "" {
		return e.missingAuth, false
	}
	key, secret, ok := r.BasicAuth()
	if !ok || !same(key, e.key) || !same(secret, e.secret) {
		return e.failedAuth, false
	}
	return 0, true
}

func same(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

func (s *Simulator) write(w http.ResponseWriter, r *http.Request, body reply, f fault) {
	status := http.StatusOK
	if s.config.NativeStatus {
		status = body.Code.nativeStatus()
	}
	// HTTP requires these headers with these statuses.
	switch status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Basic realm="simulator", charset="UTF-8"`)
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", http.MethodPost)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	var text bytes.Buffer
	_ = json.NewEncoder(&text).Encode(body) // a reply can be marshalled, and a buffer can be written to
	deliveries[f](s, w, r, page{status, text.Bytes()})
}
