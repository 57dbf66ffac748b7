// Package cataloguetest reads catalogues for tests of what is generated.
package cataloguetest

import (
	"fmt"
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

// Services returns a table with one code of the upstream, and services that declare
// it.
func Services(tb testing.TB, names ...string) *catalogue.Catalogue {
	tb.Helper()
	var b strings.Builder
	b.WriteString(`syntax = "proto3";
package plain.v1;
import "codetable/v1/codetable.proto";
enum PlainCode {
  option (codetable.v1.table) = {domain: "plain.example.com"};
  PLAIN_CODE_LOST = 0 [(codetable.v1.code) = {
    grpc_code: GRPC_CODE_UNAVAILABLE notes: "lost" fault: FAULT_UPSTREAM retry: {action: RETRY_ACTION_SAME_REQUEST}
  }];
}
message M {}
`)
	for _, name := range names {
		fmt.Fprintf(&b, `service %s {
  rpc Call(M) returns (M) { option (codetable.v1.method) = {codes: {domain: "plain.example.com" reasons: "LOST"}}; }
}
`, name)
	}
	return Parse(tb, map[string]string{"plain.proto": b.String()})
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
	return textTable(tb, "javascript:alert(1)//{reason}", func(text string) string { return text })
}

// HarmlessTable is HostileTable with a word for each text.
func HarmlessTable(tb testing.TB) *catalogue.Catalogue {
	tb.Helper()
	return textTable(tb, "javascript:{reason}", func(string) string { return "text" })
}

// textTable returns a table with a code for each hostile text.
func textTable(tb testing.TB, helpURL string, as func(string) string) *catalogue.Catalogue {
	tb.Helper()
	domain := quote(as(`d"<i>.example`))
	var b strings.Builder
	fmt.Fprintf(&b, `syntax = "proto3";
package hostile.v1;
import "codetable/v1/codetable.proto";
// %s
//
// %s
enum HostileCode {
  option (codetable.v1.table) = {
    domain: %s help_url: %s time_zone: %s default_user_messages: {key: "en" value: %s}
  };
`, as("# <script>alert(0)</script> `half"), as("[a](javascript:alert(1))"), domain, quote(helpURL), quote(as("<b>")), quote(as("<u>")))
	reasons := make([]string, 0, len(Hostile()))
	for i, hostile := range Hostile() {
		text, reason := quote(as(hostile)), quote(as(hostile)+strconv.Itoa(i))
		reasons = append(reasons, reason)
		fmt.Fprintf(&b, `  HOSTILE_CODE_%[1]d = %[1]d [(codetable.v1.code) = {
    grpc_code: GRPC_CODE_INTERNAL fault: FAULT_OPERATOR retry: {action: RETRY_ACTION_OPERATOR_ACTION}
    reason: %[2]s description: %[3]s notes: %[3]s resolution: %[3]s
    detail: {type: DETAIL_TYPE_BAD_REQUEST subject: %[3]s} user_messages: {key: "en" value: %[3]s}
  }];
`, i, reason, text)
	}
	fmt.Fprintf(&b, `}
message M {}
service S {
  rpc Call(M) returns (M) {
    option (codetable.v1.method) = {codes: {domain: %s reasons: [%s]}};
  }
}
`, domain, strings.Join(reasons, ", "))
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
