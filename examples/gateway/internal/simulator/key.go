package simulator

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// KeyBits is the size that the upstream documents, and the least that a key may have.
const KeyBits = 1024

// ParsePublicKey reads an RSA public key of at least [KeyBits] from PEM, or from the
// bare base64 that consoles show. It ignores the label of the PEM, which is wrong on
// many keys, and tries PKIX first and PKCS #1 after it.
func ParsePublicKey(text []byte) (*rsa.PublicKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		// Fields removes line breaks that were pasted too.
		der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(text)), ""))
		if err != nil {
			return nil, errors.New("public key is neither PEM nor base64")
		}
		block = &pem.Block{Bytes: der}
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		var pkcs1Err error
		if parsed, pkcs1Err = x509.ParsePKCS1PublicKey(block.Bytes); pkcs1Err != nil {
			return nil, fmt.Errorf("parse public key: %w", errors.Join(err, pkcs1Err))
		}
	}
	key, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("public key is %T, not RSA", parsed)
	}
	if err := checkKey(key); err != nil {
		return nil, err
	}
	return key, nil
}

// checkKey accepts nil, which is no key.
func checkKey(key *rsa.PublicKey) error {
	if key == nil {
		return nil
	}
	if key.N == nil {
		return errors.New("RSA key has no modulus")
	}
	if bits := key.N.BitLen(); bits < KeyBits {
		return fmt.Errorf("RSA key has %d bits, fewer than %d", bits, KeyBits)
	}
	return nil
}

// encryptPhone returns the base64 of a login reply.
func encryptPhone(key *rsa.PublicKey, phone string) (string, error) {
	if key == nil {
		return "", errors.New("no public key")
	}
	//nolint:staticcheck // The upstream documents PKCS #1 v1.5, so its model has to use it.
	sealed, err := rsa.EncryptPKCS1v15(rand.Reader, key, []byte(phone))
	if err != nil {
		return "", fmt.Errorf("encrypt phone: %w", err)
	}
	return base64.StdEncoding.EncodeToString(sealed), nil
}
