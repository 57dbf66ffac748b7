package gateway

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// errDecrypt has no cause, so that no log tells one bad padding from another.
var errDecrypt = codetable.NewError(phoneNotDecrypted)

// ParsePhoneKey reads an RSA private key from PEM. It ignores the label, which is
// often wrong, and tries PKCS #8 before PKCS #1. An error says nothing of the contents.
func ParsePhoneKey(text []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("is not PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	}
	if err != nil {
		return nil, errors.New("is neither a PKCS #8 nor a PKCS #1 private key, or it is encrypted")
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("is not an RSA key")
	}
	return key, nil
}

// decryptPhone returns "" where the gateway was not told to decrypt. A number
// that cannot be decrypted is an error, since "" would look like an answer.
func (g *Gateway) decryptPhone(sealed string) (string, error) {
	if g.config.PhoneKey == nil {
		return "", nil
	}
	text, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		return "", errDecrypt
	}
	//nolint:staticcheck // The upstream uses PKCS #1 v1.5, and only the upstream can send such a text.
	plain, err := rsa.DecryptPKCS1v15(nil, g.config.PhoneKey, text)
	if err != nil {
		return "", errDecrypt
	}
	return string(plain), nil
}
