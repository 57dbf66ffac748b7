package codetable

import (
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// maxLocales bounds what is parsed of a header that a client controls.
const maxLocales = 1 << 10

// messages are the user messages of a code, by language.
type messages struct {
	locales []string // sorted
	texts   []string
	matcher language.Matcher
}

// matchers shares one matcher among all codes with the same languages: it is
// large, and nearly every code of a table has the same ones.
type matchers map[string]language.Matcher

func (m *matchers) messages(texts map[string]string) *messages {
	if len(texts) == 0 {
		return nil
	}
	ms := &messages{}
	var tags []language.Tag
	for _, locale := range slices.Sorted(maps.Keys(texts)) {
		tag, err := language.Parse(locale)
		if err != nil {
			continue // Check reports it
		}
		tags = append(tags, tag)
		ms.locales = append(ms.locales, locale)
		ms.texts = append(ms.texts, texts[locale])
	}
	ms.matcher = m.matcher(strings.Join(ms.locales, ","), tags)
	return ms
}

func (m *matchers) matcher(key string, tags []language.Tag) language.Matcher {
	if *m == nil {
		*m = matchers{}
	}
	if _, ok := (*m)[key]; !ok {
		(*m)[key] = language.NewMatcher(tags)
	}
	return (*m)[key]
}

func (ms *messages) list() []string {
	if ms == nil {
		return nil
	}
	return slices.Clone(ms.locales)
}

func (ms *messages) match(locales []string) (text, locale string) {
	if ms == nil || len(ms.locales) == 0 {
		return "", ""
	}
	for _, list := range locales {
		if len(list) > maxLocales {
			continue
		}
		tags, _, err := language.ParseAcceptLanguage(list)
		if err != nil || len(tags) == 0 {
			continue
		}
		if _, i, confidence := ms.matcher.Match(tags...); confidence != language.No {
			return ms.texts[i], ms.locales[i]
		}
	}
	return "", ""
}
