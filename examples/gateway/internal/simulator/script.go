package simulator

import (
	"strconv"
	"strings"
)

// scriptedPhone is the number of a scripted success.
const scriptedPhone = "13800138000"

// script reads the reserved tokens that determine the answer. call is how often this
// token was received, this time included.
func script(token string, call int, fine code) (outcome, bool) {
	if n, ok := codeAfter("code-", token); ok {
		return scripted(n), true
	}
	result := scripted(fine)
	if n, ok := codeAfter("riskcheck-", token); ok {
		result.risk = &n
		return result, true
	}
	if f, ok := faultIn(token); ok {
		result.fault = f
		return result, true
	}
	if first, ok := firstOutcome(token, fine); ok {
		if call == 1 {
			return first, true
		}
		return result, true
	}
	return outcome{}, false
}

// scripted is an answer without the model.
func scripted(c code) outcome {
	return outcome{phone: scriptedPhone, code: c, risk: new(success)}
}

// codeAfter reads N from prefix + N.
func codeAfter(prefix, token string) (code, bool) {
	digits, ok := strings.CutPrefix(token, prefix)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 32)
	return code(n), err == nil
}

// firstOutcome reads the first answer from then-success-N-anything, and from
// then-success-fault-KIND-anything.
func firstOutcome(token string, fine code) (outcome, bool) {
	rest, ok := strings.CutPrefix(token, "then-success-")
	if !ok {
		return outcome{}, false
	}
	// No kind has a hyphen, so the next hyphen ends it.
	if kinds, ok := strings.CutPrefix(rest, "fault-"); ok {
		kind, anything, _ := strings.Cut(kinds, "-")
		result := scripted(fine)
		result.fault, ok = faultIn("fault-" + kind)
		return result, ok && anything != ""
	}
	n, ok := firstCode(rest)
	return scripted(n), ok
}

func firstCode(rest string) (code, bool) {
	// A hyphen in front is the sign of N. The next one ends N.
	sign := len(rest) - len(strings.TrimPrefix(rest, "-"))
	digits, anything, ok := strings.Cut(rest[sign:], "-")
	if !ok || anything == "" {
		return 0, false
	}
	return codeAfter("", rest[:sign]+digits)
}

// phoneIn reads the number from phone-DIGITS-anything.
func phoneIn(token string) (string, bool) {
	rest, ok := strings.CutPrefix(token, "phone-")
	if !ok {
		return "", false
	}
	phone, anything, ok := strings.Cut(rest, "-")
	return phone, ok && anything != "" && isPhone(phone)
}

// isPhone accepts the digits of a number after an optional +. The bounds are wider
// than those of E.164.
func isPhone(text string) bool {
	digits := strings.TrimPrefix(text, "+")
	if len(digits) < 5 || len(digits) > 20 {
		return false
	}
	return strings.Trim(digits, "0123456789") == ""
}
