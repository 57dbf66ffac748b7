package tlsfiles_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/tlsfiles"
)

// authority signs certificates. Without a parent it signs itself.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{}
	a.cert, a.key = issue(t, "authority", nil)
	return a
}

// lasts returns for how long a certificate is valid.
func lasts(name string) time.Duration {
	switch name {
	case "second":
		return 2 * time.Hour
	case "third":
		return 3 * time.Hour
	default:
		return time.Hour
	}
}

func issue(t *testing.T, name string, by *authority) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{"gateway.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(lasts(name)),
		IsCA: by == nil, BasicConstraintsValid: true,
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

func (a *authority) pair(t *testing.T, name string) (cert, key []byte) {
	t.Helper()
	leaf, private := issue(t, name, a)
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pemOf(leaf), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func pemOf(cert *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// folder contains the files of one server.
type folder struct{ tlsfiles.Paths }

func newFolder(t *testing.T, a *authority, name string) folder {
	t.Helper()
	dir := t.TempDir()
	f := folder{tlsfiles.Paths{Cert: filepath.Join(dir, "tls.crt"), Key: filepath.Join(dir, "tls.key")}}
	f.rotate(t, a, name)
	return f
}

func (f folder) rotate(t *testing.T, a *authority, name string) {
	t.Helper()
	cert, key := a.pair(t, name)
	write(t, f.Cert, cert)
	write(t, f.Key, key)
}

// handshake returns the name on the server's certificate.
func handshake(server *tls.Config, client *tls.Config) (string, error) {
	near, far := net.Pipe()
	defer near.Close()
	served := make(chan error, 1)
	go func() {
		conn := tls.Server(far, server)
		err := conn.Handshake()
		if err == nil {
			_, err = conn.Write([]byte("!"))
		}
		far.Close()
		served <- err
	}()
	conn := tls.Client(near, client)
	// In TLS 1.3 a client gets the refusal when it reads.
	_, err := io.ReadFull(conn, make([]byte, 1))
	near.Close()
	if err := errors.Join(err, <-served); err != nil {
		return "", err
	}
	return conn.ConnectionState().PeerCertificates[0].Subject.CommonName, nil
}

func TestRotation(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	f := newFolder(t, a, "first")
	var log bytes.Buffer
	files, err := tlsfiles.Load(f.Paths, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	server, client := files.Config(), &tls.Config{RootCAs: a.pool(), ServerName: "gateway.test"}
	want := func(name, said string) {
		t.Helper()
		if got, err := handshake(server, client); got != name || err != nil {
			t.Errorf("certificate = %q, %v; want %q", got, err, name)
		}
		if left := time.Until(files.Expires()); left.Round(time.Hour) != lasts(name) {
			t.Errorf("certificate %q expires in %v, want %v", name, left, lasts(name))
		}
		if got := log.String(); strings.Count(got, "\n") != strings.Count(said, "\n")+min(len(said), 1) || !strings.Contains(got, said) {
			t.Errorf("log = %q, want %q", got, said)
		}
		log.Reset()
	}

	want("first", "")
	f.rotate(t, a, "second")
	want("second", "have changed")
	want("second", "")

	cert, key := a.pair(t, "third")
	write(t, f.Cert, cert)
	want("second", "invalid") // the key is still the second one
	want("second", "")        // and the error is logged once
	write(t, f.Key, key)
	want("third", "have changed")

	if err := os.Remove(f.Key); err != nil {
		t.Fatal(err)
	}
	want("third", "invalid")
	want("third", "")
}

func TestMutualTLS(t *testing.T) {
	t.Parallel()
	ours, theirs, others := newAuthority(t), newAuthority(t), newAuthority(t)
	f := newFolder(t, ours, "gateway")
	f.ClientCAs = filepath.Join(t.TempDir(), "ca.crt")
	write(t, f.ClientCAs, pemOf(theirs.cert))
	files, err := tlsfiles.Load(f.Paths, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	try := func(by *authority) error {
		client := &tls.Config{RootCAs: ours.pool(), ServerName: "gateway.test"}
		if by != nil {
			cert, key := by.pair(t, "client")
			pair, err := tls.X509KeyPair(cert, key)
			if err != nil {
				t.Fatal(err)
			}
			client.Certificates = []tls.Certificate{pair}
		}
		_, err := handshake(files.Config(), client)
		return err
	}
	if err := try(theirs); err != nil {
		t.Errorf("a client of the authority: %v", err)
	}
	if try(others) == nil || try(nil) == nil {
		t.Error("a client without a valid certificate was let in")
	}
	write(t, f.ClientCAs, pemOf(others.cert))
	if err := try(others); err != nil {
		t.Errorf("a client of the new authority: %v", err)
	}
	if try(theirs) == nil {
		t.Error("a client of the old authority was let in")
	}
}

func TestLoadErrors(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	valid := newFolder(t, a, "gateway").Paths
	other := newFolder(t, a, "other").Paths
	_, key := a.pair(t, "x")
	notCert := filepath.Join(t.TempDir(), "ca.crt")
	write(t, notCert, key)
	for name, paths := range map[string]tlsfiles.Paths{
		"no certificate": {Cert: valid.Cert + ".none", Key: valid.Key},
		"no key":         {Cert: valid.Cert, Key: valid.Key + ".none"},
		"another key":    {Cert: valid.Cert, Key: other.Key},
		"no authority":   {Cert: valid.Cert, Key: valid.Key, ClientCAs: notCert},
	} {
		if _, err := tlsfiles.Load(paths, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%s: no error", name)
		} else if strings.Contains(err.Error(), "PRIVATE") {
			t.Errorf("%s: the error shows a key: %v", name, err)
		}
	}
}
