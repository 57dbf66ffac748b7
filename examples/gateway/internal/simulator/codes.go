package simulator

import "net/http"

// code is a number of the upstream's table, or one that the table does not list: the
// upstream may add codes, and so can a script.
type code int32

// The codes that the model answers. All others need a script.
const (
	success           code = 0
	riskInvalid       code = 1801
	riskAuthFailed    code = 1802
	qpsLimit          code = 1804
	internalError     code = 2000
	appHourlyLimit    code = 6005
	captchaRepeated   code = 7104
	phoneObtained     code = 8000
	consistent        code = 9000
	inconsistent      code = 9001
	tokenDead         code = 9003
	numberTooSoon     code = 9005
	numberDailyLimit  code = 9006
	appDailyLimit     code = 9007
	authMissing       code = 9010
	authFailed        code = 9011
	invalid           code = 9012
	methodUnsupported code = 9013
	mediaUnsupported  code = 9015
	encryptFailed     code = 9022
	badServer         code = 9099
	activated         code = 9200
	appUnknown        code = 9202
	activatedAlready  code = 9203
)

// contents is the published text of each published code.
var contents = map[code]string{
	0:    "success",
	1801: "invalid parameters",
	1802: "auth failed",
	1803: "no permission",
	1804: "qps limit",
	1805: "insufficient balance",
	2000: "internal error",
	6003: "captcha_id not exist",
	6004: "captcha_id not bind",
	6005: "beyond hour frequency limit",
	7101: "runtime error",
	7102: "illegal risk_type",
	7103: "param decrypt error",
	7104: "illegal verify",
	7105: "jsonp xss",
	7106: "not captcha_id",
	7107: "illegal captcha_id",
	7108: "not captcha",
	7109: "captcha_id deleted",
	7110: "not proof",
	7111: "not lot_number",
	7112: "illegal lot_number",
	8000: "get phone success",
	8001: "get phone fail",
	9000: "verify consistent",
	9001: "verify not consistent",
	9002: "unknown result",
	9003: "token expired or not exist",
	9004: "config not found",
	9005: "verify interval is less than the minimum limit",
	9006: "frequency of verifying single number is beyond the maximum limit",
	9007: "beyond daily frequency limit",
	9010: "miss auth",
	9011: "auth failed",
	9012: "parameter invalid",
	9013: "request method not supported",
	9014: "appkey is blocked",
	9015: "http media type not supported",
	9018: "appKey no money",
	9019: "appKey no quota",
	9020: "decrypt token failed",
	9021: "token invalid",
	9022: "encrypt mobile failed",
	9031: "not validate user",
	9099: "bad server",
	9200: "success",
	9202: "appKey not exists",
	9203: "signOnce opened already",
	9301: "signOnce opened failed",
}

// succeeds reports whether the caller got what it asked for.
func (c code) succeeds() bool {
	switch c {
	case success, phoneObtained, consistent, activated:
		return true
	default:
		return false
	}
}

// answers reports whether c is a result and not a failure. 9001 is a result: the
// numbers were compared, and the comparison is billed.
func (c code) answers() bool {
	return c.succeeds() || c == inconsistent
}

// nativeStatus guesses the HTTP status that fits c.
func (c code) nativeStatus() int {
	switch c {
	case riskAuthFailed, authMissing, authFailed:
		return http.StatusUnauthorized
	case methodUnsupported:
		return http.StatusMethodNotAllowed
	case mediaUnsupported:
		return http.StatusUnsupportedMediaType
	case qpsLimit, appHourlyLimit, numberTooSoon, numberDailyLimit, appDailyLimit:
		return http.StatusTooManyRequests
	case internalError, badServer:
		return http.StatusInternalServerError
	default:
		return http.StatusOK
	}
}
