package table

import (
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// maxLocales is the number of bytes that are parsed of a header from a client.
// Browsers send about a fifth of it.
const maxLocales = 256

// messages holds sentences by language.
type messages struct {
	locales  []string // sorted
	texts    []string
	fallback int // index of the default locale, -1 if there is none
	matcher  language.Matcher
}

// matchers shares one matcher among all codes with the same languages. A
// matcher is large, and nearly all codes of a table have the same languages.
type matchers map[string]language.Matcher

func (m matchers) newMessages(texts map[string]string, fallback string) messages {
	ms := messages{fallback: -1}
	var tags []language.Tag
	for _, locale := range slices.Sorted(maps.Keys(texts)) {
		tag, err := language.Parse(locale)
		if err != nil || texts[locale] == "" {
			continue // Check reports it
		}
		if locale == fallback {
			ms.fallback = len(tags)
		}
		tags = append(tags, tag)
		ms.locales = append(ms.locales, locale)
		ms.texts = append(ms.texts, texts[locale])
	}
	if len(tags) == 0 {
		return ms
	}
	key := strings.Join(ms.locales, ",")
	if _, ok := m[key]; !ok {
		m[key] = language.NewMatcher(tags)
	}
	ms.matcher = m[key]
	return ms
}

func (ms messages) match(locales []string) (text, locale string) {
	if len(ms.locales) == 0 {
		return "", ""
	}
	for _, list := range locales {
		tags, _, err := language.ParseAcceptLanguage(head(list))
		if err != nil || len(tags) == 0 {
			continue
		}
		if _, i, confidence := ms.matcher.Match(tags...); confidence != language.No {
			return ms.texts[i], ms.locales[i]
		}
	}
	if ms.fallback < 0 {
		return "", ""
	}
	return ms.texts[ms.fallback], ms.locales[ms.fallback]
}

// head keeps the first languages of a list, which the reader prefers.
func head(list string) string {
	if len(list) <= maxLocales {
		return list
	}
	return list[:max(strings.LastIndexByte(list[:maxLocales], ','), 0)]
}
