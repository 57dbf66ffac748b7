package importer

import (
	"cmp"
	"fmt"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
)

// neutral is the neutral sentence of a new table in the languages that this
// package knows.
var neutral = map[string]string{
	"en": "The service is not available at the moment. Please try again later.",
	"zh": "服务暂时不可用，请稍后再试。",
}

// placeholder is the domain of a table whose owner did not name one.
const placeholder = "example.invalid"

// newFile returns a .proto file with an enum of the entries, and how many
// decisions its enum leaves open.
func newFile(o *Options, list []*entry) (file string, todos int) {
	var b strings.Builder
	fmt.Fprintf(&b, "syntax = \"proto3\";\n\npackage %s;\n\nimport \"codetable/v1/codetable.proto\";\n\noption go_package = %s;\n\n",
		o.Package, quote(o.GoPackage))
	wrap(&b, "", fmt.Sprintf("%s contains the response codes of %s.", o.Enum, commentText(o.Name)))
	b.WriteString("//\n")
	wrap(&b, "", "Declare every field of this type `optional`, so that an unset field is never read as a code.")
	var open []string
	if o.Domain == placeholder {
		open = append(open, "domain: name the service that defines the codes; it is wire contract")
	}
	if o.packageGuessed {
		open = append(open, "package: choose the package; it is wire contract")
	}
	if o.goPackageGuessed {
		open = append(open, "go_package: choose the Go package, or let buf's managed mode set it")
	}
	locale := defaultLocale(list)
	if locale != "" {
		open = append(open, "default_user_messages: write the neutral sentence of the table")
	}
	for _, todo := range open {
		b.WriteString("// TODO(codetable): " + todo + "\n")
	}
	fmt.Fprintf(&b, "enum %s {\n", o.Enum)
	writeTable(&b, o, locale)
	b.WriteByte('\n')
	for _, e := range list {
		b.WriteString(render(e, o.prefix, "  "))
	}
	b.WriteString("}\n")
	return b.String(), len(open)
}

func writeTable(b *strings.Builder, o *Options, locale string) {
	if locale == "" {
		fmt.Fprintf(b, "  option (codetable.v1.table) = {domain: %s};\n", quote(o.Domain))
		return
	}
	base, _, _ := strings.Cut(locale, "-")
	text := cmp.Or(neutral[base], neutral["en"])
	fmt.Fprintf(b, "  option (codetable.v1.table) = {\n    domain: %s\n", quote(o.Domain))
	writeMessage(b, "    ", "default_user_messages", message{locale, text})
	fmt.Fprintf(b, "    default_locale: %s\n  };\n", quote(locale))
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

// render returns a value of the enum with its comment and its option.
func render(e *entry, prefix, indent string) string {
	var b strings.Builder
	about := cmp.Or(commentText(e.notes), commentText(e.description), e.name)
	wrap(&b, indent, sentence(about))
	for _, todo := range e.todos {
		b.WriteString(indent + "// TODO(codetable): " + commentText(todo) + "\n")
	}
	if e.number == 0 && e.name != "UNSPECIFIED" {
		b.WriteString(indent + "// buf:lint:ignore ENUM_ZERO_VALUE_SUFFIX the upstream publishes this code as number 0\n")
	}
	fmt.Fprintf(&b, "%s%s%s = %d [(codetable.v1.code) = {\n", indent, prefix, e.name, e.number)
	step := "  "
	if strings.Contains(indent, "\t") {
		step = "\t"
	}
	inner := indent + step
	fmt.Fprintf(&b, "%sgrpc_code: %s\n", inner, e.grpcCode)
	for _, field := range []struct{ name, text string }{{"description", e.description}, {"notes", e.notes}, {"resolution", e.resolution}} {
		if field.text != "" {
			fmt.Fprintf(&b, "%s%s: %s\n", inner, field.name, quote(field.text))
		}
	}
	if !e.success() {
		fmt.Fprintf(&b, "%sfault: %s\n%sretry: {action: %s}\n", inner, e.fault, inner, e.retry)
	}
	for _, m := range e.messages {
		writeMessage(&b, inner, "user_messages", m)
	}
	b.WriteString(indent + "}];\n")
	return b.String()
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

func writeMessage(b *strings.Builder, indent, field string, m message) {
	fmt.Fprintf(b, "%s%s: {\n%s  key: %s\n%s  value: %s\n%s}\n", indent, field, indent, quote(m.language), indent, quote(m.text), indent)
}

// unspecified is the zero value of a table without a code 0. It is a failure.
func unspecified() *entry {
	return &entry{
		name:     "UNSPECIFIED",
		grpcCode: codetablev1.GrpcCode_GRPC_CODE_UNKNOWN,
		notes:    "no code",
		fault:    codetablev1.Fault_FAULT_UPSTREAM,
		retry:    codetablev1.RetryAction_RETRY_ACTION_NEVER,
	}
}

// nameEntries gives each entry a name of its own.
func nameEntries(list []*entry, n *names, owners map[string]int32) {
	for _, e := range list {
		for try := 0; !n.take(n.prefix + e.name); try++ {
			owner, known := owners[n.fold(n.prefix+e.name)]
			switch {
			case try == 0 && known:
				e.todo("name: %s is also proposed for %d", e.name, owner)
			case try == 0:
				e.todo("name: %s is taken or reserved", e.name)
			}
			number := strconv.Itoa(int(e.number))
			if try > 0 {
				number += "_" + strconv.Itoa(try)
			}
			e.name = withNumber(e.name, number)
		}
		owners[n.fold(n.prefix+e.name)] = e.number
	}
}

var packageRule = lazy(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)

// packageOf proposes a package by a domain: its labels in reverse order.
func packageOf(domain string) string {
	labels := strings.Split(strings.ReplaceAll(domain, "-", "_"), ".")
	for i, j := 0, len(labels)-1; i < j; i, j = i+1, j-1 {
		labels[i], labels[j] = labels[j], labels[i]
	}
	name := strings.Join(append(labels, "v1"), ".")
	if domain == placeholder || !packageRule().MatchString(name) {
		return "example.v1"
	}
	return name
}

// goPackageOf proposes a Go package by a proto package.
func goPackageOf(pkg string) string {
	folder := strings.ReplaceAll(pkg, ".", "/")
	last := path.Base(folder)
	if parent := path.Base(path.Dir(folder)); strings.HasPrefix(last, "v") && parent != "." {
		last = strings.ReplaceAll(parent, "_", "") + last
	}
	return "example.com/todo/gen/" + folder + ";" + last
}
