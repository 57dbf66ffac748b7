package simulator

import (
	_ "embed"
	"encoding/csv"
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
	riskUnpaid        code = 1805
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
	unpaid            code = 9018
	encryptFailed     code = 9022
	activated         code = 9200
	appUnknown        code = 9202
	activatedAlready  code = 9203
)

// answers reports whether c is a result and not a failure. 9001 is a result: the
// numbers were compared, and the comparison is billed.
func (c code) answers() bool {
	return slices.Contains([]code{success, phoneObtained, consistent, inconsistent, activated}, c)
}

// parseCode reads any int32.
func parseCode(text string) (code, bool) {
	n, err := strconv.ParseInt(text, 10, 32)
	return code(n), err == nil
}

// entry is a row of the published table, and the HTTP status that fits it by a guess.
type entry struct {
	content string
	status  int
}

//go:embed codes.csv
var codesCSV string

var table = func() map[code]entry {
	entries := map[code]entry{}
	rows, _ := csv.NewReader(strings.NewReader(codesCSV)).ReadAll()
	for _, row := range rows[1:] {
		c, _ := parseCode(row[0])
		status, _ := strconv.Atoi(row[2])
		entries[c] = entry{row[1], status}
	}
	return entries
}()
