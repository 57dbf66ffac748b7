package kubernetes_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/embedded"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
)

// start runs the gateway with gateway.yaml, on free loopback ports and in front of a
// simulator, until the test ends. It returns the addresses by the names of the ports.
func start(t *testing.T) map[string]string {
	t.Helper()
	upstream, err := embedded.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { upstream.Close() })
	to := upstream.Configure(gateway.Config{})
	file := settingsFile(t, map[string]string{
		"master-secret": string(to.MasterSecret),
		"redis-url":     "redis://127.0.0.1:1", // nothing listens there, and the gateway serves all the same
	}, "https://api.verification.jpush.cn", to.UpstreamURL, "7d431e42dfa6a6d693ac2d04", to.AppKey,
		"0.0.0.0:8090", "127.0.0.1:0", "0.0.0.0:8091", "127.0.0.1:0", "0.0.0.0:8092", "127.0.0.1:0")
	process := command(t, file)
	log, err := process.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(log)
	t.Cleanup(func() {
		_ = process.Process.Kill() // it may have ended
		for lines.Scan() {
			continue // until it has ended
		}
		_ = process.Wait() // its exit code says that it was killed
	})
	return listening(t, lines)
}

// listening reads the log until all addresses are in it.
func listening(t *testing.T, lines *bufio.Scanner) map[string]string {
	t.Helper()
	var said strings.Builder
	addresses := map[string]string{}
	for len(addresses) < 3 && lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		var line struct{ Msg, Address, URL string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("the log has another form than log-format says: %v\n%s", err, &said)
		}
		host := strings.TrimPrefix(line.URL, "http://")
		switch line.Msg {
		case "gateway is listening":
			addresses["grpc"] = line.Address
		case "web is listening":
			addresses["web"] = host
		case "metrics are listening":
			addresses["metrics"] = strings.TrimSuffix(host, "/metrics")
		}
	}
	if len(addresses) < 3 {
		t.Fatalf("the gateway ended:\n%s", &said)
	}
	return addresses
}

func get(t *testing.T, address, path, host string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = host
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode
}

// TestProbes asks a gateway with these settings what the manifests ask: the probes,
// Prometheus, callers, and the health checks of the service config.
func TestProbes(t *testing.T) {
	t.Parallel()
	all, set, _, pod := readAll(t)
	addresses := start(t)
	var config struct {
		HealthCheck struct {
			ServiceName string `yaml:"serviceName"`
		} `yaml:"healthCheckConfig"`
	}
	decode(t, "../service_config.json", &config)
	awaitServing(t, addresses["grpc"], config.HealthCheck.ServiceName)

	for name, probe := range map[string]probe{"startup": pod.StartupProbe, "liveness": pod.LivenessProbe, "readiness": pod.ReadinessProbe} {
		if code := get(t, addresses[probe.HTTPGet.Port], probe.HTTPGet.Path, ""); code != http.StatusOK {
			t.Errorf("%s probe %+v: status %d, want 200", name, probe.HTTPGet, code)
		}
	}
	scrape := all["ServiceMonitor/"+name].Spec.Endpoints[0]
	if code := get(t, addresses[scrape.Port], scrape.Path, ""); code != http.StatusOK {
		t.Errorf("GET %s of the port %s: status %d, want 200", scrape.Path, scrape.Port, code)
	}
	for _, host := range set.AllowedHosts {
		if service, _, _ := strings.Cut(host, "."); all["Service/"+service].Kind == "" {
			t.Errorf("allowed-hosts has %s, and no service has that name", host)
		}
		if code := get(t, addresses["web"], "/openapi.yaml", host+":8091"); code != http.StatusOK {
			t.Errorf("a caller of %s gets the status %d, want 200", host, code)
		}
	}
	if code := get(t, addresses["web"], "/openapi.yaml", "elsewhere.example.com"); code != http.StatusMisdirectedRequest {
		t.Errorf("a caller of another host gets the status %d, want 421", code)
	}
}

// awaitServing returns when a service is SERVING.
func awaitServing(t *testing.T, address, service string) {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	states, err := healthpb.NewHealthClient(conn).Watch(t.Context(), &healthpb.HealthCheckRequest{Service: service})
	if err != nil {
		t.Fatal(err)
	}
	for {
		state, err := states.Recv()
		if err != nil {
			t.Fatal(err)
		}
		switch state.GetStatus() {
		case healthpb.HealthCheckResponse_SERVING:
			return
		case healthpb.HealthCheckResponse_SERVICE_UNKNOWN:
			t.Fatalf("the gateway has no health check of %q", service)
		default: // not yet
		}
	}
}
