package codetable_test

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const (
	tokenEnglish = "The verification has expired. Please start it again."
	tokenChinese = "验证已过期，请重新开始验证。"
)

func TestUserMessageFindsTheLanguage(t *testing.T) {
	t.Parallel()
	padding := strings.Repeat("de,", 400)
	tests := map[string]struct {
		locales []string
		want    string // the language of the message
	}{
		"nothing":                {nil, "en"},
		"empty":                  {[]string{""}, "en"},
		"any":                    {[]string{"*"}, "en"},
		"known, then any":        {[]string{"*;q=0.5, zh"}, "zh-CN"},
		"any, then known":        {[]string{"*, zh;q=0.5"}, "zh-CN"},
		"en":                     {[]string{"en"}, "en"},
		"zh":                     {[]string{"zh"}, "zh-CN"},
		"zh-CN":                  {[]string{"zh-CN"}, "zh-CN"},
		"zh-Hans-CN":             {[]string{"zh-Hans-CN"}, "zh-CN"},
		"zh-Hans":                {[]string{"zh-Hans"}, "zh-CN"},
		"other case":             {[]string{"ZH-cn"}, "zh-CN"},
		"underscore":             {[]string{"zh_CN"}, "zh-CN"},
		"en-GB":                  {[]string{"en-GB"}, "en"},
		"second choice":          {[]string{"de;q=0.9, zh;q=0.8"}, "zh-CN"},
		"quality, not order":     {[]string{"en;q=0.5, zh;q=0.9"}, "zh-CN"},
		"quality the other way":  {[]string{"zh;q=0.1, en;q=0.2"}, "en"},
		"quality is 1 by itself": {[]string{"zh;q=0.9, en"}, "en"},
		"order of equals":        {[]string{"zh, en"}, "zh-CN"},
		"unknown language":       {[]string{"de"}, "en"},
		"unknown, then known":    {[]string{"de", "zh"}, "zh-CN"},
		"first that matches":     {[]string{"en", "zh"}, "en"},
		"malformed":              {[]string{"!!;q=x"}, "en"},
		"malformed, then known":  {[]string{"zh;q=", "\xff", "en"}, "en"},
		"too long":               {[]string{padding}, "en"},
		"too long, then known":   {[]string{padding, "zh"}, "zh-CN"},
		"known in the first 256": {[]string{"zh," + padding}, "zh-CN"},
		"known after 256 bytes":  {[]string{padding + "zh"}, "en"},
		"cut before a language":  {[]string{padding[:254] + ",zh-CN"}, "en"},
		"256 bytes are read":     {[]string{padding[:252] + "*,zh"}, "zh-CN"},
		"long without a comma":   {[]string{strings.Repeat("zh-", 100)}, "en"},
		"a browser's header":     {[]string{"fr-CH, fr;q=0.9, zh-CN;q=0.8, de;q=0.7, *;q=0.5"}, "zh-CN"},
	}
	spec, _ := codetable.Lookup(tokenExpired)
	texts := map[string]string{"": "", "en": tokenEnglish, "zh-CN": tokenChinese}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, locale := spec.UserMessage(tt.locales...)
			if locale != tt.want || text != texts[tt.want] {
				t.Errorf("Spec.UserMessage(%.60q) = %q, %q, want %q", tt.locales, text, locale, tt.want)
			}
			if got := asError(t, codetable.NewError(tokenExpired)).UserMessage(tt.locales...); got != text {
				t.Errorf("Error.UserMessage(%.60q) = %q, Spec has %q", tt.locales, got, text)
			}
		})
	}
}

func TestUserMessageOfUnlistedCodeIsTheDefault(t *testing.T) {
	t.Parallel()
	spec, _ := codetable.Lookup(unlisted)
	if text, locale := spec.UserMessage("zh"); locale != "zh-CN" || text != "服务暂时不可用，请稍后再试。" {
		t.Errorf("got %q in %q", text, locale)
	}
}

func TestUserMessageOfReceivedError(t *testing.T) {
	t.Parallel()
	sent := &errdetails.LocalizedMessage{Locale: "de", Message: "Der Dienst ist belegt."}
	received := func(number string, withMessage bool) *codetable.Error {
		err := failure(t, info(domain, "", withCode(number)))
		if withMessage {
			err = failure(t, info(domain, "", withCode(number)), sent)
		}
		decoded, ok := codetable.FromError(err)
		if !ok {
			t.Fatalf("%v holds no code", err)
		}
		return decoded
	}
	general := "The service is not available at the moment. Please try again later."
	tests := map[string]struct {
		err     *codetable.Error
		locales []string
		want    string
	}{
		"listed, own locale":      {received("9003", true), []string{"en"}, tokenEnglish},
		"listed, unknown locale":  {received("9003", true), []string{"fr"}, tokenEnglish},
		"listed, no locale":       {received("9003", true), nil, sent.Message},
		"unlisted, its locale":    {received("4242", true), []string{"de"}, sent.Message},
		"unlisted, table's":       {received("4242", true), []string{"en"}, general},
		"unlisted, first locale":  {received("4242", true), []string{"de", "en"}, sent.Message},
		"unlisted, second locale": {received("4242", true), []string{"fr", "de"}, sent.Message},
		"unlisted, neither":       {received("4242", true), []string{"fr"}, general},
		"unlisted, no locale":     {received("4242", true), nil, sent.Message},
		"unlisted, nothing sent":  {received("4242", false), []string{"en"}, general},
		"no sentence, no locale":  {received("9003", false), nil, tokenEnglish},
		"no sentence, not listed": {received("4242", false), nil, general},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.err.UserMessage(tt.locales...); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// If the table has no sentence, the one that was sent is the answer in each
// language.
func TestUserMessageOfReceivedErrorWithoutTable(t *testing.T) {
	t.Parallel()
	table, enum := testTable(), runtimeTable("")
	table.Domain, table.DefaultUserMessages, table.DefaultLocale = "silent.example.com", nil, ""
	enum.Options = tableOptions(table)
	resolver := newResolver(t, runtimeFiles(t, storages()[0], fileOf("codetable.silent", withAliases(enum))))
	for _, locale := range []string{"de", "", "@@@"} {
		err, ok := resolver.FromError(failure(t, info("silent.example.com", "", withCode("7")), &errdetails.LocalizedMessage{Locale: locale, Message: "Belegt."}))
		if !ok {
			t.Fatal("the code is lost")
		}
		if got := err.UserMessage("en"); got != "Belegt." {
			t.Errorf("sent in %q: got %q", locale, got)
		}
	}
}

// If a code has no sentence in a language, the neutral sentence of the table in
// that language is used, not the sentence of the code in another language.
func TestUserMessageFallsBackLanguageByLanguage(t *testing.T) {
	t.Parallel()
	table, code := testTable(), testCode()
	table.DefaultUserMessages = map[string]string{"de": "Bitte später.", "en": "Later, please.", "zh-CN": "请稍后再试。"}
	table.DefaultLocale = "de"
	code.UserMessages = map[string]string{"en": "The service is busy.", "fr": "Le service est occupé."}
	desc := newEnum(t, table, value("TEST_CODE_BUSY", 1, code), value("TEST_CODE_PLAIN", 2, &codetablev1.Code{}))
	tests := map[string]struct{ own, neutral, locale string }{
		"en":     {"The service is busy.", "Later, please.", "en"},
		"en-GB":  {"The service is busy.", "Later, please.", "en"},
		"de":     {"Bitte später.", "Bitte später.", "de"},
		"zh":     {"请稍后再试。", "请稍后再试。", "zh-CN"},
		"fr, en": {"Le service est occupé.", "Later, please.", ""},
		"it":     {"Bitte später.", "Bitte später.", "de"},
		"*":      {"Bitte später.", "Bitte später.", "de"},
		"!!":     {"Bitte später.", "Bitte später.", "de"},
		"":       {"Bitte später.", "Bitte später.", "de"},
		"it, ja": {"Bitte später.", "Bitte später.", "de"},
	}
	busy, _ := codetable.LookupDescriptor(desc, 1)
	plain, _ := codetable.LookupDescriptor(desc, 2)
	for locale, tt := range tests {
		own, ownLocale := busy.UserMessage(locale)
		neutral, neutralLocale := busy.NeutralMessage(locale)
		if own != tt.own || neutral != tt.neutral {
			t.Errorf("%q: %q, and neutral %q, want %q and %q", locale, own, neutral, tt.own, tt.neutral)
		}
		if tt.locale != "" && (ownLocale != tt.locale || neutralLocale != tt.locale) {
			t.Errorf("%q: languages %q and %q, want %q", locale, ownLocale, neutralLocale, tt.locale)
		}
		if text, _ := plain.UserMessage(locale); text != tt.neutral {
			t.Errorf("%q: a code without sentences has %q, want %q", locale, text, tt.neutral)
		}
	}
	if got := busy.Locales(); !slices.Equal(got, []string{"de", "en", "fr", "zh-CN"}) {
		t.Errorf("locales %q", got)
	}
}

// Without a default locale, readers of other languages get no sentence.
func TestUserMessageWithoutDefaultLocale(t *testing.T) {
	t.Parallel()
	table := testTable()
	table.DefaultLocale = ""
	spec, _ := codetable.LookupDescriptor(newEnum(t, table, value("TEST_CODE_BUSY", 1, testCode())), 1)
	for _, locale := range []string{"de", "*", ""} {
		if text, language := spec.UserMessage(locale); text != "" || language != "" {
			t.Errorf("%q: %q in %q, want none", locale, text, language)
		}
	}
}

// A faulty locale in the table hides its own sentence and no other one.
func TestFaultyLocaleIsLeftOut(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		texts map[string]string
		want  string
	}{
		"one bad, one good locale": {map[string]string{"en": "Busy.", "not a tag": "?"}, "Busy."},
		"alone":                    {map[string]string{"not a tag": "?"}, "Please try again later."},
		"blank":                    {map[string]string{"en": "", "de": "Belegt."}, "Please try again later."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code := testCode()
			code.UserMessages = tt.texts
			spec, _ := codetable.LookupDescriptor(newEnum(t, testTable(), value("TEST_CODE_BUSY", 1, code)), 1)
			if text, _ := spec.UserMessage("not a tag", "en"); text != tt.want {
				t.Errorf("got %q, want %q", text, tt.want)
			}
		})
	}
}

func TestTableWithoutMessages(t *testing.T) {
	t.Parallel()
	code := testCode()
	code.UserMessages = nil
	spec, _ := codetable.LookupDescriptor(newEnum(t, &codetablev1.Table{Domain: "codes.example.com"}, value("TEST_CODE_BUSY", 1, code)), 1)
	if text, locale := spec.UserMessage("en"); text != "" || locale != "" || len(spec.Locales()) != 0 {
		t.Errorf("got %q in %q, locales %q", text, locale, spec.Locales())
	}
}

func TestSuccessHasNoUserMessage(t *testing.T) {
	t.Parallel()
	spec, _ := codetable.Lookup(success)
	if text, _ := spec.UserMessage("en"); text != "" || len(spec.Locales()) != 0 {
		t.Errorf("the user message of SUCCESS is %q", text)
	}
}
