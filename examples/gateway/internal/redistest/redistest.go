// Package redistest runs redis-server for tests.
package redistest

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	ready = "eady to accept connections" // the case of the R depends on the version
	// attempts is the number of free ports to try, because another process may
	// take the port first.
	attempts = 5
	// margin is the time before the deadline of a test in which its server is
	// stopped.
	margin = 5 * time.Second
)

// Server is a redis-server for one test. It stores nothing on disk.
type Server struct {
	// Socket is the path of its unix socket. A restart keeps it.
	Socket string
	// Address is host:port. It changes with each start.
	Address string

	args []string
	cmd  *exec.Cmd
}

// Start runs a server until the test ends, with args added to its command line.
// If redis-server is not installed, the test is skipped. It fails if CI=true.
func Start(t *testing.T, args ...string) *Server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		const remedy = "no redis-server on this machine: run sh examples/install.sh redis-server"
		if os.Getenv("CI") == "true" {
			t.Fatal(remedy)
		}
		t.Skip("SKIPPED: " + remedy)
	}
	// The path of a socket must be short, and the path of t.TempDir may be too long.
	dir, err := os.MkdirTemp("", "redis") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // an empty folder may stay
	s := &Server{Socket: filepath.Join(dir, "socket"), args: args}
	s.Restart(t)
	t.Cleanup(s.Kill)
	return s
}

// Restart starts a server that was killed. It returns when the server accepts
// connections.
func (s *Server) Restart(t *testing.T) {
	t.Helper()
	for range attempts {
		if s.start(t) {
			return
		}
	}
	t.Fatal("redis-server did not start: its output says why")
}

// start reports whether the server accepts connections.
func (s *Server) start(t *testing.T) bool {
	t.Helper()
	// redis-server can't pick a free port itself.
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Address = listener.Addr().String()
	_ = listener.Close() // only its port is wanted
	host, port, _ := net.SplitHostPort(s.Address)
	args := append([]string{
		"--bind", host, "--port", port, "--unixsocket", s.Socket,
		"--dir", filepath.Dir(s.Socket), "--save", "", "--appendonly", "no",
	}, s.args...)
	s.cmd = exec.CommandContext(untilDeadline(t), "redis-server", args...) //nolint:gosec // the arguments are a test's
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd.Stderr = s.cmd.Stdout // it reports invalid arguments there
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); t.Log(lines.Text()) {
		if strings.Contains(lines.Text(), ready) {
			go func() { _, _ = io.Copy(io.Discard, out) }() // so that the server never blocks on its output
			return true
		}
	}
	s.Kill()
	return false
}

// Kill ends the server and all its connections at once, and waits until it has
// ended.
func (s *Server) Kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait() // the error only says that it was killed
}

// untilDeadline returns a context that ends before go test stops a test that
// hangs. That stop skips the cleanups, and the server would stay.
func untilDeadline(t *testing.T) context.Context {
	t.Helper()
	deadline, ok := t.Deadline()
	if !ok {
		return t.Context()
	}
	ctx, cancel := context.WithDeadline(t.Context(), deadline.Add(-margin))
	t.Cleanup(cancel)
	return ctx
}
