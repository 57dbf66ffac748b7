package simulator

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
)

// fields is a request body. It is not a struct, since encoding/json ignores the case
// of names, and would accept exid for exID.
type fields map[string]json.RawMessage

// readFields returns nil for a body that is no JSON object.
func readFields(body io.Reader) (f fields) {
	data, err := io.ReadAll(body)
	if err != nil || json.Unmarshal(data, &f) != nil {
		return nil
	}
	return f
}

// text returns a string, or the digits of a number; otherwise "".
func (f fields) text(name string) (s string) {
	if json.Unmarshal(f[name], &s) == nil {
		return s
	}
	var n json.Number
	_ = json.Unmarshal(f[name], &n) // leaves "" if it is no number either
	return n.String()
}

// reply is a response body, or the riskCheck in one. Its fields are in the documented
// order.
type reply struct {
	ID        int64                     `json:"id,omitzero"`
	Code      code                      `json:"code"`
	Content   string                    `json:"content"`
	ExID      *string                   `json:"exID,omitempty"`
	Phone     string                    `json:"phone,omitempty"`
	Score     *int                      `json:"score,omitempty"`
	Tags      []string                  `json:"tags,omitzero"`
	Detail    map[string]map[string]int `json:"detail,omitzero"`
	RiskCheck *reply                    `json:"riskCheck,omitempty"`
	status    int                       // of HTTP, where it is not always 200
}

// newReply is the whole body of a failure.
func (s *Simulator) newReply(c code) reply {
	found, ok := table[c]
	if !ok && c == s.captchaSuccess() {
		found = table[success]
	} else if !ok {
		found = entry{"unlisted code", http.StatusOK}
	}
	return reply{Code: c, Content: found.content, status: found.status}
}

// render makes the documented body of an outcome.
func (s *Simulator) render(e endpoint, exID string, result outcome) reply {
	body := s.newReply(result.code)
	if !result.code.answers() && result.code != e.success {
		return body
	}
	if e.login && result.code != inconsistent {
		if body.Phone = encryptPhone(s.publicKey, result.phone); body.Phone == "" {
			return s.newReply(encryptFailed)
		}
	}
	if !e.admin {
		body.ID, body.ExID = s.nextID, &exID
		s.nextID += 2
	}
	if e.v2 {
		check := s.newReply(result.risk())
		if check.Code == success { // an unknown risk is no score of 0
			check.assess(result.phone)
		}
		body.RiskCheck, body.Score = &check, check.Score
	}
	if e.risk {
		body.assess(result.phone)
	}
	return body
}

// riskTag is the tag in the upstream's sample.
const riskTag = "F24004"

// assess invents the risk of a number, so that a test can choose it.
func (r *reply) assess(phone string) {
	score := 0
	if isPhone(phone) { // IssueLoginToken takes any text
		score = int(phone[len(phone)-1]-'0') * 100
	}
	r.Score, r.Tags, r.Detail = &score, []string{}, map[string]map[string]int{}
	if score > 0 {
		r.Tags, r.Detail[riskTag] = []string{riskTag}, map[string]int{"score": score}
	}
}

// encryptPhone returns the base64 of a login reply. Without a key, or with one that is
// too short for the text, it returns "".
func encryptPhone(key *rsa.PublicKey, phone string) string {
	if key == nil {
		return ""
	}
	//nolint:staticcheck // The upstream documents PKCS #1 v1.5, so its model has to use it.
	sealed, _ := rsa.EncryptPKCS1v15(rand.Reader, key, []byte(phone))
	return base64.StdEncoding.EncodeToString(sealed)
}
