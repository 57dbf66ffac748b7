// Package programtest runs servers of other projects for tests.
package programtest

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	// attempts is the number of free ports to try, because another process may
	// take the port first.
	attempts = 5
	// margin is the time before the deadline of a test in which its servers are
	// stopped.
	margin = 5 * time.Second
)

// Program is a server that is installed on this machine.
type Program struct {
	// Name is that of the executable.
	Name string
	// Package is the Debian package, if it has another name.
	Package string
	// Variable is the environment variable with its path, if make Name installs it.
	Variable string
	// Ready is a part of the line with which it says that it accepts connections.
	Ready string
}

// Process is a server that runs.
type Process struct {
	// Address is host:port, on a free loopback port.
	Address string

	cmd *exec.Cmd
}

// Find returns the path of the program. If it is not installed, the test is skipped.
// It fails if CI=true.
func (p Program) Find(tb testing.TB) string {
	tb.Helper()
	// Debian keeps servers in a folder of root's PATH only.
	for _, name := range []string{os.Getenv(p.Variable), p.Name, "/usr/sbin/" + p.Name} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	remedy := "run sh examples/install.sh " + p.Name
	switch {
	case p.Variable != "":
		remedy = "run make " + p.Name + ", and set " + p.Variable + " to its path"
	case p.Package != "":
		remedy += "=" + p.Package
	}
	complain := tb.Skipf
	if os.Getenv("CI") == "true" {
		complain = tb.Fatalf
	}
	complain("SKIPPED: no %s on this machine: %s", p.Name, remedy)
	return ""
}

// Start runs the program until the test ends, with arguments for an address that it
// is to listen on. It returns when the server accepts connections.
func (p Program) Start(tb testing.TB, args func(address string) []string) *Process {
	tb.Helper()
	path := p.Find(tb)
	for range attempts {
		if process := p.start(tb, path, args); process != nil {
			tb.Cleanup(process.Kill)
			return process
		}
	}
	tb.Fatalf("%s did not start: its output says why", p.Name)
	return nil
}

// start returns nil where the server ends before it accepts connections.
func (p Program) start(tb testing.TB, path string, args func(address string) []string) *Process {
	tb.Helper()
	// Few servers pick a free port themselves.
	listener, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	started := &Process{Address: listener.Addr().String()}
	_ = listener.Close()                                                                 // only its port is wanted
	started.cmd = exec.CommandContext(untilDeadline(tb), path, args(started.Address)...) //nolint:gosec // the arguments are a test's
	out, err := started.cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	started.cmd.Stderr = started.cmd.Stdout
	if err := started.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); tb.Log(lines.Text()) {
		if strings.Contains(lines.Text(), p.Ready) {
			go func() { _, _ = io.Copy(io.Discard, out) }() // so that the server never blocks on its output
			return started
		}
	}
	started.Kill()
	return nil
}

// Kill ends the server and all its connections at once, and waits until it has
// ended.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait() // the error only says that it was killed
}

// Freeze stops the server, which keeps its connections and answers nothing.
func (p *Process) Freeze() { _ = p.cmd.Process.Signal(syscall.SIGSTOP) }

// Thaw ends a freeze.
func (p *Process) Thaw() { _ = p.cmd.Process.Signal(syscall.SIGCONT) }

// untilDeadline returns a context that ends before go test stops a test that
// hangs. That stop skips the cleanups, and the server would stay.
func untilDeadline(tb testing.TB) context.Context {
	tb.Helper()
	t, limited := tb.(interface{ Deadline() (time.Time, bool) })
	if !limited { // a benchmark
		return tb.Context()
	}
	deadline, ok := t.Deadline()
	if !ok {
		return tb.Context()
	}
	ctx, cancel := context.WithDeadline(tb.Context(), deadline.Add(-margin))
	tb.Cleanup(cancel)
	return ctx
}
