// Package tlsfiles serves TLS with certificates from files. It notices changes
// of the files: a new handshake uses the new certificate, without a restart and
// without a signal.
package tlsfiles

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Paths names the PEM files.
type Paths struct {
	// Cert is the certificate chain of the server, and Key its private key.
	Cert string `yaml:"tls-cert-file"`
	Key  string `yaml:"tls-key-file"`
	// ClientCAs are the authorities that sign client certificates. If it is
	// empty, clients need no certificate; otherwise they need one (mTLS).
	ClientCAs string `yaml:"tls-client-ca-file"`
}

// Check reads the files, if any are named. Its errors name settings, and no
// paths, since somebody may have put a secret in place of one.
func (p Paths) Check() error {
	switch {
	case (p.Cert == "") != (p.Key == ""):
		return errors.New("a certificate needs its key: set both of tls-cert-file and tls-key-file, or neither")
	case p.Cert == "" && p.ClientCAs != "":
		return errors.New("tls-client-ca-file has no effect without TLS: set tls-cert-file and tls-key-file too")
	case p.Cert == "":
		return nil
	}
	_, err := Load(p, nil)
	return err
}

// Files holds the last valid content of the files. Make one with [Load]. It is
// safe for concurrent use.
//
// Each handshake reads the files. This is cheap in comparison with the
// handshake, and it notices every change, even behind a symbolic link. If the
// new files are invalid, such as a pair that is only half written, the last
// valid ones stay in use and the error is logged once.
type Files struct {
	log *slog.Logger

	mu     sync.Mutex
	paths  Paths
	text   contents // the content that was read last, valid or not
	config *tls.Config
}

type contents struct{ cert, key, clientCAs string }

// Load reads the files. They must be valid.
func Load(paths Paths, log *slog.Logger) (*Files, error) {
	f := &Files{log: log}
	return f, f.Use(paths)
}

// Use follows other files. If they are not valid, the old ones stay in use.
func (f *Files) Use(paths Paths) error {
	text, err := paths.read()
	if err != nil {
		return err
	}
	config, err := paths.parse(text)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.paths, f.text, f.config = paths, text, config
	return nil
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

// Expires returns the end of the validity of the server's certificate that new
// connections get.
func (f *Files) Expires() time.Time { return f.current().Certificates[0].Leaf.NotAfter }

func (f *Files) current() *tls.Config {
	f.mu.Lock()
	defer f.mu.Unlock()
	text, err := f.paths.read()
	if text == f.text {
		return f.config
	}
	f.text = text
	var config *tls.Config
	if err == nil {
		config, err = f.paths.parse(text)
	}
	if err != nil {
		f.log.Error("the new TLS files are invalid: the old ones stay in use", "error", err)
		return f.config
	}
	f.config = config
	f.log.Info("the TLS files have changed: new connections use the new ones", "certificate", f.paths.Cert)
	return config
}

// read returns empty contents with an error, so that the same error is logged
// once.
func (p Paths) read() (contents, error) {
	var faults []error
	read := func(setting, path string) string {
		if path == "" {
			return ""
		}
		text, err := os.ReadFile(path)
		if fault, ok := errors.AsType[*fs.PathError](err); ok {
			faults = append(faults, fmt.Errorf("%s names no file that can be read: %w", setting, fault.Err))
		}
		return string(text)
	}
	text := contents{read("tls-cert-file", p.Cert), read("tls-key-file", p.Key), read("tls-client-ca-file", p.ClientCAs)}
	if len(faults) > 0 {
		return contents{}, errors.Join(faults...)
	}
	return text, nil
}

func (p Paths) parse(text contents) (*tls.Config, error) {
	pair, err := tls.X509KeyPair([]byte(text.cert), []byte(text.key))
	if err != nil {
		return nil, fmt.Errorf("tls-cert-file and tls-key-file are not a certificate and its key in PEM: %w", err)
	}
	config := &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{pair},
		NextProtos:   []string{"h2", "http/1.1"},
	}
	if p.ClientCAs == "" {
		return config, nil
	}
	config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
	if !config.ClientCAs.AppendCertsFromPEM([]byte(text.clientCAs)) {
		return nil, errors.New("tls-client-ca-file holds no certificate: set it to a file of certificates in PEM")
	}
	return config, nil
}
