package table_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/internal/enumtest"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

func TestMessagesOfCodeAndTable(t *testing.T) {
	t.Parallel()
	tbl := table.For(enumtest.File{
		Table: &codetablev1.Table{
			DefaultUserMessages: map[string]string{"en": "later", "de": "später", "not a tag": "?"}, DefaultLocale: "de",
		},
		Values: []enumtest.Value{
			{Name: "A", Number: 1, Code: &codetablev1.Code{UserMessages: map[string]string{"en": "busy", "de": "", "fr": "occupé"}}},
			{Name: "B", Number: 2, Code: &codetablev1.Code{}},
			{Name: "C", Number: 3, Code: failing(codetablev1.GrpcCode_GRPC_CODE_OK)},
		},
	}.Build(t))
	tests := []struct {
		number  int32
		locales []string
		want    string
	}{
		{1, []string{"en"}, "busy en"},
		{1, []string{"de"}, "später de"}, // an empty sentence is ignored
		{1, []string{"fr-CH"}, "occupé fr"},
		{1, []string{"ja", "*", "!!", "en"}, "busy en"},
		{1, []string{"ja"}, "später de"},
		{1, nil, "später de"},
		{1, []string{"fr," + strings.Repeat("ja,", 100)}, "occupé fr"},
		{1, []string{strings.Repeat("ja,", 100) + "fr"}, "später de"},
		{1, []string{strings.Repeat("x", 300)}, "später de"},
		{2, []string{"fr"}, "später de"},
		{2, []string{"en"}, "later en"},
		{3, []string{"en"}, " "},
		{9, []string{"en"}, "later en"},
	}
	for _, tt := range tests {
		text, locale := tbl.Entry(tt.number).UserMessage(tt.locales...)
		if got := text + " " + locale; got != tt.want {
			t.Errorf("%d %.40q: %q, want %q", tt.number, tt.locales, got, tt.want)
		}
	}
	if text, locale := tbl.NeutralMessage("en"); text != "later" || locale != "en" {
		t.Errorf("the neutral message is %q in %q", text, locale)
	}
	locales, texts := tbl.Entry(1).Messages()
	if !slices.Equal(locales, []string{"de", "en", "fr"}) || !slices.Equal(texts, []string{"später", "busy", "occupé"}) {
		t.Errorf("messages %q in %q", texts, locales)
	}
}

func TestMessagesWithoutDefaultLocale(t *testing.T) {
	t.Parallel()
	tbl := table.For(enumtest.File{
		Table:  &codetablev1.Table{},
		Values: []enumtest.Value{{Name: "A", Number: 1, Code: &codetablev1.Code{UserMessages: map[string]string{"en": "busy"}}}},
	}.Build(t))
	for locale, want := range map[string]string{"en": "busy", "ja": "", "": ""} {
		if text, _ := tbl.Entry(1).UserMessage(locale); text != want {
			t.Errorf("%q: %q, want %q", locale, text, want)
		}
	}
	if text, _ := tbl.NeutralMessage("en"); text != "" {
		t.Errorf("the neutral message is %q, want none", text)
	}
}

// The sentence that was sent is found as if a listed code had it.
func TestUnlistedMessageIsThatOfACodeWithTheSentence(t *testing.T) {
	t.Parallel()
	neutral := map[string]string{"en": "later", "de": "später", "zh-CN": "稍后", "pt-BR": "mais tarde", "sr": "касније"}
	sent := []string{"en", "fr", "zh-CN", "zh-TW", "zh", "pt", "pt-PT", "en-GB", "de-AT", "sr-Latn", "no", "@@@"}
	asked := []string{
		"en", "en-US", "en-GB", "fr", "fr-CA", "zh", "zh-TW", "zh-HK", "zh-Hans", "pt", "pt-PT", "de-CH", "sr-Latn", "nb", "ja", "*", "",
		"fr, zh;q=0.5", "ja;q=0.9, de;q=0.8", "!!", strings.Repeat("fr,", 100) + "zh",
	}
	for _, fallback := range []string{"en", ""} {
		for _, locale := range sent {
			tbl := table.For(enumtest.File{
				Table:  &codetablev1.Table{DefaultUserMessages: neutral, DefaultLocale: fallback},
				Values: []enumtest.Value{{Name: "A", Number: 1, Code: &codetablev1.Code{UserMessages: map[string]string{locale: "sent"}}}},
			}.Build(t))
			for i := range asked {
				locales := asked[i:min(i+2, len(asked))]
				want, _ := tbl.Entry(1).UserMessage(locales...)
				if got := tbl.UnlistedMessage("sent", locale, locales); got != cmp.Or(want, "sent") {
					t.Errorf("sent in %s, asked for %.40q, default %q: %q, want %q", locale, locales, fallback, got, want)
				}
			}
		}
	}
}
