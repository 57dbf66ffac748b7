package decode

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// escaped is the start of a text with escapes: a quote, as Go, logfmt, JSON and
// Python write it, or else JSON or the first byte of a status that was copied
// out of a string.
var escaped = lazy(`["']|\{\\|\\(?:b|x08|010|x12|022)`)

// escapes looks for bytes of statuses in texts with escapes, and searches these
// texts.
func (s *scanner) escapes(t *body) {
	s.each(t, escaped, having(`\`), func(m match) {
		start, quote := m.start, byte('"')
		if len(m.group[0]) == 1 {
			start, quote = m.end, m.group[0][0]
		}
		rest := t.restOfLine(start)
		content, tail := unescape(rest, quote)
		end := start + len(rest) - len(tail)
		s.work -= end - start
		if !strings.Contains(t.text[start:end], `\`) {
			return // perhaps this quote ends a string: the next one can start another
		}
		s.count("texts with escapes")
		if b := readStatus(content); b.evident() {
			s.add(b.found("escaped bytes"), t, m.start)
			t.take(m.start, end)
		} else if s.inside(m.start, func() { s.text(strings.ToValidUTF8(string(content), "\uFFFD"), t.lineAt(m.start), t.depth+1) }) {
			t.take(m.start, end)
		}
	})
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
