package importer

import (
	"errors"
	"strconv"
	"strings"

	"golang.org/x/text/width"
)

var (
	numberRule = lazy(`^[+-]?(?:[0-9]+|0[xX][0-9a-fA-F]+)$`)
	rangeRule  = lazy(`^[+-]?[0-9]+\s*(?:-|~|\.\.+|…|to|至)\s*[+-]?[0-9]+$|^[0-9][xX]{2,}$`)

	errNoNumber  = errors.New("its code is not a number")
	errRange     = errors.New("its code is a range: list each number as a row")
	errTooBig    = errors.New("its code does not fit int32, the type of enum numbers")
	errEmptyCode = errors.New("it has no code")
)

// signs are characters that publishers write for the signs of numbers.
var signs = strings.NewReplacer("−", "-", "–", "-", "—", "-", "‐", "-", "‑", "-", "～", "~", "〜", "~")

// number reads a code: decimal, also with zeros in front or in wide digits, or
// hexadecimal. It may be quoted.
func number(cell string) (int32, error) {
	s := strings.Trim(width.Fold.String(signs.Replace(cell)), " \t\"'`*")
	switch {
	case s == "":
		return 0, errEmptyCode
	case rangeRule().MatchString(s):
		return 0, errRange
	case !numberRule().MatchString(s):
		return 0, errNoNumber
	}
	base := 10
	if digits := strings.Replace(strings.ToLower(s), "0x", "", 1); len(digits) < len(s) {
		s, base = digits, 16
	}
	n, err := strconv.ParseInt(s, base, 32)
	if err != nil {
		return 0, errTooBig
	}
	return int32(n), nil
}

func isNumber(cell string) bool {
	_, err := number(cell)
	return err == nil
}
