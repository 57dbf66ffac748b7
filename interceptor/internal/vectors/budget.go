package main

import (
	"maps"
	"strings"

	"google.golang.org/protobuf/proto"
)

// budgetCases exceed the detail budget. Parts are removed in this order: the
// message is cut to a quarter of the budget in percent encoding, metadata values
// are cut to 1 KiB, LocalizedMessage is dropped, then the detail of the table,
// then metadata entries, the largest first.
func budgetCases() []vectorCase {
	return append(cutCases(), append(edgeCases(), dropCases()...)...)
}

func cutCases() []vectorCase {
	trace := func(text string) map[string]string { return map[string]string{"trace": text, "id": "1"} }
	long, wide := strings.Repeat("t", 5000), strings.Repeat("验证", 1000)
	message, chinese := strings.Repeat("m", 1024), strings.Repeat("验", 113)
	return []vectorCase{
		fitCase("a value is cut", 4096, func(s *Send, c *content) {
			s.Metadata, c.metadata = trace(long), trace(long[:1024])
		}),
		fitCase("a value is cut at a rune", 4096, func(s *Send, c *content) {
			s.Metadata, c.metadata = trace(wide), trace(wide[:3*(1024/3)])
		}),
		fitCase("a message of 1 KiB fits", 4096, func(s *Send, c *content) {
			s.Message, c.message = message, message
		}),
		fitCase("a message is cut", 1024, func(s *Send, c *content) {
			s.Message, c.message = message, message[:256]
		}),
		fitCase("a message is cut for its percent encoding", 1024, func(s *Send, c *content) {
			s.Message, c.message = chinese, chinese[:3*(256/9)]
		}),
		fitCase("a message and a value are cut", 4096, func(s *Send, c *content) {
			s.Message, c.message = message, message
			s.Metadata, c.metadata = trace(long), trace(long[:1024])
		}),
		fitCase("a budget below the minimum is the minimum", 1, func(s *Send, c *content) {
			s.Message, c.message = message, message[:256]
		}),
	}
}

// edgeCases are as large as the budget, or one byte larger.
func edgeCases() []vectorCase {
	const budget = 1024
	whole := contentOf(tooSoon)
	whole.language = "en"
	silent := whole
	silent.language = ""
	bare := silent
	bare.subject = false
	empty := bare
	empty.metadata = map[string]string{}
	edge := func(name string, given, sent content) vectorCase {
		return fitCase(name, budget, func(s *Send, c *content) {
			*c = sent
			s.Metadata, s.AcceptLanguage = given.metadata, "en"
		})
	}
	over := func(c content) content { return c.padded(budget + 1) }
	same := func(c, given content) content {
		c.metadata = given.metadata
		return c
	}
	return []vectorCase{
		edge("all of it is as large as the budget", whole.padded(budget), whole.padded(budget)),
		edge("a byte more: the sentence is dropped", over(whole), same(silent, over(whole))),
		edge("all but the sentence is as large as the budget", silent.padded(budget), silent.padded(budget)),
		edge("a byte more: the detail of the table is dropped", over(silent), same(bare, over(silent))),
		edge("all but the details is as large as the budget", bare.padded(budget), bare.padded(budget)),
		edge("a byte more: an entry is dropped", over(bare), empty),
	}
}

// padded adds a metadata entry, so that the status has a given size.
func (c content) padded(size int) content {
	for n := size; ; n-- {
		c.metadata = map[string]string{"pad": strings.Repeat("p", n)}
		if proto.Size(c.status()) == size {
			return c
		}
	}
}

func dropCases() []vectorCase {
	entries := func(sizes map[string]int) map[string]string {
		m := map[string]string{}
		for key, size := range sizes {
			m[key] = strings.Repeat(key[:1], size)
		}
		return m
	}
	five := entries(map[string]int{"aa": 1024, "bb": 1023, "cc": 1022, "dd": 1021, "ee": 1020})
	return []vectorCase{
		fitCase("the largest entry is dropped", 1024, func(s *Send, c *content) {
			s.Metadata = entries(map[string]int{"aa": 200, "bb": 800, "cc": 100})
			s.AcceptLanguage, c.metadata, c.subject = "zh", without(s.Metadata, "bb"), false
		}),
		fitCase("two entries of five are dropped", 4096, func(s *Send, c *content) {
			s.Metadata = five
			s.AcceptLanguage, c.metadata, c.subject = "zh", without(five, "aa", "bb"), false
		}),
		fitCase("of entries with one size the first key is dropped", 1024, func(s *Send, c *content) {
			s.Metadata = entries(map[string]int{"bb": 600, "aa": 600, "cc": 20})
			c.metadata, c.subject = without(s.Metadata, "aa"), false
		}),
		fitCase("all that can be dropped is dropped", 1024, func(s *Send, c *content) {
			s.Metadata = entries(map[string]int{"aa": 3000, "bb": 3000})
			s.Message, c.message = strings.Repeat("m", 1024), strings.Repeat("m", 256)
			s.AcceptLanguage, c.subject = "en", false
		}),
	}
}

// fitCase is VERIFY_INTERVAL_BELOW_MINIMUM, which has a RetryInfo and a detail,
// with a budget.
func fitCase(name string, budget int, change func(*Send, *content)) vectorCase {
	s, c := given(tooSoon), contentOf(tooSoon)
	s.Budget = budget
	change(&s, &c)
	return sentCase(name, s, c)
}

func without(m map[string]string, keys ...string) map[string]string {
	rest := maps.Clone(m)
	for _, key := range keys {
		delete(rest, key)
	}
	return rest
}
