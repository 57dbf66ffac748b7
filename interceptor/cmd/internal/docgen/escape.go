package docgen

import (
	"regexp"
	"strings"
	"unicode"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

var (
	// special are the characters with a meaning in a line of Markdown.
	special = regexp.MustCompile("[\\\\`*\\[\\]|~$]")
	// angle are the characters that begin HTML and entities.
	angle = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	// address are the beginnings of what GitHub turns into a link.
	address = strings.NewReplacer("://", `\://`, "www.", `www\.`)
	// block matches the beginning of a heading, a list, a rule or a quote.
	block = regexp.MustCompile(`^(?:[#+=_-]|\d{1,9}[.)])`)
)

// inline returns a text of a table as Markdown on one line. Only its code spans
// keep their meaning.
func inline(s string) string {
	parts := strings.Split(oneLine(s), "`")
	if len(parts)%2 == 0 { // the last backtick closes no code span
		return plain(strings.Join(parts, "`"))
	}
	for i, part := range parts {
		switch {
		case i%2 == 0:
			parts[i] = plain(part)
		case strings.TrimSpace(part) == "":
			parts[i] = "\\`" + part + "\\`"
		default:
			parts[i] = code(part)
		}
	}
	return strings.Join(parts, "")
}

// plain escapes all that has a meaning in Markdown. An underscore inside a word
// has none.
func plain(s string) string {
	runes := []rune(address.Replace(angle.Replace(special.ReplaceAllString(s, `\$0`))))
	var b strings.Builder
	for i, r := range runes {
		if r == '_' && (i == 0 || i == len(runes)-1 || !isWord(runes[i-1]) || !isWord(runes[i+1])) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// paragraph is inline for a text that begins a line.
func paragraph(s string) string {
	s = inline(s)
	if loc := block.FindStringIndex(s); loc != nil {
		return s[:loc[1]-1] + `\` + s[loc[1]-1:]
	}
	return s
}

// comment returns the paragraphs of the comment of a descriptor.
func comment(d protoreflect.Descriptor) (list []string) {
	for part := range strings.SplitSeq(catalogue.Comment(d), "\n\n") {
		if strings.TrimSpace(part) != "" {
			list = append(list, part)
		}
	}
	return list
}

// code returns a name in a code span, which also fits into a cell.
func code(s string) string {
	s = strings.NewReplacer("`", "'", "|", `\|`).Replace(oneLine(s))
	return "`" + strings.TrimSpace(s) + "`"
}

// link returns the address of a document, as a link if it is safe.
func link(url string) string {
	if !strings.HasPrefix(url, "https://") && !strings.HasPrefix(url, "http://") || strings.ContainsAny(url, "<> \\`|") {
		return code(url)
	}
	return "<" + oneLine(url) + ">"
}

// attribute returns a text for an attribute of HTML.
func attribute(s string) string {
	return strings.ReplaceAll(angle.Replace(oneLine(s)), `"`, "&quot;")
}

func oneLine(s string) string { return strings.Join(strings.Fields(text.OneLine(s)), " ") }
