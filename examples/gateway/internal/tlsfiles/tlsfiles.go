// Package tlsfiles serves TLS with certificates from files. It notices changes
// of the files: a new handshake uses the new certificate, without a restart and
// without a signal.
package tlsfiles

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
)

// Paths names the PEM files.
type Paths struct {
	// Cert is the certificate chain of the server, and Key its private key.
	Cert, Key string
	// ClientCAs are the authorities that sign client certificates. If it is
	// empty, clients need no certificate; otherwise they need one (mTLS).
	ClientCAs string
}

// Files holds the last valid content of the files. Make one with [Load]. It is
// safe for concurrent use.
//
// Each handshake reads the files. This is cheap in comparison with the
// handshake, and it notices every change, even behind a symbolic link. If the
// new files are invalid, such as a pair that is only half written, the last
// valid ones stay in use and the error is logged once.
type Files struct {
	paths Paths
	log   *slog.Logger

	mu     sync.Mutex
	text   contents // the content that was read last, valid or not
	config *tls.Config
}

type contents struct{ cert, key, clientCAs []byte }

func (c contents) equal(other contents) bool {
	return bytes.Equal(c.cert, other.cert) && bytes.Equal(c.key, other.key) && bytes.Equal(c.clientCAs, other.clientCAs)
}

// Load reads the files. They must be valid.
func Load(paths Paths, log *slog.Logger) (*Files, error) {
	f := &Files{paths: paths, log: log}
	text, err := paths.read()
	if err != nil {
		return nil, err
	}
	if f.config, err = text.parse(); err != nil {
		return nil, err
	}
	f.text = text
	return f, nil
}

// Config returns a configuration for servers of HTTP/2 and HTTP/1.1 that uses
// the current files.
func (f *Files) Config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			return f.current(), nil
		},
	}
}

func (f *Files) current() *tls.Config {
	f.mu.Lock()
	defer f.mu.Unlock()
	text, err := f.paths.read() // empty on an error, so that the error is logged once
	if text.equal(f.text) {
		return f.config
	}
	f.text = text
	config := f.config
	if err == nil {
		config, err = text.parse()
	}
	if err != nil {
		f.log.Error("the new TLS files are invalid: the old ones stay in use", "error", err)
		return f.config
	}
	f.config = config
	f.log.Info("the TLS files have changed: new connections use the new ones", "certificate", f.paths.Cert)
	return config
}

func (p Paths) read() (contents, error) {
	var c contents
	var errs [3]error
	c.cert, errs[0] = os.ReadFile(p.Cert)
	c.key, errs[1] = os.ReadFile(p.Key)
	if p.ClientCAs != "" {
		c.clientCAs, errs[2] = os.ReadFile(p.ClientCAs)
	}
	if err := errors.Join(errs[:]...); err != nil {
		return contents{}, err
	}
	return c, nil
}

func (c contents) parse() (*tls.Config, error) {
	pair, err := tls.X509KeyPair(c.cert, c.key)
	if err != nil {
		return nil, fmt.Errorf("read certificate and key: %w", err)
	}
	config := &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{pair},
		NextProtos:   []string{"h2", "http/1.1"},
	}
	if c.clientCAs == nil {
		return config, nil
	}
	config.ClientAuth = tls.RequireAndVerifyClientCert
	config.ClientCAs = x509.NewCertPool()
	if !config.ClientCAs.AppendCertsFromPEM(c.clientCAs) {
		return nil, errors.New("the file of client authorities contains no certificate")
	}
	return config, nil
}
