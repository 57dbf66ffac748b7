package decode

import (
	"encoding/base64"
	endian "encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	base64Chars = `(?:[A-Za-z0-9+/_-]|%2[BbFf])`
	base64Pad   = `(?:=|%3[Dd])*`
	hexPrefix   = `(?:0[xX]|\\x)?`
	hexByte     = hexPrefix + `[0-9A-Fa-f]{2}`
	hexSpace    = `[ :,]{1,2}`
)

// encoding is a way to write bytes as words of text. A status starts with the
// tag of its code, or of its message if the code is 0: 08 or 12. It has at least
// six bytes.
type encoding struct {
	name   string
	part   func(c byte) bool      // whether a character belongs to a word
	start  func(text string) bool // a quick check that a status can start here
	first  expression             // the word that a status can start with
	more   expression             // white space, and a word in group 1 that continues it
	decode func(string) (raw []byte, cut bool)
}

var encodings = []encoding{
	{
		name: "base64", // of any alphabet, with or without padding, also percent-encoded
		part: func(c byte) bool {
			return isHex(c) || 'G' <= c && c <= 'Z' || 'g' <= c && c <= 'z' || strings.IndexByte("+/-_", c) >= 0
		},
		start: func(s string) bool {
			return s[0] == 'C' && 'A' <= s[1] && s[1] <= 'P' || s[0] == 'E' && 'g' <= s[1] && s[1] <= 'v'
		},
		first:  lazy(`^` + base64Chars + `{7,}` + base64Pad),
		more:   lazy(`^\s+(` + base64Chars + `+` + base64Pad + `)`),
		decode: unbase64,
	},
	{
		name:   "hex", // also with 0x, \x, spaces, colons and commas
		part:   isHex,
		start:  func(s string) bool { return s[:2] == "08" || s[:2] == "12" || s[:2] == "0x" || s[:2] == "0X" },
		first:  lazy(`^` + hexPrefix + `(?:08|12)(?:(?:` + hexSpace + hexByte + `){5,}|(?:` + hexByte + `){5,})`),
		more:   lazy(`^\s+((?:` + hexByte + hexSpace + `)+` + hexByte + `\b|(?:` + hexByte + `)+)`),
		decode: unhex,
	},
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'A' <= c && c <= 'F' || 'a' <= c && c <= 'f' }

var (
	base64Clean = strings.NewReplacer("%2B", "+", "%2b", "+", "%2F", "/", "%2f", "/", "%3D", "", "%3d", "", "-", "+", "_", "/", "=", "")
	hexClean    = strings.NewReplacer("0x", "", "0X", "", `\x`, "", ":", "", ",", "", " ", "")
)

// fromBase64 decodes base64 of any alphabet.
func fromBase64(s string) ([]byte, error) {
	return base64.RawStdEncoding.DecodeString(base64Clean.Replace(s))
}

// unbase64 decodes base64 and reports whether a part of a byte is missing.
func unbase64(s string) (raw []byte, cut bool) {
	s = base64Clean.Replace(s)
	const group = 4
	if cut = len(s)%group == 1; cut {
		s = s[:len(s)-1]
	}
	raw, err := base64.RawStdEncoding.DecodeString(s)
	return raw, cut && err == nil
}

func unhex(s string) (raw []byte, cut bool) {
	s = hexClean.Replace(s)
	raw, err := hex.DecodeString(s[:len(s)/2*2])
	return raw, len(s)%2 == 1 && err == nil
}

// encodings looks for statuses in base64 and hex.
func (s *scanner) encodings(t *body) {
	for _, e := range encodings {
		for i := 0; i+1 < len(t.text) && !s.exhausted(); i++ {
			if !e.start(t.text[i:]) || t.taken[i] || i > 0 && e.part(t.text[i-1]) {
				continue
			}
			word := e.first().FindString(t.text[i:])
			if word == "" {
				continue
			}
			s.count(e.name)
			if b, end, ok := s.unwrap(t, e, i, i+len(word), false); ok {
				s.addBytes(t, e, i, end, b.found(e.name))
			}
			i += len(word) - 1
		}
	}
}

func (s *scanner) addBytes(t *body, e encoding, start, end int, p piece) {
	if garbage := t.garbage(end); garbage != "" {
		p.warn("the %s is followed by %.40q, which was not read", e.name, garbage)
	}
	s.add(p, t, start)
	t.take(start, end)
}

// Limits of the lines or words of one wrapped value.
const (
	maxWords = 1 << 13
	wordWork = 64 // the price of a word in addition to its bytes
)

// wrapped returns the ends of the words that can belong to the value whose
// first word ends at end: those after white space that have the same length,
// and a shorter last one. Padding ends a value. If one is set, a word that a
// status can start with ends it too.
func (s *scanner) wrapped(t *body, e encoding, end int, one bool) []int {
	ends := []int{end}
	for width := 0; len(ends) < maxWords && s.work >= 0 && t.text[end-1] != '='; {
		m := e.more().FindStringSubmatchIndex(t.text[end:])
		if m == nil {
			break
		}
		length := m[3] - m[2]
		s.work -= m[3] + wordWork
		if width > 0 && length > width || one && length > 1 && e.start(t.text[end+m[2]:]) {
			break
		}
		end += m[3]
		ends = append(ends, end)
		if width = max(width, length); length < width {
			break
		}
	}
	return ends
}

// unwrap decodes the word at start, or the words that together are a status:
// long values are wrapped. The words up to one that a status can start with are
// preferred, and the last word can belong to the text after the value. unwrap
// accepts a status that is cut if no words make a whole one. A value that a
// header names needs no further evidence.
func (s *scanner) unwrap(t *body, e encoding, start, end int, named bool) (best binary, bestEnd int, ok bool) {
	for _, one := range []bool{true, false} {
		ends := s.wrapped(t, e, end, one)
		last := len(ends) - 1
		for _, end := range slices.Compact([]int{ends[last], ends[max(last-1, 0)], ends[0]}) {
			joined := strings.Join(strings.Fields(t.text[start:end]), "")
			s.work -= len(joined)
			raw, cut := e.decode(joined)
			b := readStatus(raw)
			if cut {
				b.warn("the %s is cut: a part of its last byte is missing", e.name)
			}
			if !b.evident() && (!named || b.empty()) {
				continue
			}
			if whole := b.whole() && !cut; whole || !ok || b.size > best.size {
				best, bestEnd, ok = b, end, true
				if whole {
					return best, bestEnd, ok
				}
			}
		}
	}
	return best, bestEnd, ok
}

// webBody is the base64 of a body of gRPC-Web. Each part can have padding.
var webBody = lazy(`\b(?:AAAA|gAAA)[A-Za-z0-9+/=]{4,}`)

// webBodies searches the trailers in bodies of gRPC-Web: frames of a flag, the
// size in four bytes, and the content, which is text if the highest bit of the
// flag is set.
func (s *scanner) webBodies(t *body) {
	s.each(t, webBody, having("AAAA", "gAAA"), func(m match) {
		s.count("bodies of gRPC-Web")
		s.work -= m.end - m.start
		var raw []byte
		for part := range strings.FieldsFuncSeq(m.group[0], func(r rune) bool { return r == '=' }) {
			b, _ := unbase64(part)
			raw = append(raw, b...)
		}
		const head, trailers = 5, 0x80
		for len(raw) > head && !s.exhausted() {
			end := head + int(min(endian.BigEndian.Uint32(raw[1:head]), uint32(len(raw)-head))) //nolint:gosec // a line is below 4 GiB
			content := strings.ToValidUTF8(string(raw[head:end]), "\uFFFD")
			if raw[0]&trailers != 0 && s.inside(m.start, func() { s.text(content, t.lineAt(m.start), t.depth+1) }) {
				t.take(m.start, m.end)
			}
			raw = raw[end:]
		}
	})
}

// dumpLine is a line of xxd or of hexdump -C: the offset, the bytes, and the
// bytes as text.
var dumpLine = lazy(`(?m)^[ \t]*([0-9A-Fa-f]{6,16})(?:` +
	`: ((?:[0-9A-Fa-f]{2,8} )*[0-9A-Fa-f]{2,8})(?:  .*)?|` +
	`  ((?:[0-9A-Fa-f]{2} {1,2})+) *\|.*)$`)

// dumps looks for hex dumps.
func (s *scanner) dumps(t *body) {
	var lines []match
	s.each(t, dumpLine, func(line string) bool {
		line = strings.TrimLeft(line, " \t")
		return len(line) > 6 && isHex(line[0]) && isHex(line[5])
	}, func(m match) { lines = append(lines, m) })
	for i := 0; i < len(lines); {
		first, digits := i, &strings.Builder{}
		for ; i < len(lines) && (i == first || lines[i].start-lines[i-1].end <= len("\r\n")); i++ {
			if i > first && strings.Trim(lines[i].group[1], "0") == "" {
				break // the offset of another dump
			}
			digits.WriteString(lines[i].group[2] + lines[i].group[3])
		}
		s.count("hex dumps")
		raw, _ := unhex(digits.String())
		if b := readStatus(raw); b.evident() {
			s.add(b.found("hex dump"), t, lines[first].start)
			t.take(lines[first].start, lines[i-1].end)
		}
	}
}

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
		rest := t.text[start : m.end+len(m.rest)]
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
			raw = append(raw, byte(r)) //nolint:gosec // UnquoteChar: below 256 unless multibyte
		}
	}
	return raw, s
}
