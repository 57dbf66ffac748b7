// Package text makes strings safe for the wire: valid UTF-8, and no longer
// than what a header can hold.
package text

import (
	"strings"
	"unicode/utf8"
)

// Clean replaces each run of invalid UTF-8 by U+FFFD. One such byte in a
// status makes grpc-go drop every detail, so nothing leaves without it.
func Clean(s string) string {
	if utf8.ValidString(s) { // the common case, and several times faster
		return s
	}
	return strings.ToValidUTF8(s, string(utf8.RuneError))
}

// OneLine is Clean with control characters replaced by spaces, so that a text
// from outside stays one line of a log.
func OneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\u0085' || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, Clean(s))
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
