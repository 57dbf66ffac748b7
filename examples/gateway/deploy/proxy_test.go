package deploy_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/programtest"
)

// stopTime is what a proxy gets to stop in.
const stopTime = 5 * time.Second

// lastWords is how many bytes of its output a failed test shows.
const lastWords = 4096

// proxy is a program that stands in front of the gateway.
type proxy struct {
	name, program, config string
	// site maps what the configuration says of the machine to what the test
	// replaces it by.
	site func(place) map[string]string
	args []string
	env  []string
	// variable may hold the path of the program.
	variable string
	// ready is what the proxy logs when it listens, and address then returns where.
	// Without it the proxy uses the listener of its place.
	ready   string
	address func(t *testing.T, dir string) string
	// refuses says that the proxy reports a lost call as not looked at.
	refuses bool
}

// place is where a proxy runs, and the addresses of gRPC and of the web in the gateway
// behind it. It inherits the listener as file descriptor 3, so that no port is guessed
// and no client connects too early.
type place struct {
	dir, listen, backend, web string
	root                      bool
}

var nginx = proxy{
	name: "nginx", program: "nginx", config: "nginx.conf",
	site: func(p place) map[string]string {
		changes := map[string]string{
			"listen 443":           "listen " + p.listen,
			"/etc/ssl/gateway.crt": filepath.Join(p.dir, "both.pem"),
			"/etc/ssl/gateway.key": filepath.Join(p.dir, "both.pem"),
			"127.0.0.1:8090":       p.backend,
		}
		if !p.root {
			// Debian's own folders belong to root.
			var folders strings.Builder
			for _, use := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
				folders.WriteString(use + "_temp_path " + filepath.Join(p.dir, use) + ";\n")
			}
			changes["access_log off;"] = "access_log off;\n" + folders.String()
			changes["user www-data;"] = ""
		}
		return changes
	},
	args: []string{"-e", "stderr", "-g", "daemon off; pid nginx.pid;", "-p", ".", "-c"},
	env:  []string{"NGINX=3;"},
}

var haproxy = proxy{
	name: "HAProxy", program: "haproxy", config: "haproxy.cfg",
	site: haproxySite, args: []string{"-db", "-f"},
}

var haproxyHTTP = proxy{
	name: "HAProxy, mode http", program: "haproxy", config: "haproxy-http.cfg",
	site: haproxySite, args: []string{"-db", "-f"}, refuses: true,
}

func haproxySite(p place) map[string]string {
	changes := map[string]string{
		"bind :443":                "bind fd@3",
		"/etc/haproxy/gateway.pem": filepath.Join(p.dir, "both.pem"),
		"127.0.0.1:8090":           p.backend,
	}
	if !p.root {
		changes["user haproxy"], changes["group haproxy"] = "", ""
	}
	return changes
}

// with changes the configuration further. Each key may be in it several times.
func (p proxy) with(changes map[string]string) proxy {
	site := p.site
	p.site = func(at place) map[string]string {
		all := site(at)
		maps.Copy(all, changes)
		return all
	}
	return p
}

// running is a proxy that runs, and what verifies its certificate.
type running struct {
	address, dir string
	roots        *x509.CertPool
}

// start runs the proxy in front of a backend until the test ends.
func (p proxy) start(t *testing.T, b *backend) running {
	t.Helper()
	return p.startAt(t, place{backend: b.Address, web: strings.TrimPrefix(b.URL, "http://")})
}

func (p proxy) startAt(t *testing.T, at place) running {
	t.Helper()
	program := programtest.Program{Name: p.program, Variable: p.variable}.Find(t)
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	inherited, err := listener.File()
	if err != nil {
		t.Fatal(err)
	}
	defer inherited.Close()

	at.dir, at.listen, at.root = t.TempDir(), listener.Addr().String(), os.Geteuid() == 0
	roots := certify(t, filepath.Join(at.dir, "both.pem"))
	config := filepath.Join(at.dir, p.config)
	p.render(t, config, at)
	log := p.run(t, at.dir, inherited, program, append(slices.Clone(p.args), config)...)
	// Passing a descriptor on makes it blocking in this process as well.
	if err := syscall.SetNonblock(int(inherited.Fd()), true); err != nil {
		t.Error(err)
	}
	if p.address != nil {
		log.Await(t, regexp.QuoteMeta(p.ready))
		at.listen = p.address(t, at.dir)
	}
	return running{address: at.listen, dir: at.dir, roots: roots}
}

// run starts the program and ends it with the test.
func (p proxy) run(t *testing.T, dir string, inherited *os.File, program string, args ...string) *programtest.Output {
	t.Helper()
	ctx, cancel := untilCleanup(t)
	log := programtest.NewOutput()
	command := exec.CommandContext(ctx, program, args...)
	command.Dir, command.Env = dir, append(os.Environ(), p.env...)
	command.ExtraFiles = []*os.File{inherited}
	command.Stdout, command.Stderr = log, log
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = stopTime // before it is killed
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = command.Wait() // its exit code says which signal stopped it
		log.End()
	}()
	t.Cleanup(func() {
		cancel()
		<-log.Ended()
		if t.Failed() {
			said := log.String()
			t.Logf("%s said at last:\n%s", p.name, said[max(0, len(said)-lastWords):])
		}
	})
	return log
}

// untilCleanup is done before the timeout of go test, which ends the process without
// cleanups and would leave the proxy running.
func untilCleanup(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	if deadline, ok := t.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-2*stopTime))
	}
	return context.WithCancel(ctx)
}

// render writes the project's configuration with the changes for this machine. Each
// has to replace something.
func (p proxy) render(t *testing.T, path string, at place) {
	t.Helper()
	text, err := os.ReadFile(p.config)
	if err != nil {
		t.Fatal(err)
	}
	config := string(text)
	for from, to := range p.site(at) {
		if !strings.Contains(config, from) {
			t.Fatalf("%s does not hold %q", p.config, from)
		}
		config = strings.ReplaceAll(config, from, to)
	}
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
}

// certify writes a certificate for 127.0.0.1 and its key into one file.
func certify(t *testing.T, path string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	if err := os.WriteFile(path, append(certPEM, keyPEM...), 0o600); err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(certPEM)
	return roots
}
