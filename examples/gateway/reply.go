package gateway

import (
	"encoding/json"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// reply is any reply of the upstream.
type reply struct {
	ID        int64                        `json:"id"` // above 2^53: never a float64
	ExID      string                       `json:"exID"`
	Code      jverificationv1.ResponseCode `json:"code"`
	Phone     string                       `json:"phone"`
	RiskCheck json.RawMessage              `json:"riskCheck"`
	risk
}

// risk is the assessment, in riskCheck or in the reply of a risk query.
type risk struct {
	Score  *int32           `json:"score"`
	Tags   []string         `json:"tags"`
	Detail map[string]score `json:"detail"`
}

type score struct {
	Score int32 `json:"score"`
}

type riskCheck struct {
	Code *jverificationv1.ResponseCode `json:"code"`
	risk
}

func (r risk) message(code *jverificationv1.ResponseCode) *jverificationv1.RiskResult {
	result := &jverificationv1.RiskResult{Code: code, Score: r.Score, Tags: r.Tags}
	for tag, detail := range r.Detail {
		if result.TagScores == nil {
			result.TagScores = make(map[string]int32, len(r.Detail))
		}
		result.TagScores[tag] = detail.Score
	}
	return result
}

// nestedRisk returns the assessment beside an answer. It has a score only where
// riskCheck has a success code: the score beside a riskCheck that is missing,
// failed or malformed can't be told from a default of 0. Malformed is not a
// failure of the call, whose answer stands.
func (g *Gateway) nestedRisk(r *reply) *jverificationv1.RiskResult {
	var check riskCheck
	if json.Unmarshal(r.RiskCheck, &check) != nil || check.Code == nil {
		return &jverificationv1.RiskResult{}
	}
	if *check.Code == jverificationv1.ResponseCode_RESPONSE_CODE_SUCCESS {
		return check.message(check.Code)
	}
	if g.hides(*check.Code) {
		return &jverificationv1.RiskResult{}
	}
	return &jverificationv1.RiskResult{Code: check.Code}
}
