// Package cataloguetest reads catalogues for tests of what is generated.
package cataloguetest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/source"
)

// Linked returns the tables of JVerification, with their comments.
func Linked(tb testing.TB) *catalogue.Catalogue {
	tb.Helper()
	return load(tb, "../../../../proto")
}

// Library returns the small table of the scripts.
func Library(tb testing.TB) *catalogue.Catalogue {
	tb.Helper()
	return load(tb, "../cli/testdata/gen/library")
}

// Parse returns the tables of .proto files, given by name.
func Parse(tb testing.TB, files map[string]string) *catalogue.Catalogue {
	tb.Helper()
	dir := tb.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return load(tb, dir)
}

// Hostile are texts that try to leave the place where they are printed.
func Hostile() []string {
	return []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `[click](javascript:alert(1))`, `![i](https://evil.example/x.png)`,
		"a | b | c", "line\n\n# Heading\n\n- item", "```\ncode", "`half", "a ` b `` c", `*bold* _em_ ~~gone~~ \`, "--- ", "1. one", "<!-- comment", "</a></dd></table>",
		"&lt;b&gt; &#60;", "{{ $value }} {{.}}", "'; DROP", "\u202egnp.exe", "\x1b[31mred", "<https://evil.example/>", "https://evil.example/auto", "[ref]: https://evil.example/", "$x$",
	}
}

// HostileTable returns a table whose texts are all hostile.
func HostileTable(tb testing.TB) *catalogue.Catalogue {
	tb.Helper()
	var b strings.Builder
	b.WriteString("syntax = \"proto3\";\npackage hostile.v1;\nimport \"codetable/v1/codetable.proto\";\n")
	b.WriteString("// <script>alert(0)</script> `half\n//\n// # Heading\n// [a](javascript:alert(1))\nenum HostileCode {\n")
	b.WriteString("option (codetable.v1.table) = {domain: " + quote(`d"<i>.example`) + " help_url: " + quote(`javascript:alert(1)//{reason}`) +
		" time_zone: " + quote("<b>") + " default_user_messages: {key: \"en\" value: " + quote("<u>") + "}};\n")
	for i, text := range Hostile() {
		b.WriteString("HOSTILE_CODE_" + strconv.Itoa(i) + " = " + strconv.Itoa(i) + " [(codetable.v1.code) = {grpc_code: GRPC_CODE_INTERNAL fault: FAULT_OPERATOR" +
			" retry: {action: RETRY_ACTION_OPERATOR_ACTION} reason: " + quote(text+strconv.Itoa(i)) + " description: " + quote(text) + " notes: " + quote(text) +
			" resolution: " + quote(text) + " detail: {type: DETAIL_TYPE_BAD_REQUEST subject: " + quote(text) + "} user_messages: {key: \"en\" value: " + quote(text) + "}}];\n")
	}
	b.WriteString("}\nmessage M {}\nservice S { rpc Call(M) returns (M) { option (codetable.v1.method) = {codes: {domain: " + quote(`d"<i>.example`) + " reasons: [")
	reasons := make([]string, 0, len(Hostile()))
	for i, text := range Hostile() {
		reasons = append(reasons, quote(text+strconv.Itoa(i)))
	}
	b.WriteString(strings.Join(reasons, ", ") + "]}}; } }\n")
	return Parse(tb, map[string]string{"hostile.proto": b.String()})
}

// quote writes a string literal of protobuf.
func quote(s string) string { return strconv.QuoteToASCII(s) }

func load(tb testing.TB, dir string) *catalogue.Catalogue {
	tb.Helper()
	set, err := source.Proto(tb.Context(), []string{dir})
	if err != nil {
		tb.Fatal(err)
	}
	c, err := catalogue.New(set)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}
