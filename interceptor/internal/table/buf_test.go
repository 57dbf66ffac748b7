package table_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// hardNames are enum names whose words are difficult to find.
var hardNames = strings.Fields(`
	TestCode ResponseCode A2AError HTTPCode IPv4Code IPv6 X509 X509v3Code Oauth2Token OAuth OAuth2Error URLs IDs iOSCode eIDASCode
	V2 V2Ray V2V3 CodeV2 CodeV2Beta TLS13Alert GRPCWebCode Base64URLCode Http2Code HTTP2Code XMLHttpRequest XMLHTTPRequest
	ISO8583 ISO8583Field39 I18nCode L10n UTF8Code Utf8 SHA256 SHA3_256 MD5Sum H2O B2B B2Bb P2PTransfer
	A AB ABC AA1 A1 A1B A1b Ab1C Aa1Bb2 X9 a aa aB aA1 a1B2 a1b2 x9Y x9y xYz xYZ
	_Leading __Two___Many__ Trailing_ Foo__Bar snake_case Snake_Case UPPER_CASE A_B A_b a_B _a _A1 x_Y9 xY_zW FooBAR_baz A__1B
`)

// The prefix of an enum is the one that buf requires. The reasons are the names
// of the values without this prefix, and reasons are wire contract.
func TestValuePrefixAgreesWithBuf(t *testing.T) {
	t.Parallel()
	buf := bufPath(t)
	if len(hardNames) < 40 {
		t.Fatalf("%d names, want at least 40", len(hardNames))
	}
	if report := lint(t, buf, hardNames, func(prefix string) []string { return []string{prefix} }); len(report) > 0 {
		t.Errorf("buf refuses:\n%s", strings.Join(report, "\n"))
	}
}

// This test would notice if buf accepted another prefix too, such as a shorter
// one.
func TestBufRefusesEveryOtherPrefix(t *testing.T) {
	t.Parallel()
	want := 0
	report := lint(t, bufPath(t), hardNames, func(prefix string) []string {
		altered := []string{"X" + prefix, strings.TrimSuffix(prefix, "_") + "X"}
		for i, c := range strings.TrimSuffix(prefix, "_") {
			if c == '_' {
				altered = append(altered, prefix[:i]+prefix[i+1:])
			} else if i > 0 {
				altered = append(altered, prefix[:i]+"_"+prefix[i:])
			}
		}
		want += len(altered)
		return altered
	})
	if len(report) != want {
		t.Errorf("buf refuses %d altered prefixes, want all %d", len(report), want)
	}
}

// bufPath skips the test if the pinned buf is missing, and fails it in CI.
func bufPath(t *testing.T) string {
	t.Helper()
	path := os.Getenv("BUF")
	if path != "" {
		return path
	}
	const want = "set BUF to the path of the buf that the Makefile pins, as make test does"
	if os.Getenv("CI") == "true" {
		t.Fatalf("BUF is not set: %s", want)
	}
	t.Skipf("SKIPPED: the prefix of enum values was not compared with the prefix of buf lint: %s", want)
	return ""
}

var reported = regexp.MustCompile(`(?m)^.*\.proto:\d+:\d+:.*should be prefixed.*$`)

// lint writes a module with one package for each enum and prefix, and returns
// the output of buf lint.
func lint(t *testing.T, buf string, names []string, prefixes func(string) []string) []string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("buf.yaml", "version: v2\nlint:\n  use: [ENUM_VALUE_PREFIX]\n")
	for i, name := range names {
		for j, prefix := range prefixes(table.ValuePrefix(protoreflect.Name(name))) {
			pkg := fmt.Sprintf("e%d.v%d", i, j)
			write(pkg+".proto", fmt.Sprintf("syntax = \"proto3\";\npackage %s;\nenum %s {\n  %sUNSPECIFIED = 0;\n}\n", pkg, name, prefix))
		}
	}
	cmd := exec.CommandContext(t.Context(), buf, "lint")
	var stderr bytes.Buffer
	cmd.Dir, cmd.Stderr = dir, &stderr
	cmd.Env = append(os.Environ(), "BUF_CACHE_DIR="+t.TempDir())
	out, err := cmd.Output()
	const found = 100 // the exit code of buf lint for a violation
	if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != found) {
		t.Fatalf("buf lint: %v\n%s%s", err, out, &stderr)
	}
	lines := reported.FindAllString(string(out), -1)
	if all := strings.Count(string(out), "\n"); all != len(lines) {
		t.Fatalf("buf lint printed something else:\n%s", out)
	}
	return lines
}
