package gateway_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

func newKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func seal(t *testing.T, key *rsa.PrivateKey, text string) string {
	t.Helper()
	//nolint:staticcheck // This is what the upstream does.
	sealed, err := rsa.EncryptPKCS1v15(rand.Reader, &key.PublicKey, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(sealed)
}

func TestPhoneIsDecrypted(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	sealed := seal(t, key, phone)
	tests := []struct {
		name   string
		key    *rsa.PrivateKey
		sealed string
		want   string
		code   codes.Code
	}{
		{"not told to", nil, sealed, "", codes.OK},
		{"told to", key, sealed, phone, codes.OK},
		{"another key", newKey(t), sealed, "", codes.Internal},
		{"not base64", key, "!" + phone, "", codes.Internal},
		{"nothing", key, "", "", codes.Internal},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			logs := &logBuffer{}
			config := configFor(newStub(t, saying(fmt.Sprintf(`{"code":8000,"phone":%q}`, tt.sealed))).URL, logs)
			config.PhoneKey = tt.key
			resp, err := dial(t, config).ExchangeLoginToken(t.Context(), &jverificationv1.ExchangeLoginTokenRequest{LoginToken: token})
			if status.Code(err) != tt.code || resp.GetPhone() != tt.want {
				t.Errorf("phone = %q, error = %v; want %q, %v", resp.GetPhone(), err, tt.want, tt.code)
			}
			if err == nil && resp.GetEncryptedPhone() != tt.sealed {
				t.Errorf("encrypted phone = %q, want it as it came", resp.GetEncryptedPhone())
			}
			if strings.Contains(logs.String(), phone) || strings.Contains(fmt.Sprint(err), phone) {
				t.Errorf("the number is told on: %v\n%s", err, logs)
			}
		})
	}
}

func TestParsePhoneKey(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := x509.MarshalPKCS1PrivateKey(key)
	label := func(label string, der []byte) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der})
	}
	for name, text := range map[string][]byte{
		"PKCS #8":                      label("PRIVATE KEY", pkcs8),
		"PKCS #1":                      label("RSA PRIVATE KEY", pkcs1),
		"PKCS #8, labelled as PKCS #1": label("RSA PRIVATE KEY", pkcs8),
		"PKCS #1, labelled as PKCS #8": label("PRIVATE KEY", pkcs1),
	} {
		if got, err := gateway.ParsePhoneKey(text); err != nil || !got.Equal(key) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, text := range map[string][]byte{
		"no PEM":     pkcs8,
		"public key": label("PUBLIC KEY", x509.MarshalPKCS1PublicKey(&key.PublicKey)),
		"nonsense":   label("PRIVATE KEY", []byte("x")),
	} {
		if _, err := gateway.ParsePhoneKey(text); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
