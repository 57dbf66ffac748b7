package server

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"google.golang.org/grpc/credentials"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// TestServesMutualTLS wants a certificate of clients on both listeners, and the
// new one of the server once its files have changed.
func TestServesMutualTLS(t *testing.T) {
	t.Parallel()
	cert, key, pool := newCertificate(t)
	ca, clientKey, _ := newCertificate(t) // the client's own authority
	r := runGateway(t, nil, "tls-cert-file: "+cert+"\ntls-key-file: "+key+"\ntls-client-ca-file: "+ca, "-simulate")
	pair, err := tls.LoadX509KeyPair(ca, clientKey)
	if err != nil {
		t.Fatal(err)
	}
	call := func(config *tls.Config) (viaGRPC, viaWeb bool) {
		t.Helper()
		_, err := r.client(t, credentials.NewTLS(config)).VerifyNumber(t.Context(),
			&jverificationv1.VerifyNumberRequest{Phone: phone, Token: "code-9000"})
		transport := &http.Transport{TLSClientConfig: config.Clone(), ForceAttemptHTTP2: true}
		defer transport.CloseIdleConnections()
		return err == nil, answered(t, &http.Client{Transport: transport}, r.web(t)+"/v1/numbers:verify")
	}
	known := &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	stranger := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	if viaGRPC, viaWeb := call(known); !viaGRPC || !viaWeb {
		t.Errorf("a known client: gRPC %t, web %t, want both", viaGRPC, viaWeb)
	}
	if viaGRPC, viaWeb := call(stranger); viaGRPC || viaWeb {
		t.Errorf("a client without a certificate: gRPC %t, web %t, want neither", viaGRPC, viaWeb)
	}

	newCert, newKey, newPool := newCertificate(t)
	for from, to := range map[string]string{newCert: cert, newKey: key} {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	if viaGRPC, viaWeb := call(known); viaGRPC || viaWeb {
		t.Errorf("the old certificate is still served: gRPC %t, web %t", viaGRPC, viaWeb)
	}
	known.RootCAs = newPool
	if viaGRPC, viaWeb := call(known); !viaGRPC || !viaWeb {
		t.Errorf("the new certificate: gRPC %t, web %t, want both", viaGRPC, viaWeb)
	}
}

// answered reports whether a call in JSON succeeds.
func answered(t *testing.T, client *http.Client, url string) bool {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url,
		strings.NewReader(`{"phone":"`+phone+`","token":"code-9000"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// TestCertificateExpires reads the end of the certificate from the metrics.
func TestCertificateExpires(t *testing.T) {
	t.Parallel()
	cert, key, _ := newCertificate(t)
	r := runGateway(t, nil, "tls-cert-file: "+cert+"\ntls-key-file: "+key, "-simulate")
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("\ngateway_certificate_expiration_timestamp_seconds %v\n", float64(pair.Leaf.NotAfter.Unix()))
	if _, body := operate(t, http.MethodGet, r.operations(t)+"/metrics"); !strings.Contains(body, want) {
		t.Errorf("the metrics lack %q", want)
	}
}
