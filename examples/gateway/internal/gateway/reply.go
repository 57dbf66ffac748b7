package gateway

import (
	"context"
	"encoding/json"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// body is any request to the upstream: each method has some of its fields.
type body struct {
	Token          string `json:"token,omitempty"`
	LoginToken     string `json:"loginToken,omitempty"`
	CaptchaContent string `json:"captchaContent,omitempty"`
	Phone          string `json:"phone,omitempty"`
	ExID           string `json:"exID,omitempty"`
	IP             string `json:"ip,omitempty"`

	AppKey      string `json:"app_key,omitempty"`
	Platform    string `json:"platform,omitempty"`
	PackageName string `json:"package_name,omitempty"`
	AppSign     string `json:"app_sign,omitempty"`
	PublicKey   string `json:"rsa_pubkey,omitempty"`
	CallbackURL string `json:"callback_url,omitempty"`
}

// reply is any reply of the upstream.
type reply struct {
	ID        int64                         `json:"id"`   // above 2^53: never a float64
	ExID      string                        `json:"-"`    // of the request: that of the reply may be anything
	Code      *jverificationv1.ResponseCode `json:"code"` // a missing one is not SUCCESS, which is 0
	Phone     string                        `json:"phone"`
	RiskCheck json.RawMessage               `json:"riskCheck"`
	risk
}

// risk is the assessment, in riskCheck or in the reply of a risk query.
type risk struct {
	Score  *int32   `json:"score"`
	Tags   []string `json:"tags"`
	Detail map[string]struct {
		Score int32 `json:"score"`
	} `json:"detail"`
}

func (r risk) message(code *jverificationv1.ResponseCode) *jverificationv1.RiskResult {
	scores := make(map[string]int32, len(r.Detail))
	for tag, detail := range r.Detail {
		scores[tag] = detail.Score
	}
	return &jverificationv1.RiskResult{Code: code, Score: r.Score, Tags: r.Tags, TagScores: scores}
}

// nestedRisk returns the assessment beside an answer, if req asks for one. It has a score only where
// riskCheck has the success code of a risk query: the score beside a riskCheck
// that is missing, failed or malformed can't be told from a default of 0.
// Malformed is not a failure of the call, whose answer stands.
func (g *Gateway) nestedRisk(ctx context.Context, req assessable, r *reply) *jverificationv1.RiskResult {
	if !req.GetAssessRisk() {
		return nil
	}
	var check struct {
		Code *jverificationv1.ResponseCode `json:"code"`
		risk
	}
	if json.Unmarshal(r.RiskCheck, &check) != nil || check.Code == nil {
		return &jverificationv1.RiskResult{}
	}
	const query = jverificationv1.VerificationService_QueryBusinessRisk_FullMethodName
	// The code of a riskCheck is one of a risk query, and not of the call.
	if *check.Code == g.success[query] {
		g.observed.Part(ctx, query, nil)
		return check.message(check.Code)
	}
	err := codetable.NewError(*check.Code)
	if err == nil || g.observed.Part(ctx, query, err).Masked {
		return &jverificationv1.RiskResult{}
	}
	return &jverificationv1.RiskResult{Code: check.Code}
}
