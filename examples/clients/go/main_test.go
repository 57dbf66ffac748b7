package main

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// program returns the gateway. make builds it for the clients of all languages.
func program(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("CODETABLE_GATEWAY"); path != "" {
		return path
	}
	path := filepath.Join(t.TempDir(), "gateway")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "../../gateway/cmd/gateway").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

var address = regexp.MustCompile(`msg="gateway is listening" address=(\S+)`)

// serve runs the gateway in front of its simulator until the test ends, and returns
// its address.
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

// TestInspect asks a gateway that shows every code, and one that hides what only its
// operator can fix.
func TestInspect(t *testing.T) {
	t.Parallel()
	path := program(t)
	internal, public := serve(t, path, "-internal"), serve(t, path)
	tests := []struct {
		name, addr, token, locale string
		want                      string // a pattern of the whole output
	}{
		{"verified", internal, "phone-13800138000-once", "en", `The number is verified: code 9000, id [0-9]+\.\n`},
		{"not consistent", internal, "code-9001", "en", `error: .* 9001 VERIFY_NOT_CONSISTENT: .*\nto do:   the answer is no.*\nretry:   no\nuser: .*not the one.*\n`},
		{"spent", internal, "code-9003", "en", `error: .*\nto do: .*another token\nretry:   with a fresh token\nuser: .*\n`},
		{"too soon, in Chinese", internal, "code-9005", "zh-Hans-CN", `error: .*\nto do:   verify another way.*\nretry:   with a fresh token, in 30s\nuser: .*半分钟.*\n`},
		{"until midnight", internal, "code-9006", "en", `error: .*\nto do: .*\nretry:   with a fresh token, in ([0-9]+h)?[0-9]+m[0-9]+s\nuser: .*\n`},
		{"may be repeated", internal, "code-2000", "en", `error: .* 2000 INTERNAL_ERROR: .*\nto do: .*\nretry:   the same request, in 1s\nuser: .*\n`},
		{"unlisted, in an unknown language", internal, "code-77", "tlh", `error: .* 77 UNRECOGNIZED_CODE: .*\nto do: .*\nretry:   no\nuser: .*try again later.*\n`},
		{"invalid", internal, "", "en", `error: .* 9012 PARAMETER_INVALID: .*\nto do: .*\nretry:   no\nuser: .*\n`},
		{"public", public, "code-9003", "en", `error: .* 9003 TOKEN_EXPIRED_OR_NOT_EXIST: .*\nto do: .*\nretry: .*\nuser: .*\n`},
		{"masked", public, "code-9018", "en", `error: .*Internal.*\nto do:   tell the operator the request id [A-Z2-7]{26}\nretry:   no\nuser:    The service is .*\.\n`},
		{"masked, in Chinese", public, "code-9018", "zh-CN", `error: .*\nto do: .*\nretry: .*\nuser:    服务暂时不可用，请稍后再试。\n`},
		{"masked until the next day", public, "code-9007", "en", `error: .*\nto do: .*\nretry:   with a fresh token, in ([0-9]+h)?[0-9]+m[0-9]+s\nuser: .*\n`},
		{"masked for a moment", public, "code-1804", "en", `error: .*\nto do: .*\nretry:   the same request, in 1s\nuser: .*\n`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var stdout strings.Builder
			req := &jverificationv1.VerifyNumberRequest{Phone: "13800138000", Token: tt.token}
			if err := inspect(t.Context(), &stdout, tt.addr, tt.locale, req); err != nil {
				t.Fatal(err)
			}
			if !regexp.MustCompile(`\A` + tt.want + `\z`).MatchString(stdout.String()) {
				t.Errorf("output does not match %s:\n%s", tt.want, &stdout)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	var stdout strings.Builder
	err = inspect(t.Context(), &stdout, listener.Addr().String(), "en", &jverificationv1.VerifyNumberRequest{})
	if status.Code(err) != codes.Unavailable || stdout.Len() > 0 {
		t.Errorf("error = %v, output = %q", err, &stdout)
	}
}
