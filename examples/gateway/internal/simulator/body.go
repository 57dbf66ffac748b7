package simulator

import (
	"encoding/json"
	"io"
)

// fields is a request body. It is not a struct, since encoding/json ignores the case
// of names, and would accept exid for exID.
type fields map[string]json.RawMessage

func readFields(body io.Reader) (fields, bool) {
	data, err := io.ReadAll(body)
	if err != nil {
		return nil, false
	}
	var f fields
	err = json.Unmarshal(data, &f)
	return f, err == nil && f != nil // null is no object
}

// text returns a string, or the digits of a number; otherwise "".
func (f fields) text(name string) string {
	var s string
	if json.Unmarshal(f[name], &s) == nil {
		return s
	}
	var n json.Number
	if json.Unmarshal(f[name], &n) == nil {
		return n.String()
	}
	return ""
}

// phone returns the field phone if it holds a phone number.
func (f fields) phone() (string, bool) {
	phone := f.text("phone")
	return phone, isPhone(phone)
}

// reply is a response body. Its fields are in the documented order.
type reply struct {
	ID        int64             `json:"id,omitzero"`
	Code      code              `json:"code"`
	Content   string            `json:"content"`
	ExID      *string           `json:"exID,omitempty"`
	Phone     string            `json:"phone,omitempty"`
	Score     *int              `json:"score,omitempty"`
	Tags      []string          `json:"tags,omitzero"`
	Detail    map[string]scored `json:"detail,omitzero"`
	RiskCheck *riskCheck        `json:"riskCheck,omitempty"`
}

type riskCheck struct {
	Code    code              `json:"code"`
	Content string            `json:"content"`
	Score   *int              `json:"score,omitempty"`
	Tags    []string          `json:"tags,omitzero"`
	Detail  map[string]scored `json:"detail,omitzero"`
}

type scored struct {
	Score int `json:"score"`
}

// riskTag is the tag in the upstream's sample.
const riskTag = "F24004"

// assess invents the risk of a number, so that a test can choose it.
func assess(c code, content, phone string) *riskCheck {
	check := &riskCheck{Code: c, Content: content}
	if c != success {
		return check // without a score, since an unknown risk is no risk of 0
	}
	score := 0
	if isPhone(phone) { // IssueLoginToken takes any text
		score = int(phone[len(phone)-1]-'0') * 100
	}
	check.Score, check.Tags, check.Detail = &score, []string{}, map[string]scored{}
	if score > 0 {
		check.Tags = append(check.Tags, riskTag)
		check.Detail[riskTag] = scored{Score: score}
	}
	return check
}
