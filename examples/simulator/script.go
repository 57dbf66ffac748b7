package simulator

import (
	"strconv"
	"strings"
)

// scriptedPhone is whom a scripted success speaks of.
const scriptedPhone = "13800138000"

// script reads the reserved tokens that fix the answer beforehand. call is how
// often this token has come in, the present time included.
func script(token string, call int, fine code) (outcome, bool) {
	scripted := outcome{phone: scriptedPhone, code: fine, risk: new(success)}
	if n, ok := codeAfter("code-", token); ok {
		scripted.code = n
		return scripted, true
	}
	if n, ok := codeAfter("riskcheck-", token); ok {
		scripted.risk = &n
		return scripted, true
	}
	if n, ok := firstCode(token); ok {
		if call == 1 {
			scripted.code = n
		}
		return scripted, true
	}
	return outcome{}, false
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

// firstCode reads N from then-success-N-anything.
func firstCode(token string) (code, bool) {
	rest, ok := strings.CutPrefix(token, "then-success-")
	if !ok {
		return 0, false
	}
	// A hyphen in front is the sign of N; only the next one ends it.
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

// isPhone accepts the digits of a number with an optional country prefix. The
// bounds are those of E.164, generously.
func isPhone(text string) bool {
	digits := strings.TrimPrefix(text, "+")
	if len(digits) < 5 || len(digits) > 20 {
		return false
	}
	return strings.Trim(digits, "0123456789") == ""
}
