package text_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "plain": "plain", "码\n": "码\n", "a\xff\xfeb": "a\uFFFDb", "\xe7\xa0": "\uFFFD", "a\uFFFDb": "a\uFFFDb",
		"\xed\xa0\x80": "\uFFFD", "\xc0\x80b": "\uFFFDb", "\xf4\x90\x80\x80": "\uFFFD", // a surrogate, an overlong NUL, beyond Unicode
	} {
		if got := text.Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestOneLine(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "plain ~": "plain ~", "a\r\nb\tc\x00d\x1fe": "a  b c d e", "a\x7fb": "a b",
		"a\u0085b\u2028c\u2029d": "a b c d", "码\u2027": "码\u2027", "a\xffb": "a\uFFFDb",
		"\x1b[31mred": " [31mred", "\u009b31mred": " 31mred", // CSI, as two characters and as one
		"a\u202eb\u2066c\u200fd":         "a b c d",   // changes of direction
		"a\u200bb\u200dc\ufeffd\u00ade":  "a b c d e", // characters of no width
		"a\U000E0041b\ue000c\U0010FFFFd": "a b c d",   // tags, private use, no character
		"é e\u0301 \u00a0\u3000😀":        "é e\u0301 \u00a0\u3000😀",
	} {
		if got := text.OneLine(in); got != want {
			t.Errorf("OneLine(%q) = %q, want %q", in, got, want)
		}
	}
}

// A log must not contain a phone number in any form. It may contain the short
// numbers of an error.
func TestExcerpt(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "error 42": "error 42", "HTTP 502, try 1 of 3": "HTTP 502, try 1 of 3", "code 9001.": "code 9001.",
		"no 13800138000!":      "no #!",
		"12345":                "#",
		"1234":                 "1234",
		"138-0013-8000":        "#",
		"138 0013 8000":        "#",
		"138.0013.8000":        "#",
		"138/0013/8000":        "#",
		"138 - 0013 - 8000":    "#",
		"(138) 0013-8000":      "(#",
		"+86 138 0013 8000":    "+#",
		"+86 (138) - (0013) 8": "+#",
		"0086-13800138000":     "#",
		"1 3 8 0 0 1":          "#",
		"1, 2, 3, 4, 5":        "#",
		"１３８００１３８０００":          "#", // full width
		"１３８－００１３－８０００":                                                     "#",
		"١٣٨٠٠١٣٨٠٠٠":                                                       "#", // Arabic-Indic
		"۱۳۸۰۰۱۳۸۰۰۰":                                                       "#", // Persian
		"१३८००१३८०००":                                                       "#", // Devanagari
		"①②③④⑤⑥":                                                            "#",
		"¹³⁸⁰⁰":                                                             "#",
		"138\u00ad0013\u00ad8000":                                           "#", // soft hyphens
		"1\u200b3\u200b8\u200b0\u200b0":                                     "#",
		"138\u200b\u200b\u200b\u200b\u200b\u200b\u200b0013\ufeff8000":       "#",
		"1\ufe0f\u20e33\ufe0f\u20e38\ufe0f\u20e30\ufe0f\u20e30\ufe0f\u20e3": "#\ufe0f\u20e3", // keycaps
		"138\n0013\t8000":                                                   "#",
		"138\u202e0013\u202c8000":                                           "#",
		"138\xff0013\xff8000":                                               "#",
		"a1b2c3d4e5f6":                                                      "a1b2c3d4e5f6",
		"12 and 34 and 56":                                                  "12 and 34 and 56",
		"the line\x00ends\u009b here":                                       "the line ends  here",
	} {
		if got := text.Excerpt(in, 64); got != want {
			t.Errorf("Excerpt(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestExcerptIsBounded(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		strings.Repeat("x", 1000), strings.Repeat("码", 1000), strings.Repeat("\xff", 1000), strings.Repeat("\u200b", 1000),
		strings.Repeat("12345 x", 1000), strings.Repeat("1", 1000) + "x13800138000",
	} {
		for limit := range 100 {
			got := text.Excerpt(in, limit)
			if len(got) > limit || !utf8.ValidString(got) || strings.Contains(got, "12345") || strings.Contains(got, "138") {
				t.Errorf("Excerpt(%.20q..., %d) = %q", in, limit, got)
			}
		}
	}
	if got, want := text.Excerpt(strings.Repeat("x", 1000), 64), strings.Repeat("x", 64); got != want {
		t.Errorf("Excerpt = %q, want %q", got, want)
	}
}

func FuzzExcerpt(f *testing.F) {
	for _, in := range []string{"", "+86 (138) 0013-8000", "\xff\u009b\u200b", "١٣٨٠٠", strings.Repeat("1 ", 40)} {
		f.Add(in, 16)
	}
	f.Fuzz(func(t *testing.T, in string, limit int) {
		limit = min(max(limit, 0), 1<<10)
		got := text.Excerpt(in, limit)
		if len(got) > limit || !utf8.ValidString(got) {
			t.Errorf("Excerpt(%q, %d) = %q: too long or not valid", in, limit, got)
		}
		digits := 0
		for _, r := range got {
			if !unicode.IsGraphic(r) {
				t.Errorf("Excerpt(%q) holds %q", in, r)
			}
			if digits++; !unicode.IsNumber(r) && !unicode.IsSpace(r) {
				digits = 0
			} else if unicode.IsSpace(r) {
				digits-- // spaces are not digits and do not end a number
			}
			if digits > 4 {
				t.Fatalf("Excerpt(%q) = %q: a long number", in, got)
			}
		}
	})
}

type textError string

func (e textError) Error() string { return string(e) }

type panickingError struct{ value any }

func (e panickingError) Error() string { panic(e.value) }

type panickingStringer struct{}

func (panickingStringer) String() string { panic("again") }

func TestOf(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"":      textError(""),
		"plain": textError("plain"),
		"panic in Error of text_test.panickingError: boom": panickingError{"boom"},
		"panic in Error of text_test.panickingError: 7":    panickingError{7},
	} {
		if got := text.Of(err); got != want {
			t.Errorf("Of(%T) = %q, want %q", err, got, want)
		}
	}
	for _, err := range []error{nil, (*textError)(nil), panickingError{nil}, panickingError{panickingStringer{}}} {
		if got := text.Of(err); !strings.HasPrefix(got, "panic in Error of ") {
			t.Errorf("Of(%T) = %q, want the panic", err, got)
		}
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in    string
		limit int
		want  string
	}{
		{"", 0, ""},
		{"abc", 3, "abc"},
		{"abc", 2, "ab"},
		{"abc", 0, ""},
		{"abc", -1, ""},
		{"码码", 6, "码码"},
		{"码码", 5, "码"},
		{"码码", 3, "码"},
		{"码码", 2, ""},
		{"a\x80\x80\x80", 3, ""}, // the last rune boundary
	}
	for _, tt := range tests {
		if got := text.Cut(tt.in, tt.limit); got != tt.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
}

// The gRPC protocol encodes each byte outside 0x20 to 0x7e, and '%', as three
// bytes.
func TestEncodedLen(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int{
		"": 0, "az ~": 4, "%": 3, "\n": 3, "\x7f": 3, "é": 6, "码": 9, "😀": 12, "a码%": 13,
	} {
		if got := text.EncodedLen(in); got != want {
			t.Errorf("EncodedLen(%q) = %d, want %d", in, got, want)
		}
	}
}

func TestCutMessage(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"", "abc", "%%%", "码码码", "a码b%c", "😀a", strings.Repeat("ab%码", 50)} {
		for limit := range text.EncodedLen(in) + 2 {
			got := text.CutMessage(in, limit)
			if !strings.HasPrefix(in, got) || !utf8.ValidString(got) || text.EncodedLen(got) > limit {
				t.Errorf("CutMessage(%q, %d) = %q, which is too long or no prefix", in, limit, got)
			}
			if rest := in[len(got):]; rest != "" {
				_, size := utf8.DecodeRuneInString(rest)
				if next := in[:len(got)+size]; text.EncodedLen(next) <= limit {
					t.Errorf("CutMessage(%q, %d) = %q, though %q fits", in, limit, got, next)
				}
			}
		}
	}
}
