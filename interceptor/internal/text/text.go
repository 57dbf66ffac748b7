// Package text makes strings safe: valid UTF-8, one line where that is asked,
// and no longer than what a header can hold.
package text

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxMessage bounds the percent-encoded message of a status, in bytes: it
// travels twice, in grpc-message and in grpc-status-details-bin.
const MaxMessage = 1 << 10

// Clean replaces each run of invalid UTF-8 by U+FFFD. One such byte in a
// status makes grpc-go drop every detail, so nothing leaves without it.
func Clean(s string) string {
	if utf8.ValidString(s) { // the common case, and several times faster
		return s
	}
	return strings.ToValidUTF8(s, string(utf8.RuneError))
}

// OneLine is Clean with every character that is not graphic, such as a control
// character of C0 or C1 or a change of direction, replaced by a space, so that
// a text from outside stays one line of a log and drives no terminal.
func OneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return ' '
		}
		return r
	}, Clean(s))
}

// longNumber is what a phone number looks like, in digits of any script and
// however it is grouped: by spaces, and by as much punctuation as in ") - (".
var longNumber = regexp.MustCompile(`\p{N}(?:[\p{Z}\p{M}]*(?:[\p{P}\p{S}][\p{Z}\p{M}]*){0,3}\p{N}){4,}`)

// Excerpt is a text from outside as a log may show it: on one line, without
// numbers of five digits or more, and of at most limit bytes.
func Excerpt(s string, limit int) string {
	const room = 4 // what a cut rune may take
	s = OneLine(s[:min(len(s), 4*limit+room)])
	return Cut(longNumber.ReplaceAllString(s, "#"), limit)
}

// Of returns the text of an error. A panic of its method becomes the text.
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

// EncodedLen is the length of a message as the header grpc-message carries it.
// By the gRPC protocol printable ASCII but '%' stays as it is, and each other
// byte becomes three.
func EncodedLen(s string) int {
	n := 0
	for _, r := range s {
		n += runeLen(r)
	}
	return n
}

// CutMessage shortens s, valid UTF-8, at a rune boundary so that EncodedLen of
// it is at most limit.
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
