package find

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// maxNear is the number of codes that are proposed for an unknown name, and
// maxName the length of names that are compared.
const (
	maxNear = 5
	maxName = 128
)

// Near returns the codes whose name or number is most similar to a name that no
// table has, the best first.
func Near(codes []Code, text string) (near []Code) {
	q := parse(text)
	type candidate struct {
		Code
		distance, apart int
	}
	var candidates []candidate
	for _, c := range codes {
		distance, apart, ok := q.distance(c)
		if q.domain != "" && !strings.EqualFold(q.domain, c.Domain()) {
			distance++
		}
		if ok {
			candidates = append(candidates, candidate{c, distance, apart})
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.apart, b.apart))
	})
	for _, c := range candidates[:min(len(candidates), maxNear)] {
		near = append(near, c.Code)
	}
	return near
}

// IsLike reports whether a text is a number, or the name of a code, perhaps with
// a mistake.
func IsLike(codes []Code, text string) bool {
	return parse(text).number != nil || len(Find(codes, text))+len(Near(codes, text)) > 0
}

// distance returns the number of changes between the query and a code, the
// difference of their numbers, and whether the code is near.
func (q query) distance(c Code) (changes, apart int, near bool) {
	if q.number != nil {
		apart = abs(int(*q.number) - int(c.Number()))
		changes = edits(strconv.Itoa(int(*q.number)), strconv.Itoa(int(c.Number())))
		return changes, apart, changes <= 1 || apart <= 2
	}
	if q.key == "" || len(q.key) > maxName {
		return 0, 0, false
	}
	changes = maxName
	for _, name := range c.names {
		if key := keyOf(name); len(key) <= maxName {
			changes = min(changes, q.changes(key))
		}
	}
	return changes, 0, changes < maxName
}

// changes returns the number of changes between the query and a name, or
// maxName if the name is not similar. A part of the name counts as one change.
func (q query) changes(key string) int {
	if len(q.key) > 2 && strings.Contains(key, q.key) {
		return 1
	}
	limit := 1 + min(len(q.key), len(key))/4
	if abs(len(q.key)-len(key)) <= limit {
		if changes := edits(q.key, key); changes <= limit {
			return changes
		}
	}
	return maxName
}

func abs(i int) int { return max(i, -i) }

// edits returns the number of inserted, deleted, replaced and swapped bytes
// between two names (optimal string alignment).
func edits(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before, last, row = last, row, before
		row[0] = i + 1
		for j := range len(b) {
			replaced := last[j]
			if a[i] != b[j] {
				replaced++
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, replaced)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}
