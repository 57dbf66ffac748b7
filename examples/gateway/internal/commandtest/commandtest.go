// Package commandtest runs the command gateway as a process for tests.
package commandtest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/embedded"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/server"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// asCommand makes the test binary the command itself.
const asCommand = "GATEWAY_TEST_AS_COMMAND"

// Main is the TestMain of packages that call [Start].
func Main(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		server.Main()
	}
	m.Run()
}

// Options say what to start.
type Options struct {
	// Upstream answers the gateway.
	Upstream *embedded.Upstream
	// Settings are lines of the gateway's file, beside those of the upstream.
	Settings string
	// Args are flags, and Env has variables.
	Args, Env []string
}

// Gateway is a process that serves on free loopback ports.
type Gateway struct {
	// Address is that of the gRPC listener, and the others are host:port too.
	Address, Web, Metrics string
	// File is the path of its settings, and Env the environment that it has.
	File string
	Env  []string
	// Client has the client interceptors.
	Client jverificationv1.VerificationServiceClient
	// Process ends with the test.
	Process *os.Process

	command *exec.Cmd
	mu      sync.Mutex
	written sync.Cond // of log, which mu guards
	log     []string
	done    chan struct{}
}

// Start runs a gateway until the test ends. It returns once the gateway listens.
func Start(t *testing.T, o Options) *Gateway {
	t.Helper()
	config := o.Upstream.Configure(gateway.Config{})
	path := filepath.Join(t.TempDir(), "gateway.yaml")
	text := fmt.Sprintf("log-format: json\nupstream-url: %s\napp-key: %s\nadmin-url: %[1]s\ndev-key: %[3]s\nphone-pattern: '%[4]s'\n%[5]s\n",
		config.UpstreamURL, config.AppKey, config.DevKey, config.PhonePattern, o.Settings)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), os.Args[0], append([]string{"-config", path, "-addr", "127.0.0.1:0"}, o.Args...)...) //nolint:gosec // the test binary
	g := &Gateway{File: path, done: make(chan struct{})}
	g.written.L = &g.mu
	g.Env = slices.Concat(os.Environ(), []string{
		asCommand + "=1", "JVERIFICATION_MASTER_SECRET=" + string(config.MasterSecret), "JVERIFICATION_DEV_SECRET=" + string(config.DevSecret),
	}, o.Env)
	command.Env = g.Env
	log, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	g.command, g.Process = command, command.Process
	t.Cleanup(func() {
		_ = command.Process.Kill() // it may have ended
		<-g.done
		_ = command.Wait() // its exit code says that it was killed
	})
	g.read(t, bufio.NewScanner(log))
	g.connect(t)
	return g
}

// read returns once the gateway listens, and keeps reading its log.
func (g *Gateway) read(t *testing.T, lines *bufio.Scanner) {
	t.Helper()
	listening := make(chan struct{})
	go func() {
		defer g.end()
		for lines.Scan() {
			if g.note(lines.Text()) {
				close(listening)
			}
		}
	}()
	select {
	case <-listening:
	case <-g.done:
		t.Fatalf("the gateway ended:\n%s", g.Log())
	}
}

// end releases all who wait.
func (g *Gateway) end() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.done)
	g.written.Broadcast()
}

// note keeps a line, and reports whether it is the last of those with an address.
func (g *Gateway) note(text string) (last bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.log = append(g.log, text)
	g.written.Broadcast()
	var line struct{ Msg, Address, URL string }
	_ = json.Unmarshal([]byte(text), &line) // others than JSON have no address
	_, host, _ := strings.Cut(line.URL, "://")
	switch line.Msg {
	case "gateway is listening":
		g.Address = line.Address
	case "web is listening":
		g.Web = host
	case "metrics are listening":
		g.Metrics = strings.TrimSuffix(host, "/metrics")
		return true
	}
	return false
}

func (g *Gateway) connect(t *testing.T) {
	t.Helper()
	conn, err := grpc.NewClient(g.Address, append(gatewaytest.Interceptors(), grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	g.Client = jverificationv1.NewVerificationServiceClient(conn)
}

// Wait waits until the process has ended, which the caller has asked for. It returns the
// exit code, or -1 if a signal killed the process. Call it once.
func (g *Gateway) Wait() int {
	<-g.done
	_ = g.command.Wait() // the state has the exit code
	return g.command.ProcessState.ExitCode()
}

// AwaitLog waits until the gateway has written a line with this text, or has ended.
func (g *Gateway) AwaitLog(text string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for !slices.ContainsFunc(g.log, func(line string) bool { return strings.Contains(line, text) }) {
		select {
		case <-g.done:
			return
		default:
			g.written.Wait()
		}
	}
}

// Log returns all lines that the gateway has written so far.
func (g *Gateway) Log() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return strings.Join(g.log, "\n")
}
