package faulty_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"testing"
	"time"
)

// secured are replies over TLS, and handshakes that fail.
func secured(t *testing.T) []reply {
	t.Helper()
	good, roots := certify(t)
	stranger, _ := certify(t)
	expired, expiredRoots := certify(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Hour) })
	elsewhere, elsewhereRoots := certify(t, func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(192, 0, 2, 1)} })
	cut := func(text string) script { // TCP ends, and TLS does not
		return then(text, func(c *call) { _ = c.Conn.(*tls.Conn).NetConn().Close() })
	}
	list := []reply{
		{name: "TLS: a success", tls: good, give: answers(200, `{"code":9000}`), want: coded(9000)},
		{name: "TLS: an unknown authority", tls: stranger, give: (*call).shake, want: unreachable, none: true},
		{name: "TLS: an expired certificate", tls: expired, roots: expiredRoots, give: (*call).shake, want: unreachable, none: true},
		{name: "TLS: the certificate of another host", tls: elsewhere, roots: elsewhereRoots, give: (*call).shake, want: unreachable, none: true},
		{name: "TLS: no certificate", tls: &tls.Config{MinVersion: tls.VersionTLS12}, give: (*call).shake, want: noAnswer, none: true},
		{name: "TLS: an old version", tls: &tls.Config{Certificates: good.Certificates, MaxVersion: tls.VersionTLS11}, give: (*call).shake, want: noAnswer, none: true},
		{name: "TLS: closed before the handshake", tls: good, give: func(c *call) { _ = c.Conn.(*tls.Conn).NetConn().Close() }, want: noAnswer, none: true},
		{name: "TLS: silent in the handshake", tls: good, give: bare((*call).wait), want: unreachable, none: true, slow: true},
		{name: "TLS: plain HTTP", tls: good, give: bare(func(c *call) { _ = c.say("HTTP/1.1 400 @free\r\n\r\n") }), want: unreachable, none: true},
		{name: "TLS: an alert in place of the handshake", tls: good, give: bare(func(c *call) { _ = c.say("\x15\x03\x03\x00\x02\x02\x28") }), want: noAnswer, none: true},
		{name: "TLS: garbage in place of the handshake", tls: good, give: bare(func(c *call) { _ = c.say("@free @free") }), want: unreachable, none: true},
		{name: "TLS: a record that is none after the request", tls: good, give: after(func(c *call) {
			_, _ = io.WriteString(c.Conn.(*tls.Conn).NetConn(), "\x17\x03\x03\x00\x20"+free+free)
		}), want: noAnswer},
		{name: "TLS: an alert after the request", tls: good, give: after(func(c *call) {
			_, _ = io.WriteString(c.Conn.(*tls.Conn).NetConn(), "\x15\x03\x03\x00\x02\x02\x50")
		}), want: noAnswer},
		{name: "TLS: cut within a body with a length", tls: good, give: cut(ok + "Content-Length: 99\r\n\r\n" + `{"code":9000}`), want: noAnswer},
		{name: "TLS: cut after the request", tls: good, give: cut(""), want: noAnswer},
		{name: "TLS: cut after a whole object", tls: good, give: cut(ok + "\r\n" + `{"code":9000}`), want: coded(9000)},
	}
	for i := range list {
		if list[i].roots == nil {
			list[i].roots = roots
		}
	}
	return list
}

// certify returns a configuration with a certificate of its own authority.
func certify(t *testing.T, changes ...func(*x509.Certificate)) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true, IsCA: true,
	}
	for _, change := range changes {
		change(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}, pool
}

// shake is a handshake that fails.
func (c *call) shake() { _ = c.Conn.(*tls.Conn).Handshake() }

// bare speaks plain text where TLS is expected.
func bare(do script) script {
	return func(c *call) {
		plain := &call{Conn: c.Conn.(*tls.Conn).NetConn(), upstream: c.upstream}
		plain.from = bufio.NewReader(plain.Conn)
		_, _ = plain.from.Peek(1)
		do(plain)
	}
}
