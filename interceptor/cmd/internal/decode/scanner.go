package decode

import (
	"cmp"
	"fmt"
	"slices"
)

// scanner collects the pieces of an input.
type scanner struct {
	types  Types
	work   int // the bytes that may still be examined
	pieces []piece
	counts []tally // in the order of the first count
}

type tally struct {
	what string
	n    int
}

// Limits of the scanner. An input that needs more is not searched to the end.
const (
	maxDepth  = 32      // texts in strings of texts, and objects in objects
	maxWork   = 12      // bytes to examine, in multiples of the input
	minWork   = 1 << 20 // bytes to examine in any input
	textWork  = 256     // the price of a text in addition to its bytes
	maxPieces = 20 * MaxStatuses
)

// text looks for pieces of statuses in a text. A scanner takes what it
// understands, and the later ones leave that alone. The order is:
//
//  1. JSON objects, and the text form of protobuf messages: they have the most
//     structure, and everything in them belongs together;
//  2. quoted strings with escapes, and JSON that is a part of one: their content
//     is searched as a text of its own, because all other forms can be in it;
//  3. headers, and the fields of logs and of tools, which have names;
//  4. bytes in escapes, hex dumps, base64 and hex, which have no name: only
//     bytes that are evidently a status are accepted.
func (s *scanner) text(text string, line, depth int) {
	s.work -= len(text) + textWork
	if depth > maxDepth {
		s.work = -1
	}
	t := newBody(text, line, depth > 0)
	first := len(s.pieces)
	for _, scan := range []func(*body, int){
		s.jsonObjects, s.protoText, s.quoted, s.unquoted, s.headers, s.blocks, s.fields, s.rpcErrors, s.escapes, s.dumps, s.encodings,
	} {
		if s.exhausted() {
			break
		}
		scan(t, depth)
	}
	slices.SortStableFunc(s.pieces[first:], func(a, b piece) int { return cmp.Compare(a.at, b.at) })
}

// exhausted reports whether the search must end.
func (s *scanner) exhausted() bool { return s.work < 0 || len(s.pieces) > maxPieces }

func (s *scanner) add(p piece, t *body, at int) {
	p.at, p.line = at, t.lineAt(at)
	s.pieces = append(s.pieces, p)
}

// inside runs a search in a part of t that starts at the offset. It reports
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
	i := slices.IndexFunc(s.counts, func(t tally) bool { return t.what == what })
	if i < 0 {
		i = len(s.counts)
		s.counts = append(s.counts, tally{what: what})
	}
	s.counts[i].n++
}

// tried says what was looked at.
func (s *scanner) tried() (list []string) {
	for _, t := range s.counts {
		list = append(list, fmt.Sprintf("%d of %s", t.n, t.what))
	}
	return list
}
