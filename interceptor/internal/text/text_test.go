package text_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "plain": "plain", "码\n": "码\n", "a\xff\xfeb": "a\uFFFDb", "\xe7\xa0": "\uFFFD", "a\uFFFDb": "a\uFFFDb",
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
	} {
		if got := text.OneLine(in); got != want {
			t.Errorf("OneLine(%q) = %q, want %q", in, got, want)
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
		{"a\x80\x80\x80", 3, ""}, // the last place where a rune begins
	}
	for _, tt := range tests {
		if got := text.Cut(tt.in, tt.limit); got != tt.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
}

// The gRPC protocol encodes each byte outside 0x20 to 0x7e, and '%', as three.
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
