package importer

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// neutral is the neutral sentence of a new table in the languages that this
// package knows.
var neutral = map[string]string{
	"en": "The service is not available at the moment. Please try again later.",
	"zh": "服务暂时不可用，请稍后再试。",
}

const fileHead = `syntax = "proto3";

package %s;

import "codetable/v1/codetable.proto";

option go_package = %q;

%s//
%s`

// newFile returns a .proto file with an enum of the entries.
func newFile(o *Options, prefix string, list []*entry, locale string, todos []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, fileHead, o.Package, o.GoPackage,
		comment(fmt.Sprintf("%s contains the response codes of %s.", o.Enum, commentText(o.Name)), maxLine),
		comment("Declare every field of this type `optional`, so that an unset field is never read as a code.", maxLine))
	for _, todo := range todos {
		b.WriteString("// TODO(codetable): " + todo + "\n")
	}
	fmt.Fprintf(&b, "enum %s {\n", o.Enum)
	if locale == "" {
		fmt.Fprintf(&b, "  option (codetable.v1.table) = {domain: %q};\n\n", o.Domain)
	} else {
		base, _, _ := strings.Cut(locale, "-")
		sentence := message{locale, cmp.Or(neutral[base], neutral["en"])}
		b.WriteString(indented("  ", fmt.Sprintf("option (codetable.v1.table) = {\n\tdomain: %q\n%s\tdefault_locale: %q\n};\n",
			o.Domain, sentence.field("default_user_messages"), locale)) + "\n\n")
	}
	for _, e := range list {
		b.WriteString(indented("  ", e.value(prefix)) + "\n")
	}
	b.WriteString("}\n")
	return b.String()
}

// defaultLocale returns the language that most codes have a sentence in.
func defaultLocale(list []*entry) (best string) {
	count := map[string]int{}
	for _, e := range list {
		for _, m := range e.messages {
			count[m.language]++
		}
	}
	for tag, n := range count {
		if n > count[best] || n == count[best] && tag < best {
			best = tag
		}
	}
	return best
}

// value returns a value of the enum with its comment and its option, indented
// with tabs.
func (e *entry) value(prefix string) string {
	words := strings.ToLower(strings.ReplaceAll(e.name, "_", " "))
	notes := e.notes
	if !e.success() {
		notes = cmp.Or(e.notes, e.description, words)
	}
	var b strings.Builder
	b.WriteString(valueComment(notes, e.description, words))
	for _, todo := range e.todos {
		b.WriteString("// TODO(codetable): " + commentText(todo) + "\n")
	}
	if e.number == 0 && e.name != "UNSPECIFIED" {
		b.WriteString("// buf:lint:ignore ENUM_ZERO_VALUE_SUFFIX the upstream publishes this code as number 0\n")
	}
	fmt.Fprintf(&b, "%s%s = %d [(codetable.v1.code) = {\n\tgrpc_code: %s\n", prefix, e.name, e.number, e.grpcCode)
	for _, field := range []struct{ name, text string }{{"description", e.description}, {"notes", notes}, {"resolution", e.resolution}} {
		if field.text != "" {
			fmt.Fprintf(&b, "\t%s: %q\n", field.name, field.text)
		}
	}
	if !e.success() {
		fmt.Fprintf(&b, "\tfault: %s\n\tretry: {action: %s}\n", e.fault, e.retry)
	}
	for _, m := range e.messages {
		b.WriteString(m.field("user_messages"))
	}
	b.WriteString("}];\n")
	return b.String()
}

// valueComment returns the comment of a value: the first of its texts.
func valueComment(texts ...string) string {
	for i := range texts {
		texts[i] = commentText(texts[i])
	}
	return comment(sentence(cmp.Or(texts...)), maxLine-2)
}

func (m message) field(name string) string {
	return fmt.Sprintf("\t%s: {\n\t\tkey: %q\n\t\tvalue: %q\n\t}\n", name, m.language, m.text)
}

// sentence adds a full stop, and begins a plain word with a capital letter.
func sentence(s string) string {
	first, _, _ := strings.Cut(s, " ")
	if !strings.ContainsFunc(first, func(r rune) bool { return !unicode.IsLower(r) }) {
		r, size := utf8.DecodeRuneInString(s)
		s = string(unicode.ToUpper(r)) + s[size:]
	}
	return strings.TrimRight(s, ".。") + "."
}

// indented indents lines that are indented with tabs: each by indent and, if it
// has no tab, with two spaces for a tab. It removes the last line break.
func indented(indent, lines string) string {
	lines = strings.TrimSuffix(lines, "\n")
	if !strings.Contains(indent, "\t") {
		lines = strings.ReplaceAll(lines, "\t", "  ")
	}
	return indent + strings.ReplaceAll(lines, "\n", "\n"+indent)
}
