package command

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
)

// keyBits is what the upstream documents: a client has to cope with it.
const keyBits = 1024

// newKey makes the pair that -private-key-out asks for; otherwise it is nil.
func (s *settings) newKey() (*rsa.PrivateKey, error) {
	if s.keyFile == "" {
		return nil, nil
	}
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, fmt.Errorf("generate key pair: %w", err)
	}
	s.config.PublicKey = &key.PublicKey
	return key, nil
}

// writeKey creates the file and never overwrites one: it might hold a real key.
func writeKey(path string, key *rsa.PrivateKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("marshal private key: %w", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err // os names the operation and the file
	}
	return errors.Join(
		pem.Encode(file, &pem.Block{Type: "PRIVATE KEY", Bytes: der}),
		file.Close(),
	)
}
