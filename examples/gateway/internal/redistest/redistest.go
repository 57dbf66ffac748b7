// Package redistest runs redis-server for tests.
package redistest

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/programtest"
)

var program = programtest.Program{
	Name:  "redis-server",
	Ready: "eady to accept connections", // the case of the R depends on the version
}

// Server is a redis-server for one test. It stores nothing on disk.
type Server struct {
	// Its Address changes with each start.
	*programtest.Process

	// Socket is the path of its unix socket. A restart keeps it.
	Socket string

	args []string
}

// Start runs a server until the test ends, with args added to its command line.
// If redis-server is not installed, the test is skipped. It fails if CI=true.
func Start(tb testing.TB, args ...string) *Server {
	tb.Helper()
	program.Find(tb)
	// The path of a socket must be short, and the path of t.TempDir may be too long.
	dir, err := os.MkdirTemp("", "redis") //nolint:usetesting // see above
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) }) // an empty folder may stay
	s := &Server{Socket: filepath.Join(dir, "socket"), args: args}
	s.Restart(tb)
	return s
}

// Restart starts a server that was killed. It returns when the server accepts
// connections.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	s.Process = program.Start(tb, func(address string) []string {
		host, port, _ := net.SplitHostPort(address)
		return append([]string{
			"--bind", host, "--port", port, "--unixsocket", s.Socket,
			"--dir", filepath.Dir(s.Socket), "--save", "", "--appendonly", "no",
		}, s.args...)
	})
}
