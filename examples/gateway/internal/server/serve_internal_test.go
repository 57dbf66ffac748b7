package server

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	collectorpb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/programtest"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const (
	phone = "13912345679"
	token = "one-token-for-one-call"
)

// running is a gateway whose JSON log and standard output are kept.
type running struct {
	stdout, log *programtest.Output
	file        string // of its settings
	reloads     chan os.Signal
	stop        func() int
}

// runGateway runs the command with a file and flags.
func runGateway(t *testing.T, env environment, file string, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{stdout: programtest.NewOutput(), log: programtest.NewOutput(), reloads: make(chan os.Signal, 1)}
	exit := make(chan int, 1)
	r.file = write(t, "log-format: json\nlog-level: debug\n"+file)
	args = append([]string{"-config", r.file, "-addr", "127.0.0.1:0"}, args...)
	go func() {
		code := process{args: args, env: env, stdout: r.stdout, stderr: r.log, reloads: r.reloads}.run(ctx)
		fmt.Fprintf(r.log, `exit code %d: "gateway is listening","address":"-" "web is listening","url":"-" "metrics are listening","url":"-"`+"\n", code) // ends each wait for a line
		exit <- code
	}()
	r.stop = sync.OnceValue(func() int {
		cancel()
		return <-exit
	})
	t.Cleanup(func() { r.stop() })
	return r
}

func (r *running) client(t *testing.T, creds credentials.TransportCredentials) jverificationv1.VerificationServiceClient {
	t.Helper()
	return jverificationv1.NewVerificationServiceClient(r.dial(t, creds))
}

func (r *running) dial(t *testing.T, creds credentials.TransportCredentials) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(r.log.Await(t, `"gateway is listening","address":"([^"]+)"`), grpc.WithTransportCredentials(creds))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func (r *running) web(t *testing.T) string {
	t.Helper()
	return r.log.Await(t, `"web is listening","url":"([^"]+)"`)
}

func fetch(t *testing.T, client *http.Client, method, url, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestEverythingIsServed tries what the invitation says, and reads the metrics.
func TestEverythingIsServed(t *testing.T) {
	t.Parallel()
	r := runGateway(t, nil, "", "-simulate", "-internal")
	client := r.client(t, insecure.NewCredentials())
	_, err := client.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{Phone: phone, Token: "code-9005"})
	if !codetable.Is(err, jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_INTERVAL_BELOW_MINIMUM) {
		t.Errorf("gRPC: %v", err)
	}
	for _, path := range []string{"/v1/numbers:verify", "/jiguang.jverification.v1.VerificationService/VerifyNumber"} {
		got := fetch(t, http.DefaultClient, http.MethodPost, r.web(t)+path, `{"phone":"`+phone+`","token":"code-9005"}`)
		if !strings.Contains(got, "VERIFY_INTERVAL_BELOW_MINIMUM") {
			t.Errorf("%s: %s", path, got)
		}
	}
	if got := fetch(t, http.DefaultClient, http.MethodGet, r.web(t)+"/", ""); !strings.Contains(got, `<div id="app">`) {
		t.Errorf("the page: %s", got)
	}
	got := fetch(t, http.DefaultClient, http.MethodGet, r.log.Await(t, `"metrics are listening","url":"([^"]+)"`), "")
	for _, want := range []string{
		`codetable_failures_total{domain="jverification.jiguang.cn",fault="END_USER",grpc_code="ResourceExhausted",grpc_method="VerifyNumber",grpc_service="jiguang.jverification.v1.VerificationService",masked="false",reason="VERIFY_INTERVAL_BELOW_MINIMUM"} 3`,
		"gateway_upstream_reachable 1", "gateway_upstream_duration_seconds_bucket", "codetable_calls_in_flight", "go_goroutines",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the metrics do not hold %s", want)
		}
	}
	r.stop()
	for _, want := range []string{"grpcurl -plaintext -d", "curl -H", "open " + r.web(t) + "/ in a browser", "/metrics"} {
		if got := r.stdout.String(); !strings.Contains(got, want) {
			t.Errorf("the invitation does not hold %q:\n%s", want, got)
		}
	}
}

func TestListenersOff(t *testing.T) {
	t.Parallel()
	r := runGateway(t, nil, "metrics-addr: off", "-simulate", "-web-addr", "off")
	conn := r.dial(t, insecure.NewCredentials())
	_, err := jverificationv1.NewVerificationServiceClient(conn).VerifyNumber(t.Context(),
		&jverificationv1.VerifyNumberRequest{Phone: phone, Token: "code-9000"})
	for _, probe := range []string{"liveness", "readiness"} { // there is no /healthz and no /readyz
		checked, err := healthpb.NewHealthClient(conn).Check(t.Context(), &healthpb.HealthCheckRequest{Service: probe})
		if err != nil || checked.GetStatus() != healthpb.HealthCheckResponse_SERVING {
			t.Errorf("%s: %v, %v", probe, checked.GetStatus(), err)
		}
	}
	if code := r.stop(); err != nil || code != exitOK {
		t.Errorf("error = %v, exit code %d", err, code)
	}
	if strings.Contains(r.log.String(), `"msg":"web is`) || strings.Contains(r.log.String(), `"msg":"metrics are`) {
		t.Errorf("log = %s", r.log)
	}
}

// TestFullRunTellsNothingOn has an upstream that echoes, and a log in JSON.
func TestFullRunTellsNothingOn(t *testing.T) {
	t.Parallel()
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		text, _ := json.Marshal(string(body) + r.Header.Get("Authorization"))
		fmt.Fprintf(w, `{"code":9018,"content":%s}`, text)
	}))
	t.Cleanup(upstream.Close)
	r := runGateway(t, environment{"JVERIFICATION_MASTER_SECRET": secret},
		"app-key: key\ncooldown: off\nupstream-url: "+upstream.URL)
	client := r.client(t, insecure.NewCredentials())
	_, err := client.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token})
	fetch(t, http.DefaultClient, http.MethodPost, r.web(t)+"/v1/numbers:verify", `{"phone":"`+phone+`","token":"`+token+`"}`)
	fetch(t, http.DefaultClient, http.MethodPost, r.web(t)+"/v1/numbers:verify", `{"phone":"`+phone+`","token":`)
	fetch(t, http.DefaultClient, http.MethodGet, r.web(t)+"/"+phone, "")
	if got := r.stop(); got != exitOK {
		t.Errorf("exit code = %d", got)
	}
	for _, private := range []string{phone, token, secret} {
		if strings.Contains(r.log.String()+r.stdout.String()+err.Error(), private) {
			t.Errorf("%q is told on: %v\n%s", private, err, r.log)
		}
	}
	id := codetableID(err)
	for line := range strings.Lines(r.log.String()) {
		var entry map[string]any
		if json.Unmarshal([]byte(line), &entry) == nil && entry["codetable.request_id"] == id && id != "" &&
			entry["codetable.code"] == 9018.0 && entry["codetable.reason"] == "APPKEY_NO_MONEY" {
			return
		}
	}
	t.Errorf("no line has the code, the reason and the correlation id %q:\n%s", id, r.log)
}

func codetableID(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(interface{ GetRequestId() string }); ok {
			return info.GetRequestId()
		}
	}
	return ""
}

// TestServesTLS has one certificate for gRPC and for the web.
func TestServesTLS(t *testing.T) {
	t.Parallel()
	cert, key, pool := newCertificate(t)
	r := runGateway(t, nil, "tls-cert-file: "+cert+"\ntls-key-file: "+key, "-simulate")
	trusting := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	_, err := r.client(t, credentials.NewTLS(trusting)).VerifyNumber(t.Context(),
		&jverificationv1.VerifyNumberRequest{Phone: phone, Token: "code-9000"})
	if err != nil {
		t.Errorf("gRPC: %v", err)
	}
	transport := &http.Transport{TLSClientConfig: trusting, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	got := fetch(t, &http.Client{Transport: transport}, http.MethodPost, r.web(t)+"/v1/numbers:verify", `{"phone":"`+phone+`","token":"code-9000"}`)
	if !strings.Contains(got, "VERIFY_CONSISTENT") {
		t.Errorf("web: %s", got)
	}
	if _, err := r.client(t, insecure.NewCredentials()).VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{}); err == nil {
		t.Error("plain text was let in")
	}
}

func newCertificate(t *testing.T) (certFile, keyFile string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	chain := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(chain)
	return write(t, string(chain)), write(t, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))), pool
}

// collector is an OpenTelemetry collector that keeps the names of spans.
type collector struct {
	collectorpb.UnimplementedTraceServiceServer
	names chan string
}

func (c *collector) Export(_ context.Context, req *collectorpb.ExportTraceServiceRequest) (*collectorpb.ExportTraceServiceResponse, error) {
	for _, resource := range req.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				c.names <- span.GetName()
			}
		}
	}
	return &collectorpb.ExportTraceServiceResponse{}, nil
}

func TestTracesAreSent(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &collector{names: make(chan string, 100)}
	server := grpc.NewServer()
	collectorpb.RegisterTraceServiceServer(server, c)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)

	r := runGateway(t, environment{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://" + listener.Addr().String()}, "", "-simulate")
	_, err = r.client(t, insecure.NewCredentials()).VerifyNumber(t.Context(),
		&jverificationv1.VerifyNumberRequest{Phone: phone, Token: "code-9000"})
	if code := r.stop(); err != nil || code != exitOK {
		t.Fatalf("error = %v, exit code %d", err, code)
	}
	close(c.names) // the gateway has sent all before it ended
	got := map[string]bool{}
	for name := range c.names {
		got[name] = true
	}
	for _, want := range []string{"jiguang.jverification.v1.VerificationService/VerifyNumber", "POST /v1/web/verify"} {
		if !got[want] {
			t.Errorf("no span %q among %v", want, got)
		}
	}
}

// TestCooldown answers the second call from memory, also where the Redis that
// was asked for is not there.
func TestCooldown(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		file string
		held bool // the call after 9018 is answered so too
	}{
		{"auto with the simulator", "", false},
		{"off", "cooldown: off", false},
		{"on", "cooldown: on", true},
		{"on without its Redis", "cooldown: on\nredis-addr: 127.0.0.1:1", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client := runGateway(t, nil, tt.file, "-simulate", "-internal").client(t, insecure.NewCredentials())
			call := func(token string) error {
				_, err := client.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token})
				return err
			}
			const noMoney = jverificationv1.ResponseCode_RESPONSE_CODE_APPKEY_NO_MONEY
			if err := call("code-9018"); !codetable.Is(err, noMoney) {
				t.Fatalf("error = %v, want 9018", err)
			}
			err := call("code-9000")
			if held := codetable.Is(err, noMoney); held != tt.held || held != (err != nil) {
				t.Errorf("error = %v, want 9018: %t", err, tt.held)
			}
		})
	}
}

// TestHealthEndsFirst watches the health while the gateway shuts down, which
// waits for the watcher.
func TestHealthEndsFirst(t *testing.T) {
	t.Parallel()
	r := runGateway(t, nil, "grace: 1h", "-simulate")
	conn := r.dial(t, insecure.NewCredentials())
	watch, err := healthpb.NewHealthClient(conn).Watch(t.Context(), &healthpb.HealthCheckRequest{Service: "readiness"})
	if err != nil {
		t.Fatal(err)
	}
	states := make(chan healthpb.HealthCheckResponse_ServingStatus)
	go func() {
		defer close(states)
		for {
			resp, err := watch.Recv()
			if err != nil {
				return
			}
			states <- resp.GetStatus()
		}
	}()
	for got := range states { // until the first probe has ended
		if got == healthpb.HealthCheckResponse_SERVING {
			break
		}
	}
	exit := make(chan int)
	go func() { exit <- r.stop() }()
	if got := <-states; got != healthpb.HealthCheckResponse_NOT_SERVING {
		t.Errorf("during shutdown: %v", got)
	}
	conn.Close()
	if got := <-exit; got != exitOK {
		t.Errorf("exit code = %d", got)
	}
}
