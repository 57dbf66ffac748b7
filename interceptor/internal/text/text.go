// Package text makes strings safe to send and to log: valid UTF-8, on one line
// if needed, and short enough for a header.
package text

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxMessage is the maximum size of the message of a status in bytes, in
// percent encoding. The message is sent twice: in grpc-message and in
// grpc-status-details-bin.
const MaxMessage = 1 << 10

// Clean replaces each run of invalid UTF-8 by U+FFFD. A single invalid byte in
// a status makes grpc-go drop every detail.
func Clean(s string) string {
	if utf8.ValidString(s) { // the common case is several times faster
		return s
	}
	return strings.ToValidUTF8(s, string(utf8.RuneError))
}

// OneLine is Clean that also replaces every character that is not graphic by a
// space, such as control characters (C0, C1) and changes of direction. A text
// from outside then stays on one line of a log and can't control a terminal.
func OneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return ' '
		}
		return r
	}, Clean(s))
}

// longNumber matches phone numbers: digits of any script, grouped by spaces and
// by up to three punctuation characters, as in ") - (".
var longNumber = regexp.MustCompile(`\p{N}(?:[\p{Z}\p{M}]*(?:[\p{P}\p{S}][\p{Z}\p{M}]*){0,3}\p{N}){4,}`)

// Excerpt returns a text from outside in a form that is safe for logs: on one
// line, without numbers of five or more digits, and at most limit bytes long.
func Excerpt(s string, limit int) string {
	const room = 4 // the size of a rune that is cut
	s = OneLine(s[:min(len(s), 4*limit+room)])
	return Cut(longNumber.ReplaceAllString(s, "#"), limit)
}

// Of returns the text of an error. If its method Error panics, the text
// describes the panic.
func Of(err error) (s string) {
	defer func() {
		if p := recover(); p != nil {
			s = fmt.Sprintf("panic in Error of %T: %v", err, p)
		}
	}()
	return err.Error()
}

// Cut shortens s to at most limit bytes, at a rune boundary.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:max(limit, 0)]
}

// EncodedLen returns the length of a message in the header grpc-message. The
// gRPC protocol encodes each byte outside printable ASCII, and '%', as three
// bytes.
func EncodedLen(s string) int {
	n := 0
	for _, r := range s {
		n += runeLen(r)
	}
	return n
}

// CutMessage shortens s, which must be valid UTF-8, at a rune boundary so that
// its EncodedLen is at most limit.
func CutMessage(s string, limit int) string {
	if 3*len(s) <= limit {
		return s
	}
	used := 0
	for i, r := range s {
		used += runeLen(r)
		if used > limit {
			return s[:i]
		}
	}
	return s
}

func runeLen(r rune) int {
	if r >= ' ' && r <= '~' && r != '%' {
		return 1
	}
	return 3 * utf8.RuneLen(r)
}
