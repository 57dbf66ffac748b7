package main_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var address = regexp.MustCompile(`msg="gateway is listening" address=(\S+)`)

// serve runs a gateway in front of its simulator until the test ends, and returns its address.
func serve(t *testing.T, program string, args ...string) string {
	t.Helper()
	gateway := exec.CommandContext(t.Context(), program, append([]string{"-simulate", "-addr", "127.0.0.1:0"}, args...)...)
	gateway.Cancel = func() error { return gateway.Process.Signal(os.Interrupt) }
	log, err := gateway.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := gateway.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = gateway.Wait() }) // the end of the test has interrupted it
	var said strings.Builder
	for lines := bufio.NewScanner(log); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if found := address.FindStringSubmatch(lines.Text()); found != nil {
			return found[1]
		}
	}
	t.Fatalf("the gateway does not listen:\n%s", &said)
	return ""
}

// TestClient calls a gateway that shows every code, and one that hides what only its
// operator can fix.
func TestClient(t *testing.T) {
	t.Parallel()
	bin := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "../../gateway/cmd/gateway", ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	gateway := filepath.Join(bin, "gateway")
	internal, public := serve(t, gateway, "-internal"), serve(t, gateway)
	tests := []struct {
		name, addr, token string
		want              string // a pattern of the whole output
	}{
		{"verified", internal, "phone-13800138000-once", "verified: true\n"},
		{"not consistent", internal, "code-9001", "verified: false\n9001 VERIFY_NOT_CONSISTENT FAULT_END_USER NEVER .*\n"},
		{"spent", internal, "code-9003", "have the SDK make another token\n9003 TOKEN_EXPIRED_OR_NOT_EXIST FAULT_END_USER NEW_INPUT .*验证.*\n"},
		{"repeated by gRPC", internal, "then-success-1804-once", "verified: true\n"},
		{"until midnight", internal, "code-9006", "verified: false\n9006 NUMBER_FREQUENCY_BEYOND_LIMIT FAULT_END_USER NEXT_WINDOW after [0-9hms]+ .*\n"},
		{"not listed", internal, "code-77", "verified: false\n77 UNRECOGNIZED_CODE FAULT_UNSPECIFIED UNSPECIFIED 服务暂时不可用，请稍后再试。\n"},
		{"public", public, "code-9003", "have the SDK make another token\n9003 .*\n"},
		{"masked", public, "code-9018", "verified: false\nmasked [A-Z2-7]{26} UNSPECIFIED 服务暂时不可用，请稍后再试。\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out, err := exec.CommandContext(t.Context(), filepath.Join(bin, "go"), tt.addr, tt.token).CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if !regexp.MustCompile(`\A` + tt.want + `\z`).Match(out) {
				t.Errorf("output does not match %s:\n%s", tt.want, out)
			}
		})
	}
}
