package decode

import (
	"cmp"
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	safe "github.com/codetable/grpc-codetable/interceptor/internal/text"
)

// scanner collects the pieces of an input.
type scanner struct {
	types  Types
	work   int // the bytes that may still be examined
	pieces []piece
	tried  []string // what was examined, in the order of the first count
	counts map[string]int
}

// Limits of the scanner. An input that needs more is not searched to the end.
const (
	maxDepth  = 32      // texts in strings of texts, and objects in objects
	maxWork   = 12      // bytes to examine, in multiples of the input
	minWork   = 1 << 20 // bytes to examine in any input
	textWork  = 256     // the price of a text in addition to its bytes
	matchWork = 16      // the price of a match of an expression
	maxPieces = 4 * MaxStatuses

	maxMatches = 100_000 // of one expression in one line
)

// text looks for pieces of statuses in a text. A scanner takes what it
// understands, and the later ones leave that alone. The order is:
//
//  1. JSON objects, and the text form of protobuf messages: they have the most
//     structure, and everything in them belongs together;
//  2. strings with escapes: their content is searched as a text of its own,
//     because all other forms can be in it;
//  3. headers, and the fields of logs and of tools, which have names;
//  4. bodies of gRPC-Web, hex dumps, base64 and hex, which have no name: only
//     bytes that are evidently a status are accepted.
func (s *scanner) text(text string, line, depth int) {
	s.work -= len(text) + textWork
	if depth > maxDepth {
		s.work = -1
	}
	t := newBody(text, line, depth)
	first := len(s.pieces)
	for _, scan := range []func(*body){
		s.jsonObjects, s.protoText, s.escapes, s.headers, s.blocks, s.fields, s.rpcErrors, s.webBodies, s.dumps, s.encodings,
	} {
		if !s.exhausted() {
			scan(t)
		}
	}
	slices.SortStableFunc(s.pieces[first:], func(a, b piece) int { return cmp.Compare(a.at, b.at) })
}

// exhausted reports whether the search must end.
func (s *scanner) exhausted() bool { return s.work < 0 || len(s.pieces) > maxPieces }

func (s *scanner) add(p piece, t *body, at int) {
	p.at, p.line = at, t.lineAt(at)
	s.pieces = append(s.pieces, p)
}

// inside runs a search in a part of a text that starts at an offset. It reports
// whether the search found anything.
func (s *scanner) inside(at int, search func()) bool {
	first := len(s.pieces)
	search()
	for i := range s.pieces[first:] {
		s.pieces[first+i].at = at
	}
	return len(s.pieces) > first
}

func (s *scanner) count(what string) {
	if s.counts[what]++; s.counts[what] == 1 {
		s.tried = append(s.tried, what)
	}
}

// body is a text that is searched.
type body struct {
	text   string
	line   int // of its first byte, or of the string that contains it
	depth  int // of strings: all of a string is on one line
	taken  []bool
	breaks []int // offsets of the line breaks
}

func newBody(text string, line, depth int) *body {
	t := &body{text: text, line: line, depth: depth, taken: make([]bool, len(text))}
	for i := 0; depth == 0 && i < len(text); i++ {
		if text[i] == '\n' {
			t.breaks = append(t.breaks, i)
		}
	}
	return t
}

// lineAt returns the line of an offset.
func (t *body) lineAt(offset int) int { return t.line + sort.SearchInts(t.breaks, offset) }

// take marks bytes as understood.
func (t *body) take(start, end int) {
	for i := start; i < end; i++ {
		t.taken[i] = true
	}
}

// expression is a regular expression that is compiled on first use, so that
// the other commands start faster.
type expression func() *regexp.Regexp

func lazy(pattern string) expression {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// having is the hint of expressions that need one of the words.
func having(words ...string) func(line string) bool {
	return func(line string) bool {
		return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(line, word) })
	}
}

// match is a match of an expression.
type match struct {
	start, end   int
	group        []string // "" for none
	before, rest string   // what the line has before and after it
}

// each calls use for the matches that start where nothing was taken. Expressions
// are slow, so they only see lines with a hint that they can match. A match can
// extend to the line after.
func (s *scanner) each(t *body, re expression, hint func(line string) bool, use func(m match)) {
	var next, done int
	for start := 0; start < len(t.text); start = next {
		next = lineEnd(t.text, start)
		if !hint(t.text[start:next]) {
			continue
		}
		for _, found := range re().FindAllStringSubmatchIndex(t.text[start:lineEnd(t.text, next)], maxMatches) {
			m := match{start: start + found[0], end: start + found[1]}
			if s.exhausted() || m.start >= next {
				break
			}
			m.before, m.rest = t.text[start:m.start], strings.TrimRight(t.text[m.end:max(m.end, next)], "\r\n")
			if m.start < done || t.taken[m.start] {
				continue
			}
			for i := 0; i < len(found); i += 2 {
				m.group = append(m.group, t.text[start+max(found[i], 0):start+max(found[i+1], 0)])
			}
			done = m.end
			s.work -= matchWork
			use(m)
		}
	}
}

// lineEnd returns the offset after the line that contains an offset.
func lineEnd(text string, at int) int {
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(text)
}

// garbage returns the start of what follows without a space and is no
// punctuation. It returns "" if a value properly ends at the offset.
func (t *body) garbage(end int) string {
	next, _ := utf8.DecodeRuneInString(t.text[end:])
	if end == len(t.text) || unicode.IsSpace(next) || strings.ContainsRune("\"'`,;.:)]}>|\\", next) {
		return ""
	}
	word := safe.Cut(t.text[end:], 2*maxQuote)
	if i := strings.IndexFunc(word, unicode.IsSpace); i >= 0 {
		word = word[:i]
	}
	return word
}
