package decode

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// quoted searches the content of strings in double quotes that have escapes,
// as Go, logfmt and JSON write them.
func (s *scanner) quoted(t *body, depth int) {
	for i := 0; i < len(t.text) && !s.exhausted(); i++ {
		next := strings.IndexByte(t.text[i:], '"')
		if next < 0 {
			return
		}
		if i += next; t.taken[i] {
			continue
		}
		literal, err := strconv.QuotedPrefix(t.text[i:])
		if err != nil {
			s.work -= len(t.restOfLine(i))
			continue
		}
		s.work -= len(literal)
		content, err := strconv.Unquote(literal)
		if err != nil || !strings.Contains(literal, `\`) {
			continue // perhaps this quote ends a string: the next one can start another
		}
		if s.inside(i, func() { s.text(strings.ToValidUTF8(content, "\uFFFD"), t.lineAt(i), depth+1) }) {
			t.take(i, i+len(literal))
			i += len(literal) - 1
		}
	}
}

// unquoted searches JSON with escapes that was copied out of a string.
func (s *scanner) unquoted(t *body, depth int) {
	const start = `{\`
	for i := 0; i < len(t.text) && !s.exhausted(); i++ {
		next := strings.Index(t.text[i:], start)
		if next < 0 {
			return
		}
		if i += next; t.taken[i] {
			continue
		}
		rest := t.restOfLine(i)
		s.work -= len(rest)
		content, tail := unescape(rest, '"')
		if s.inside(i, func() { s.text(strings.ToValidUTF8(string(content), "\uFFFD"), t.lineAt(i), depth+1) }) {
			t.take(i, i+len(rest)-len(tail))
			i += len(rest) - len(tail) - 1
		}
	}
}

// escapeStart is a byte that a status can start with, as Go, Python and the
// text form of protobuf escape it.
var escapeStart = lazy(`\\(?:b|x08|010|x12|022)`)

// escapes looks for bytes that are written as text with escapes.
func (s *scanner) escapes(t *body, _ int) {
	end := 0
	for _, m := range t.matches(escapeStart, having(`\b`, `\x`, `\0`)) {
		if m[0] < end || s.exhausted() {
			continue
		}
		var quote byte
		if m[0] > 0 && strings.IndexByte(`"'`, t.text[m[0]-1]) >= 0 {
			quote = t.text[m[0]-1]
		}
		rest := t.restOfLine(m[0])
		raw, tail := unescape(rest, quote)
		end = m[0] + len(rest) - len(tail)
		s.work -= len(rest)
		s.count("escaped bytes")
		if b := readStatus(raw); b.evident() {
			s.add(b.piece("escaped bytes"), t, m[0])
			t.take(m[0], end)
		}
	}
}

// unescape decodes escapes up to a quote or to what is no escape.
func unescape(s string, quote byte) (raw []byte, tail string) {
	for len(s) > 0 {
		r, multibyte, rest, err := strconv.UnquoteChar(s, quote)
		if err != nil {
			break
		}
		if s = rest; multibyte {
			raw = utf8.AppendRune(raw, r)
		} else {
			raw = append(raw, byte(r))
		}
	}
	return raw, s
}
