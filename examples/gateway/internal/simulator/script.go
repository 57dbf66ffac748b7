package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// scriptedPhone is the number of a scripted success.
const scriptedPhone = "13800138000"

// The bounds of a number are wider than those of E.164.
var (
	phoneNumber = regexp.MustCompile(`^\+?[0-9]{5,20}$`)
	phoneToken  = regexp.MustCompile(`(?s)^phone-(\+?[0-9]{5,20})-.+$`)
	thenSuccess = regexp.MustCompile(`(?s)^then-success-(?:(fault-[a-z0-9]+)|([-+]?[0-9]+))-.+$`)
)

func isPhone(text string) bool { return phoneNumber.MatchString(text) }

// outcome is the result of a call, before it becomes a body.
type outcome struct {
	code  code
	phone string
	risk  func() code // assesses, for riskCheck.code
	fault string
}

// script reads the reserved tokens that determine the answer. fine is the success code
// of the endpoint, and first tells the first call with this token.
func script(token string, fine code, first bool) (outcome, bool) {
	risk := success
	result := outcome{code: fine, phone: scriptedPhone, risk: func() code { return risk }}
	if match := thenSuccess.FindStringSubmatch(token); match != nil {
		failure, ok := script(cmp.Or(match[1], "code-"+match[2]), fine, first)
		if first {
			result = failure
		}
		return result, ok
	}
	kind, value, _ := strings.Cut(token, "-")
	ok := false
	switch kind {
	case "code":
		result.code, ok = parseCode(value)
	case "riskcheck":
		risk, ok = parseCode(value)
	case "fault":
		result.fault, ok = value, slices.Contains(faults, value)
	}
	return result, ok
}

// mixed answers a call by the load profile, or else by the model.
func (s *Simulator) mixed(e endpoint, f fields, token string) outcome {
	result, ok := script(s.config.Mix.draw(s.random), e.success, true)
	if !ok || result.fault != "" {
		result.code, result.phone = e.answer(f, token)
		result.risk = s.takeAssessment
	}
	return result
}

// Mix is a load profile: [ParseMix] makes one. With the zero value the model answers
// every call.
type Mix struct{ parts []part }

// part is a share of the calls, and the reserved token that says how to answer them.
type part struct {
	percent float64
	token   string
}

// ParseMix reads shares such as "success=90,9003=5,1804=3,fault-html502=2". A
// share is a percentage, which may have decimals. The model answers the rest of 100.
//
//	success=P     answered with the success code of the endpoint
//	N=P           answered with the code N, any int32
//	fault-KIND=P  answered by the model, and delivered with a fault
func ParseMix(text string) (Mix, error) {
	var mix Mix
	var sum float64
	for entry := range strings.SplitSeq(text, ",") {
		p, err := parsePart(entry)
		if err != nil {
			return Mix{}, fmt.Errorf("mix entry %q: %w", entry, err)
		}
		mix.parts = append(mix.parts, p)
		sum += p.percent
	}
	if sum > 100+1e-9 { // decimals add up to more by a rounding error
		return Mix{}, fmt.Errorf("mix adds up to %g percent, more than 100", sum)
	}
	return mix, nil
}

func parsePart(entry string) (part, error) {
	token, share, ok := strings.Cut(strings.TrimSpace(entry), "=")
	if !ok {
		return part{}, errors.New("want NAME=PERCENT, as in 9003=5")
	}
	percent, err := strconv.ParseFloat(share, 64)
	if err != nil || !(percent > 0 && percent <= 100) { // NaN is neither
		return part{}, errors.New("want a percentage above 0 and up to 100")
	}
	if token == "success" {
		token = "riskcheck-0"
	} else if !strings.HasPrefix(token, "fault-") {
		token = "code-" + token
	}
	if _, ok := script(token, success, true); !ok {
		return part{}, fmt.Errorf("want a code, success, or fault- and one of %s", strings.Join(faults, ", "))
	}
	return part{percent, token}, nil
}

// draw returns the reserved token for the next call, or "" for the model.
func (m Mix) draw(random *rand.Rand) string {
	at := random.Float64() * 100
	for _, p := range m.parts {
		if at -= p.percent; at < 0 {
			return p.token
		}
	}
	return ""
}
