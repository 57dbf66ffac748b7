package simulator_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
)

func activation() object {
	return object{
		"app_key":      simulator.DefaultConfig().AppKey,
		"platform":     "a",
		"package_name": "com.example",
		"app_sign":     "0123456789abcdef",
	}
}

func decrypt(t *testing.T, key *rsa.PrivateKey, sealed any) string {
	t.Helper()
	text, err := base64.StdEncoding.DecodeString(sealed.(string))
	if err != nil {
		t.Fatal(err)
	}
	//nolint:staticcheck // PKCS #1 v1.5 is what the upstream documents.
	plain, err := rsa.DecryptPKCS1v15(nil, key, text)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

func TestLoginEncryptsThePhone(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t)
	for path, token := range map[string]string{
		"/v1/web/loginTokenVerify": s.IssueLoginToken(phone),
		"/v2/web/loginTokenVerify": "phone-" + phone + "-1",
	} {
		reply := post(t, s, path, object{"loginToken": token})
		wantCode(t, reply, 8000)
		if got := decrypt(t, keyPair(), reply["phone"]); got != phone {
			t.Errorf("phone = %s, want %s", got, phone)
		}
	}
	forced := post(t, s, "/v1/web/loginTokenVerify", object{"loginToken": "code-8000"})
	if got := decrypt(t, keyPair(), forced["phone"]); got != "13800138000" {
		t.Errorf("scripted phone = %s", got)
	}
}

func TestLoginWithoutAUsableKey(t *testing.T) {
	t.Parallel()
	none, _ := newSimulator(t, func(c *simulator.Config) { c.PublicKey = nil })
	wantCode(t, post(t, none, "/v1/web/loginTokenVerify", object{"loginToken": none.IssueLoginToken(phone)}), 9022)
	wantCode(t, post(t, none, "/v1/web/loginTokenVerify", object{"loginToken": "code-8000"}), 9022)
	wantCode(t, post(t, none, "/v1/web/loginTokenVerify", object{"loginToken": "code-8001"}), 8001)

	some, _ := newSimulator(t)
	tooLong := some.IssueLoginToken(strings.Repeat("1", 200))
	wantCode(t, post(t, some, "/v1/web/loginTokenVerify", object{"loginToken": tooLong}), 9022)
}

func TestLoginOfAnEmptyNumber(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t)
	wantCode(t, post(t, s, "/v2/web/loginTokenVerify", object{"loginToken": s.IssueLoginToken("")}), 8000)
}

func TestRiskScoreFollowsTheLastDigit(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t)
	for number, want := range map[string]string{
		"13900000009": "score 900, tags [F24004], detail map[F24004:map[score:900]]",
		"13900000000": "score 0, tags [], detail map[]",
	} {
		reply := post(t, s, "/v2/web/queryBusinessRisk", object{"phone": number})
		got := fmt.Sprintf("score %v, tags %v, detail %v", reply["score"], reply["tags"], reply["detail"])
		if got != want {
			t.Errorf("%s: %s; want %s", number, got, want)
		}
	}
}

func TestActivation(t *testing.T) {
	t.Parallel()
	without := func(name string) object {
		body := activation()
		delete(body, name)
		return body
	}
	with := func(name, value string) object {
		body := activation()
		body[name] = value
		return body
	}
	iOS := with("platform", "i")
	delete(iOS, "app_sign")
	tests := []struct {
		name string
		body object
		want int
	}{
		{"android", activation(), 9200},
		{"ios", iOS, 9200},
		{"no app_key", without("app_key"), 9012},
		{"no platform", without("platform"), 9012},
		{"no package", without("package_name"), 9012},
		{"no signature", without("app_sign"), 9012},
		{"unknown platform", with("platform", "w"), 9012},
		{"unknown app", with("app_key", "x"), 9202},
		{"bad key", with("rsa_pubkey", "x"), 9012},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, _ := newSimulator(t)
			wantCode(t, post(t, s, "/v1/admin/open", tt.body), tt.want)
			if tt.want == 9200 {
				wantCode(t, post(t, s, "/v1/admin/open", tt.body), 9203)
			}
		})
	}
}

func TestActivationBringsTheKey(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t, func(c *simulator.Config) { c.PublicKey = nil })
	body := activation()
	body["rsa_pubkey"] = base64.StdEncoding.EncodeToString(pkix(t, &keyPair().PublicKey))
	wantCode(t, post(t, s, "/v1/admin/open", body), 9200)
	reply := post(t, s, "/v1/web/loginTokenVerify", object{"loginToken": s.IssueLoginToken(phone)})
	if got := decrypt(t, keyPair(), reply["phone"]); got != phone {
		t.Errorf("phone = %s, want %s", got, phone)
	}
}

func pkix(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestParsePublicKey(t *testing.T) {
	t.Parallel()
	want := &keyPair().PublicKey
	pkcs1 := x509.MarshalPKCS1PublicKey(want)
	block := func(label string, der []byte) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der})
	}
	wrapped := base64.StdEncoding.EncodeToString(pkix(t, want))
	wrapped = " " + wrapped[:64] + "\r\n" + wrapped[64:] + "\n"
	for name, text := range map[string][]byte{
		"PKIX":                 block("PUBLIC KEY", pkix(t, want)),
		"PKIX with a lie":      block("RSA PUBLIC KEY", pkix(t, want)),
		"PKCS1":                block("RSA PUBLIC KEY", pkcs1),
		"PKCS1 with a lie":     block("PUBLIC KEY", pkcs1),
		"base64 in some lines": []byte(wrapped),
	} {
		got, err := simulator.ParsePublicKey(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !got.Equal(want) {
			t.Errorf("%s: another key", name)
		}
	}
}

func TestParsePublicKeyRefuses(t *testing.T) {
	t.Parallel()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ed, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"nothing":  nil,
		"prose":    []byte("not a key!"),
		"zeros":    []byte("AAAA"),
		"ECDSA":    pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: pkix(t, ec.Public())}),
		"Ed25519":  pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: pkix(t, ed)}),
		"512 bits": pkcs1PEM(&rsa.PublicKey{N: keyPair().Primes[0], E: 65537}),
	} {
		if key, err := simulator.ParsePublicKey(text); err == nil || key != nil {
			t.Errorf("%s: key %v, error %v; want only an error", name, key, err)
		}
	}
}

func pkcs1PEM(key *rsa.PublicKey) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(key)})
}
