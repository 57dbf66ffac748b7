package importer

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"golang.org/x/text/width"
)

var (
	decimalRule = lazy(`^[+-]?[0-9]+$`)
	hexRule     = lazy(`^[+-]?0[xX][0-9a-fA-F]+$`)
	rangeRule   = lazy(`^[+-]?[0-9]+\s*(?:-|~|\.\.+|…|to|至)\s*[+-]?[0-9]+$|^[0-9][xX]{2,}$`)
)

var (
	errNoNumber  = errors.New("its code is not a number")
	errRange     = errors.New("its code is a range: list each number as a row")
	errTooBig    = errors.New("its code does not fit int32, the type of enum numbers")
	errEmptyCode = errors.New("it has no code")
)

// number reads a code: decimal, also with zeros in front, or hexadecimal.
func number(cell string) (int32, error) {
	s := plainNumber(cell)
	base := 10
	switch {
	case s == "":
		return 0, errEmptyCode
	case hexRule().MatchString(s):
		base = 16
		s = strings.Replace(strings.ToLower(s), "0x", "", 1)
	case decimalRule().MatchString(s):
	case rangeRule().MatchString(s):
		return 0, errRange
	default:
		return 0, errNoNumber
	}
	n, err := strconv.ParseInt(s, base, 64)
	if err != nil || n < math.MinInt32 || n > math.MaxInt32 {
		return 0, errTooBig
	}
	return int32(n), nil
}

// plainNumber replaces the characters that publishers write for digits and
// signs, and removes quotation marks around a number.
func plainNumber(cell string) string {
	s := strings.Map(func(r rune) rune {
		switch r {
		case '−', '–', '—', '‐', '‑':
			return '-'
		case '～', '〜':
			return '~'
		}
		return r
	}, cell)
	return strings.Trim(width.Fold.String(s), " \t\"'`*")
}

func isNumber(cell string) bool {
	_, err := number(cell)
	return err == nil
}
