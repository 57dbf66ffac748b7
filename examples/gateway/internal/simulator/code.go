package simulator

import (
	_ "embed"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

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

// parseCode reads any int32.
func parseCode(text string) (code, bool) {
	n, err := strconv.ParseInt(text, 10, 32)
	return code(n), err == nil
}

// table has the upstream's published codes and texts. The texts have no commas.
//
//go:embed response_codes.csv
var table string

// contents is the published text of each published code.
var contents = func() map[code]string {
	texts := map[code]string{}
	for row := range strings.Lines(table) {
		number, text, _ := strings.Cut(strings.TrimSpace(row), ",")
		if c, ok := parseCode(number); ok { // the first row has the names of the columns
			texts[c] = text
		}
	}
	return texts
}()

// answers reports whether c is a result and not a failure. 9001 is a result: the
// numbers were compared, and the comparison is billed.
func (c code) answers() bool {
	return slices.Contains([]code{success, phoneObtained, consistent, inconsistent, activated}, c)
}

// nativeStatuses guesses the HTTP statuses that fit the codes. All others are 200.
var nativeStatuses = map[code]int{
	riskAuthFailed:    http.StatusUnauthorized,
	authMissing:       http.StatusUnauthorized,
	authFailed:        http.StatusUnauthorized,
	methodUnsupported: http.StatusMethodNotAllowed,
	mediaUnsupported:  http.StatusUnsupportedMediaType,
	qpsLimit:          http.StatusTooManyRequests,
	appHourlyLimit:    http.StatusTooManyRequests,
	numberTooSoon:     http.StatusTooManyRequests,
	numberDailyLimit:  http.StatusTooManyRequests,
	appDailyLimit:     http.StatusTooManyRequests,
	internalError:     http.StatusInternalServerError,
	badServer:         http.StatusInternalServerError,
}
