package kubernetes_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/server"
)

// asCommand makes the test binary the command gateway.
const asCommand = "GATEWAY_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		server.Main()
	}
	m.Run()
}

// settingsFile writes gateway.yaml with the folder of the Secret, and with other changes.
// Each change has to replace something once.
func settingsFile(t *testing.T, secrets map[string]string, changes ...string) string {
	t.Helper()
	dir := t.TempDir()
	for name, secret := range secrets {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
		changes = append(changes, "/run/secrets/gateway/"+name, filepath.Join(dir, name))
	}
	text, err := os.ReadFile("gateway.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(changes); i += 2 {
		if n := strings.Count(string(text), changes[i]); n != 1 {
			t.Fatalf("gateway.yaml has %q %d times, want once", changes[i], n)
		}
		text = []byte(strings.Replace(string(text), changes[i], changes[i+1], 1))
	}
	path := filepath.Join(dir, "gateway.yaml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// command runs the gateway with a file of settings, in an empty environment as in the pod.
func command(t *testing.T, file string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0], append([]string{"-config", file}, args...)...)
	c.Env = []string{asCommand + "=1"}
	return c
}

func TestSettings(t *testing.T) {
	t.Parallel()
	file := settingsFile(t, map[string]string{"master-secret": "secret", "redis-url": "redis://:password@redis:6379"})
	if out, err := command(t, file, "-check-config").CombinedOutput(); err != nil || string(out) != "ok\n" {
		t.Errorf("gateway -check-config: %v\n%s", err, out)
	}
	// A pod whose Secret lacks a file says so.
	file = settingsFile(t, map[string]string{"master-secret": "secret"})
	out, err := command(t, file, "-check-config").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "redis-url-file names no file") {
		t.Errorf("without its file of redis-url: %v\n%s", err, out)
	}
}
