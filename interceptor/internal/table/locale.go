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

// languages makes the sentences of tables.
type languages struct {
	// matchers shares one matcher among all codes with the same languages. A
	// matcher is large, and nearly all codes of a table have the same languages.
	matchers map[string]language.Matcher
	left     int // the number of sentences that may still be made, or negative
}

func newLanguages(limit int) *languages {
	return &languages{map[string]language.Matcher{}, limit}
}

// newMessages returns the sentences own, and those of neutral in the languages
// that own lacks. Beyond the limit it returns none.
func (l *languages) newMessages(own, neutral map[string]string, fallback string) messages {
	ms := messages{fallback: -1}
	if l.left -= len(own) + len(neutral); l.left < 0 {
		return ms
	}
	texts := make(map[string]string, len(own)+len(neutral))
	maps.Copy(texts, neutral)
	for locale, text := range own {
		if text != "" { // Check reports it
			texts[locale] = text
		}
	}
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
	if _, ok := l.matchers[key]; !ok {
		l.matchers[key] = language.NewMatcher(tags)
	}
	ms.matcher = l.matchers[key]
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

// canonical returns a tag in its usual case, in which tables write it.
func canonical(locale string) string {
	if tag, err := language.Parse(head(locale)); err == nil {
		return tag.String()
	}
	return ""
}
