package command_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator/command"
)

func TestHelpGoesToStdout(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	if got := command.Run(t.Context(), []string{"--help"}, &stdout, &stderr); got != 0 {
		t.Errorf("exit code = %d, want 0", got)
	}
	for _, want := range []string{"Modelled", "Guessed", "then-success-N", "-native-status", "fault-KIND", "-mix", "-seed"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("help does not mention %s", want)
		}
	}
	if stderr.Len() > 0 {
		t.Errorf("stderr = %q, want nothing", &stderr)
	}
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	existing := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(existing, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		args []string
		want int
	}{
		{"unknown flag", []string{"-x"}, 2},
		{"argument", []string{"x"}, 2},
		{"negative limit", []string{"-qps", "-1"}, 2},
		{"negative balance", []string{"-balance", "-1"}, 2},
		{"unknown zone", []string{"-zone", "Nowhere"}, 2},
		{"captcha code too large", []string{"-captcha-success-code", "2147483648"}, 2},
		{"mix of more than all", []string{"-mix", "9003=60,fault-reset=60"}, 2},
		{"mix with an unknown fault", []string{"-mix", "fault-x=1"}, 2},
		{"negative latency", []string{"-latency", "-1s"}, 2},
		{"missing key", []string{"-public-key", existing + ".none"}, 2},
		{"no key", []string{"-public-key", existing}, 2},
		{"file in the way", []string{"-private-key-out", existing}, 1},
		{"no such address", []string{"-addr", "127.0.0.1:none"}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			if got := command.Run(t.Context(), tt.args, &stdout, &stderr); got != tt.want {
				t.Errorf("exit code = %d, want %d", got, tt.want)
			}
			if !strings.HasPrefix(stderr.String(), "simulator: ") || stdout.Len() > 0 {
				t.Errorf("stdout = %q, stderr = %q", &stdout, &stderr)
			}
		})
	}
	if text, err := os.ReadFile(existing); err != nil || string(text) != "mine" {
		t.Errorf("existing key file was changed: %q, %v", text, err)
	}
}

// TestServeAndShutDown starts on a free port, calls once and stops.
func TestServeAndShutDown(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	key := filepath.Join(t.TempDir(), "key.pem")
	out, in := io.Pipe()
	exit := make(chan int, 1)
	go func() {
		exit <- command.Run(ctx, []string{"-addr", "127.0.0.1:0", "-private-key-out", key, "-mix", "1804=100", "-seed", "7"}, in, io.Discard)
		in.Close()
	}()

	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	_, url, ok := strings.Cut(strings.TrimSpace(line), "listening on ")
	if !ok {
		t.Fatalf("first line = %q", line)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v1/web/verify", strings.NewReader(`{"token":"any"}`))
	if err != nil {
		t.Fatal(err)
	}
	config := simulator.DefaultConfig()
	request.SetBasicAuth(config.AppKey, config.MasterSecret)
	request.Header.Set("Content-Type", "application/json")
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	if text, err := io.ReadAll(reply.Body); err != nil || !strings.Contains(string(text), `"code":1804`) {
		t.Errorf("reply = %q, %v; want code 1804", text, err)
	}
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("private key file: %v, %v", info, err)
	}

	cancel()
	if got := <-exit; got != 0 {
		t.Errorf("exit code = %d, want 0", got)
	}
}
