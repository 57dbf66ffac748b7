package tlsfiles_test

import (
	"crypto/tls"
	"log/slog"
	"net"
	"path/filepath"
	"testing"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/tlsfiles"
)

// TestResumption has a client with a session from the time when its authority
// was trusted.
func TestResumption(t *testing.T) {
	t.Parallel()
	ours, theirs, others := newAuthority(t), newAuthority(t), newAuthority(t)
	f := newFolder(t, ours, "gateway")
	f.ClientCAs = filepath.Join(t.TempDir(), "ca.crt")
	write(t, f.ClientCAs, pemOf(theirs.cert))
	files, err := tlsfiles.Load(f.Paths, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	cert, key := theirs.pair(t, "client")
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	server := files.Config()
	client := &tls.Config{
		RootCAs: ours.pool(), ServerName: "gateway.test", Certificates: []tls.Certificate{pair},
		ClientSessionCache: tls.NewLRUClientSessionCache(1),
	}
	if _, err := connect(t, server, client); err != nil {
		t.Fatal(err)
	}
	if resumed, err := connect(t, server, client); err != nil || !resumed {
		t.Fatalf("resumed = %t, %v: nothing is shown without a session", resumed, err)
	}
	write(t, f.ClientCAs, pemOf(others.cert))
	if _, err := connect(t, server, client); err == nil {
		t.Error("a client of the old authority was let in with its session")
	}
}

// connect reports whether a session was resumed. A socket, unlike a pipe, lets
// the server write its tickets before the client reads.
func connect(t *testing.T, server, client *tls.Config) (resumed bool, err error) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		far, err := listener.Accept()
		if err != nil {
			return // the client reports the error
		}
		defer far.Close()
		_, _ = tls.Server(far, server).Write([]byte("!")) // the client checks that it receives this
	}()
	near, err := new(net.Dialer).DialContext(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn := tls.Client(near, client)
	defer conn.Close()
	_, err = conn.Read(make([]byte, 1))
	return conn.ConnectionState().DidResume, err
}
