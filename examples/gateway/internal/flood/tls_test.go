package flood_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// TestFloodsOverTLS runs floods of handshakes, and some of those in plain text, against
// both listeners of a gateway with TLS.
func TestFloodsOverTLS(t *testing.T) { //nolint:tparallel // the floods share a gateway, which is measured
	t.Parallel()
	settings, roots := certify(t)
	v := start(t, settings, roots)
	all := append(handshakes(t), silence)
	for _, name := range []string{"rapid reset of calls", "PING", "CONTINUATION", "calls above the limit", "answers that are never read"} {
		all = append(all, named(http2Floods(), name))
	}
	for _, f := range all {
		v.withstand(t, "gRPC over TLS", v.Address, f, v.overGRPC)
		v.withstand(t, "web over TLS", v.Web, f, v.overREST)
	}
	t.Log(table(v.figures, v.base))
}

// silence begins after a handshake.
var silence = flood{name: "silence after a handshake", conns: 100, steps: 1, plain: true, hold: true, step: func(x *attacker) error {
	return x.Conn.(*tls.Conn).Handshake() //nolint:forcetypeassert // a flood over TLS
}}

// handshakes are floods in place of a handshake.
func handshakes(t *testing.T) []flood {
	t.Helper()
	hello := clientHello(t)
	says := func(text string) func(*attacker) error { return func(x *attacker) error { return x.say(text) } }
	return []flood{
		{name: "handshakes that begin", conns: 200, steps: 1, plain: true, naked: true, hold: true, step: says(hello[:10])},
		{name: "half-open handshakes", conns: 200, steps: 1, plain: true, naked: true, hold: true, step: says(hello)},
		{name: "one hello after another", conns: 4, steps: 100, plain: true, naked: true, step: says(hello)},
		{name: "no TLS", conns: 4, steps: 100, naked: true, step: (*attacker).whole},
	}
}

// clientHello returns the first record of a handshake.
func clientHello(t *testing.T) string {
	t.Helper()
	near, far := net.Pipe()
	defer near.Close()
	go func() {
		_ = tls.Client(far, &tls.Config{ServerName: "127.0.0.1", NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12}).HandshakeContext(t.Context())
	}()
	record := make([]byte, 5)
	if _, err := io.ReadFull(near, record); err != nil {
		t.Fatal(err)
	}
	rest := make([]byte, int(record[3])<<8|int(record[4]))
	if _, err := io.ReadFull(near, rest); err != nil {
		t.Fatal(err)
	}
	return string(bytes.Join([][]byte{record, rest}, nil))
}

// secure makes the well-behaved callers use TLS.
func (v *victim) secure(t *testing.T, roots *x509.CertPool) {
	t.Helper()
	config := &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	conn, err := grpc.NewClient(v.Address, append(gatewaytest.Interceptors(), grpc.WithTransportCredentials(credentials.NewTLS(config)))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	v.roots, v.scheme, v.web = roots, "https://", &http.Client{Transport: transport}
	v.Client = jverificationv1.NewVerificationServiceClient(conn)
}

// certify writes a certificate for loopback, and returns the settings that name it.
func certify(t *testing.T) (settings string, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir, roots := t.TempDir(), x509.NewCertPool()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
		roots.AppendCertsFromPEM(text)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return "tls-cert-file: " + write("tls.crt", "CERTIFICATE", der) + "\ntls-key-file: " + write("tls.key", "PRIVATE KEY", private), roots
}
