package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// binary is the gateway, built once.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(os.TempDir(), fmt.Sprintf("codetable-gateway-%d", os.Getpid()))
	out, err := exec.Command("go", "build", "-o", path, "../../gateway/cmd/gateway").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	m.Run()
	if path, err := binary(); err == nil {
		_ = os.Remove(path)
	}
}

var address = regexp.MustCompile(`msg="gateway is listening" address=(\S+)`)

// serve runs the gateway in front of its simulator and returns its address.
func serve(t *testing.T, args ...string) string {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	gateway := exec.CommandContext(t.Context(), path, append([]string{"-simulate", "-addr", "127.0.0.1:0"}, args...)...)
	gateway.Cancel = func() error { return gateway.Process.Signal(os.Interrupt) }
	log, err := gateway.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := gateway.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(log)
	var said strings.Builder
	for lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		if found := address.FindStringSubmatch(lines.Text()); found != nil {
			t.Cleanup(func() {
				_, _ = io.Copy(io.Discard, log)
				_ = gateway.Wait()
			})
			return found[1]
		}
	}
	t.Fatalf("the gateway did not listen: %v\n%s", gateway.Wait(), &said)
	return ""
}

func TestInspect(t *testing.T) {
	t.Parallel()
	addr := serve(t, "-internal")
	tests := []struct {
		name string
		args []string
		want []string
	}{
		{"verified", nil, []string{"The number is verified: code 9000, id 7205759403792793"}},
		{"not consistent", []string{"-token", "code-9001"}, []string{"9001 VERIFY_NOT_CONSISTENT", "the answer is no", "retry:   no\n", "not the number"}},
		{"spent", []string{"-token", "code-9003"}, []string{"another token", "retry:   with a fresh token\n"}},
		{"too soon, in Chinese", []string{"-token", "code-9005", "-locale", "zh-Hans-CN"}, []string{"verify another way", "with a fresh token, in 30s", "半分钟"}},
		{"until midnight", []string{"-token", "code-9006"}, []string{"with a fresh token, in "}},
		{"may be repeated", []string{"-token", "code-2000"}, []string{"2000 INTERNAL_ERROR", "the same request, in 1s"}},
		{"unlisted, in a language that nobody wrote", []string{"-token", "code-77", "-locale", "tlh"}, []string{"77 UNRECOGNIZED_CODE", "retry:   no\n", "try again later"}},
		{"invalid", []string{"-phone", ""}, []string{"9012 PARAMETER_INVALID"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var stdout strings.Builder
			if err := run(t.Context(), append([]string{"-addr", addr}, tt.args...), &stdout); err != nil {
				t.Fatal(err)
			}
			for _, want := range tt.want {
				if !strings.Contains(stdout.String(), want) {
					t.Errorf("output does not hold %q:\n%s", want, &stdout)
				}
			}
		})
	}
}

// TestInspectMasked asks a gateway that hides what only its operator can fix.
func TestInspectMasked(t *testing.T) {
	t.Parallel()
	addr := serve(t, "-public")
	tests := []struct {
		name, token, locale string
		want                *regexp.Regexp
	}{
		{"fault", "code-9018", "en", regexp.MustCompile(`(?s)\ANo response code came back: .*Internal.*\nto do:   tell the operator the request id [A-Z2-7]{26}\nretry:   no\nuser:    The service is .*\.\n\z`)},
		{"in Chinese", "code-9018", "zh-CN", regexp.MustCompile(`\nuser:    服务暂时不可用，请稍后再试。\n`)},
		{"until the next day", "code-9007", "en", regexp.MustCompile(`\nretry:   with a fresh token, in ([0-9]+h)?[0-9]+m[0-9]+s\n`)},
		{"for a moment", "code-1804", "en", regexp.MustCompile(`\nretry:   the same request, in 1s\n`)},
		{"not masked", "code-9003", "en", regexp.MustCompile(`9003 TOKEN_EXPIRED_OR_NOT_EXIST`)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var stdout strings.Builder
			if err := run(t.Context(), []string{"-addr", addr, "-token", tt.token, "-locale", tt.locale}, &stdout); err != nil {
				t.Fatal(err)
			}
			if !tt.want.MatchString(stdout.String()) {
				t.Errorf("output does not match %s:\n%s", tt.want, &stdout)
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	var stdout strings.Builder
	if err := run(t.Context(), []string{"-addr", listener.Addr().String()}, &stdout); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(stdout.String(), "No response code came back") {
		t.Errorf("output = %q", &stdout)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		args []string
		want error
		text string
	}{
		{"no address", nil, errNoAddress, ""},
		{"help", []string{"-help"}, flag.ErrHelp, "-locale"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var stdout strings.Builder
			if err := run(t.Context(), tt.args, &stdout); !errors.Is(err, tt.want) {
				t.Errorf("error = %v, want %v", err, tt.want)
			}
			if !strings.Contains(stdout.String(), tt.text) {
				t.Errorf("output = %q, want %q", &stdout, tt.text)
			}
		})
	}
	if !strings.Contains(errNoAddress.Error(), "go run ./gateway/cmd/gateway") {
		t.Errorf("%v does not say how to start a gateway", errNoAddress)
	}
}
