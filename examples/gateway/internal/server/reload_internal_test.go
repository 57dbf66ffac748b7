package server

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
)

// reload gives a gateway another file, and waits for a line of the log.
func (r *running) reload(t *testing.T, file, want string) {
	t.Helper()
	if err := os.WriteFile(r.file, []byte("log-format: json\n"+file), 0o600); err != nil {
		t.Fatal(err)
	}
	r.reloads <- syscall.SIGHUP
	r.log.Await(t, "("+want+"|exit code)")
	if !strings.Contains(r.log.String(), strings.ReplaceAll(want, `\`, "")) {
		t.Fatalf("the log lacks %s:\n%s", want, r.log)
	}
}

func TestReload(t *testing.T) {
	t.Parallel()
	r := runGateway(t, nil, "", "-simulate", "-page", "on")
	url := r.web(t) + "/v1/numbers:verify"
	r.reload(t, "log-level: debug\nlog-rate: 7\ngrace: 3s\npage: off\n", `"changed":\["log-rate"\],"needs_restart":\["grace"\]`)
	r.reload(t, "log-level: debug\nlog-rate: 7\ngrace: 3s\ninternal: true\n", `"changed":null,"needs_restart":\["grace","internal"\]`)
	r.reload(t, "grace: 1d\n"+secret+": 1\n", `"the settings are not valid: the old ones stay in use","error":"`+r.file+`:2: grace needs a time`)
	if !answered(t, http.DefaultClient, url) {
		t.Error("a faulty file ended the service")
	}
	r.reload(t, "log-level: warn\nlog-rate: 7\n", `"changed":\["log-level"\],"needs_restart":null`)
	calls := strings.Count(r.log.String(), "finished call")
	if !answered(t, http.DefaultClient, url) || r.stop() != exitOK {
		t.Error("the gateway does not serve, or ended with a failure")
	}
	if log := r.log.String(); strings.Count(log, "finished call") > calls || strings.Contains(log, "shutting down") {
		t.Errorf("the log has another level still:\n%s", log)
	}
}

// TestReloadTLS names other files, and none.
func TestReloadTLS(t *testing.T) {
	t.Parallel()
	files := func() (string, *x509.CertPool) {
		cert, key, pool := newCertificate(t)
		return "tls-cert-file: " + cert + "\ntls-key-file: " + key + "\n", pool
	}
	first, old := files()
	second, current := files()
	r := runGateway(t, nil, first, "-simulate")
	url := r.web(t) + "/v1/numbers:verify"
	trusts := func(pool *x509.CertPool) bool {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
		defer transport.CloseIdleConnections()
		return answered(t, &http.Client{Transport: transport}, url)
	}
	if !trusts(old) || trusts(current) {
		t.Error("the first certificate is not served")
	}
	r.reload(t, "log-level: debug\n"+second, `"changed":\["tls-cert-file","tls-key-file"\],"needs_restart":null`)
	if trusts(old) || !trusts(current) {
		t.Error("the second certificate is not served")
	}
	r.reload(t, "log-level: debug\n"+strings.ReplaceAll(second, "key-file: ", "key-file: no"), `"the settings are not valid: the old ones stay in use","error":"tls-key-file names no file`)
	r.reload(t, "log-level: debug\n", `"changed":null,"needs_restart":\["tls-cert-file","tls-key-file"\]`)
	if !trusts(current) {
		t.Error("the second certificate is no longer served")
	}
}

// TestReloadSecret has a file of a secret hold another one.
func TestReloadSecret(t *testing.T) {
	t.Parallel()
	path := write(t, secret)
	file := "upstream-url: http://localhost:1\napp-key: key\nmaster-secret-file: " + path + "\n"
	r := runGateway(t, nil, file)
	r.web(t)
	if err := os.WriteFile(path, []byte(secret+"0"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.reload(t, file, `"needs_restart":\["master-secret-file"\]`)
}

// TestSIGHUP has a real process survive it.
func TestSIGHUP(t *testing.T) {
	t.Parallel()
	r, process, ended := startProcess(t, nil, 0, "", "-simulate")
	r.web(t)
	for _, signal := range []os.Signal{syscall.SIGHUP, syscall.SIGTERM} {
		if err := process.Signal(signal); err != nil {
			t.Error(err)
		}
		if signal == syscall.SIGHUP {
			r.log.Await(t, `(settings were read again|process ended)`)
		}
	}
	if err := <-ended; err != nil || !strings.Contains(r.log.String(), "settings were read again") {
		t.Errorf("the process ended with %v:\n%s", err, r.log)
	}
}
