package main

import (
	"crypto/x509"
	"os"
	"os/exec"
	"testing"
)

// withoutRoots makes the test binary report whether the process has authorities.
const withoutRoots = "GATEWAY_TEST_WITHOUT_ROOTS"

func TestMain(m *testing.M) {
	if os.Getenv(withoutRoots) == "" {
		m.Run()
		return
	}
	if roots, err := x509.SystemCertPool(); err != nil || roots.Equal(x509.NewCertPool()) {
		os.Exit(1)
	}
}

// TestRoots runs where the system has no authorities, as in an image from scratch.
func TestRoots(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), withoutRoots+"=1", "SSL_CERT_FILE="+os.DevNull, "SSL_CERT_DIR="+empty)
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("the command trusts no authority without those of the system: %v\n%s", err, out)
	}
}
