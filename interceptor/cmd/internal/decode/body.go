package decode

import (
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// expression is a regular expression that is compiled on first use, so that
// the other commands start faster.
type expression func() *regexp.Regexp

func lazy(pattern string) expression {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// maxMatches bounds the matches of one expression in one text.
const maxMatches = 100_000

// body is a text that is searched.
type body struct {
	text   string
	line   int  // of its first byte, or of the string that contains it
	nested bool // it is the content of a string: all of it is on one line
	taken  []bool
	breaks []int // offsets of the line breaks
}

func newBody(text string, line int, nested bool) *body {
	t := &body{text: text, line: line, nested: nested, taken: make([]bool, len(text))}
	if !nested {
		for i := range len(text) {
			if text[i] == '\n' {
				t.breaks = append(t.breaks, i)
			}
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

// hint reports whether an expression can match in a line. Expressions are slow,
// so they only see lines with a hint.
type hint func(line string) bool

// having is the hint of expressions that need one of the words.
func having(words ...string) hint {
	return func(line string) bool {
		return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(line, word) })
	}
}

// matches returns the submatches that start where nothing was taken. A match
// can extend to the line after the one with the hint.
func (t *body) matches(re expression, maybe hint) (found [][]int) {
	done := 0
	for start, next := 0, lineEnd(t.text, 0); start < next && len(found) < maxMatches; start, next = next, lineEnd(t.text, next) {
		if !maybe(t.text[start:next]) {
			continue
		}
		for _, m := range re().FindAllStringSubmatchIndex(t.text[start:lineEnd(t.text, next)], maxMatches) {
			for i := range m {
				if m[i] >= 0 {
					m[i] += start
				}
			}
			if m[0] >= done && m[0] < next && !t.taken[m[0]] {
				found, done = append(found, m), m[1]
			}
		}
	}
	return found
}

// lineEnd returns the offset after the line that contains an offset.
func lineEnd(text string, at int) int {
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(text)
}

// group returns a group of a match, or "".
func (t *body) group(match []int, n int) string {
	if match[2*n] < 0 {
		return ""
	}
	return t.text[match[2*n]:match[2*n+1]]
}

// restOfLine returns the text from an offset to the end of the line.
func (t *body) restOfLine(offset int) string {
	rest := t.text[offset:]
	if i := strings.IndexAny(rest, "\r\n"); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

// garbage returns what follows without a space and is no punctuation. It
// returns "" if a value properly ends at the offset.
func (t *body) garbage(end int) string {
	next, _ := utf8.DecodeRuneInString(t.text[end:])
	if end == len(t.text) || unicode.IsSpace(next) || strings.ContainsRune("\"'`,;.:)]}>|\\", next) {
		return ""
	}
	word, _, _ := strings.Cut(t.restOfLine(end), " ")
	return word
}
