package flood_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/programtest"
)

// mostRefusal is more than the gateway takes to end a connection that it refuses.
const mostRefusal = time.Minute

// TestRefusedOverTLS has clients ask for what neither listener does over TLS. Both end
// the connection.
func TestRefusedOverTLS(t *testing.T) {
	t.Parallel()
	settings, roots := certify(t)
	v := start(t, settings, roots)
	// grpc-go sends SETTINGS before it has read anything, and net/http only then.
	greetings := map[string]string{"gRPC": "\x04\x00\x00\x00\x00\x00", "web": ""}
	for listener, address := range map[string]string{"gRPC": v.Address, "web": v.Web} {
		t.Run(listener+": HTTP/2 without ALPN", func(t *testing.T) {
			t.Parallel()
			if got := withoutALPN(t, address, roots); got != "" && !strings.HasPrefix(got, "HTTP/1.1 4") && !strings.HasPrefix(got, "HTTP/1.1 505") {
				t.Errorf("got %q", got)
			}
		})
		t.Run(listener+": renegotiation", func(t *testing.T) {
			t.Parallel()
			if got := renegotiate(t, address, greetings[listener]); !strings.Contains(got, "RENEGOTIATING") || !strings.Contains(got, "alert unexpected message") {
				t.Errorf("openssl says:\n%s", got)
			}
		})
	}
}

// withoutALPN returns all that a client of HTTP/2 gets that has not asked for it.
func withoutALPN(t *testing.T, address string, roots *x509.CertPool) string {
	t.Helper()
	dialer := tls.Dialer{Config: &tls.Config{RootCAs: roots, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}}
	conn, err := dialer.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(mostRefusal)); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(conn, http2.ClientPreface) // it may be refused before
	_ = http2.NewFramer(conn, nil).WriteSettings()
	got, err := io.ReadAll(conn)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the connection stays: %v", err)
	}
	return string(got)
}

// renegotiate returns what openssl says of a second handshake within TLS 1.2. It begins
// after the greeting of the server, because openssl takes no data in a handshake.
func renegotiate(t *testing.T, address, greeting string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), mostRefusal)
	defer cancel()
	openssl := programtest.Program{Name: "openssl"}.Find(t)
	command := exec.CommandContext(ctx, openssl, "s_client", "-connect", address, "-tls1_2", "-alpn", "h2")
	input, err := command.StdinPipe() // open until the end: s_client ends with it
	if err != nil {
		t.Fatal(err)
	}
	defer input.Close()
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	command.Stderr = &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	for read, part := "", make([]byte, 4096); err == nil && !strings.Contains(read, greeting); {
		var n int
		n, err = output.Read(part)
		read += string(part[:n])
	}
	_, _ = io.WriteString(input, "R\n") // fails where openssl has ended
	_, _ = io.Copy(io.Discard, output)
	_ = command.Wait() // its exit code says that the connection has failed
	return said.String()
}
