package compat_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// difference is what may differ between this release and an older one.
type difference struct {
	reason  string
	what    string // sent: by a server. read: by a client, of the same bytes
	mode    string // internal or public; empty: both
	part    string
	numbers []int32 // nil: any
	to      string  // the value of this release; empty: any
}

// differences are what may differ, for each older release. Each has to differ
// somewhere. Each is a decision of the second edition, in docs/design.md.
var differences = map[string][]difference{
	firstEdition: {
		{
			reason: "the message of a code that the table does not list says so, and is no longer empty",
			what:   "sent", mode: "internal", part: "message", numbers: []int32{unlisted}, to: "the response code is not listed",
		},
		{
			reason: "the time left until a calendar window is in whole seconds, rounded up",
			what:   "sent", part: "google.rpc.RetryInfo", numbers: []int32{6005, 9006, 9007}, to: `{"retryDelay":"5400s"}`,
		},
		{
			reason: "a masked error has the neutral sentence of the table in the language of the caller",
			what:   "sent", mode: "public", part: "google.rpc.LocalizedMessage", to: `{"locale":"zh-CN","message":"服务暂时不可用，请稍后再试。"}`,
		},
		{
			reason: "a language that the table does not have gets the default language of the table, and no longer an empty or any other sentence",
			what:   "read", part: "fr",
		},
		{
			reason: "the sentence of a code that is not listed is in the language that the caller of the library asks for, if the table has one",
			what:   "read", mode: "internal", part: "en", numbers: []int32{unlisted}, to: "The service is not available at the moment. Please try again later.",
		},
	},
}

const unlisted = 424242

func (d difference) matches(what string, k key, part, to string) bool {
	return d.what == what && d.part == part && (d.mode == "" || d.mode == k.mode) &&
		(d.numbers == nil || slices.Contains(d.numbers, k.number)) && (d.to == "" || d.to == to)
}

// comparison collects the differences between an older release and this one.
type comparison struct {
	may    []difference
	used   map[int]bool
	faults []string
}

// compare compares a part of calls that are the same in both. The newer one may
// have more codes.
func (c *comparison) compare(what string, older, newer calls, parts func(call) map[string]string) {
	for _, k := range slices.SortedFunc(maps.Keys(older), compareKeys) {
		now, ok := newer[k]
		if !ok {
			c.faults = append(c.faults, fmt.Sprintf("%s: no call %v", what, k))
			continue
		}
		before, after := parts(older[k]), parts(now)
		all := maps.Clone(before)
		maps.Copy(all, after)
		for _, part := range slices.Sorted(maps.Keys(all)) {
			if before[part] != after[part] && !c.allowed(what, k, part, after[part]) {
				c.faults = append(c.faults, fmt.Sprintf("%s: %v: %s is %q, was %q", what, k, part, after[part], before[part]))
			}
		}
	}
}

func (c *comparison) allowed(what string, k key, part, to string) bool {
	for i, d := range c.may {
		if d.matches(what, k, part, to) {
			c.used[i] = true
			return true
		}
	}
	return false
}

// unused returns the listed differences that no call has.
func (c *comparison) unused() []string {
	var list []string
	for i, d := range c.may {
		if !c.used[i] {
			list = append(list, fmt.Sprintf("no call differs in %s %s %s: delete the entry %q", d.what, d.mode, d.part, d.reason))
		}
	}
	return list
}

func (c *comparison) report(t *testing.T) {
	t.Helper()
	if faults := slices.Concat(c.faults, c.unused()); len(faults) > 0 {
		t.Errorf("%d differences:\n%s", len(faults), strings.Join(faults[:min(len(faults), 40)], "\n"))
	}
}

func newComparison(release string) *comparison {
	return &comparison{may: differences[release], used: map[int]bool{}}
}

func sentParts(c call) map[string]string {
	parts := maps.Clone(c.Sent)
	parts["trailer"] = strings.Join(c.Pushback, ",")
	return parts
}

func readParts(c call) map[string]string { return c.Read }

// The comparison must be able to fail.
func TestComparison(t *testing.T) {
	t.Parallel()
	one := func(value string) calls {
		c := call{Mode: "internal", Number: 9003, Kind: "unary", Read: map[string]string{"reason": value}}
		return calls{c.key(): c}
	}
	listed := []difference{{what: "read", part: "reason", to: "NEW"}}
	for name, test := range map[string]struct {
		may          []difference
		older, newer calls
		want         int
	}{
		"equal":                           {nil, one("OLD"), one("OLD"), 0},
		"not listed":                      {nil, one("OLD"), one("NEW"), 1},
		"a part is gone":                  {nil, one("OLD"), one(""), 1},
		"listed":                          {listed, one("OLD"), one("NEW"), 0},
		"listed, but another value":       {listed, one("OLD"), one("OTHER"), 2},
		"listed, but does not differ":     {listed, one("NEW"), one("NEW"), 1},
		"listed for another code":         {[]difference{{what: "read", part: "reason", numbers: []int32{1}}}, one("OLD"), one("NEW"), 2},
		"listed for what servers send":    {[]difference{{what: "sent", part: "reason"}}, one("OLD"), one("NEW"), 2},
		"listed for a public boundary":    {[]difference{{what: "read", mode: "public", part: "reason"}}, one("OLD"), one("NEW"), 2},
		"a code of the older one is gone": {nil, one("OLD"), calls{}, 1},
		"the newer one has one code more": {nil, calls{}, one("NEW"), 0},
	} {
		c := &comparison{may: test.may, used: map[int]bool{}}
		c.compare("read", test.older, test.newer, readParts)
		if got := slices.Concat(c.faults, c.unused()); len(got) != test.want {
			t.Errorf("%s: %q, want %d", name, got, test.want)
		}
	}
}
