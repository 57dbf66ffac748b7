package deploy_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// envoy picks its ports itself.
var envoy = proxy{
	name: "Envoy", program: "envoy", config: "envoy.yaml", variable: "ENVOY",
	site:  envoySite,
	args:  []string{"--disable-hot-restart", "--concurrency", "2", "--admin-address-path", "admin", "-c"},
	ready: "all dependencies initialized. starting workers", address: envoyAddress,
}

func envoySite(p place) map[string]string {
	host, grpc, _ := net.SplitHostPort(p.backend)
	_, web, _ := net.SplitHostPort(p.web)
	return map[string]string{
		"127.0.0.1, port_value: 9901":                "127.0.0.1, port_value: 0",
		"0.0.0.0, port_value: 443":                   "127.0.0.1, port_value: 0",
		"/etc/ssl/gateway.crt":                       "both.pem",
		"/etc/ssl/gateway.key":                       "both.pem",
		"gateway.example.internal, port_value: 8090": host + ", port_value: " + grpc,
		"gateway.example.internal, port_value: 8091": host + ", port_value: " + web,
		"health_check_config: {port_value: 8090}":    "health_check_config: {port_value: " + grpc + "}",
	}
}

// envoyAddress asks Envoy's admin interface where it listens.
func envoyAddress(t *testing.T, dir string) string {
	t.Helper()
	var listeners struct {
		Statuses []struct {
			Local struct {
				Socket struct {
					Address string `json:"address"`
					Port    int    `json:"port_value"`
				} `json:"socket_address"`
			} `json:"local_address"`
		} `json:"listener_statuses"`
	}
	admin(t, dir, "listeners?format=json", &listeners)
	if len(listeners.Statuses) != 1 {
		t.Fatalf("listeners: %+v, want one", listeners)
	}
	socket := listeners.Statuses[0].Local.Socket
	return fmt.Sprintf("%s:%d", socket.Address, socket.Port)
}

// admin reads a page of Envoy's admin interface.
func admin(t *testing.T, dir, page string, into any) {
	t.Helper()
	resp := askAdmin(t, dir, http.MethodGet, page)
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		t.Fatalf("%s: %v", page, err)
	}
}

func askAdmin(t *testing.T, dir, method, page string) *http.Response {
	t.Helper()
	address, err := os.ReadFile(filepath.Join(dir, "admin"))
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(bounded(t), method, "http://"+strings.TrimSpace(string(address))+"/"+page, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", page, resp.Status)
	}
	return resp
}

// healthy is how many gateways Envoy takes for healthy.
func (at running) healthy(t *testing.T) int {
	t.Helper()
	var clusters struct {
		Statuses []struct {
			Name  string `json:"name"`
			Hosts []struct {
				Health struct {
					Failed bool `json:"failed_active_health_check"`
				} `json:"health_status"`
			} `json:"host_statuses"`
		} `json:"cluster_statuses"`
	}
	admin(t, at.dir, "clusters?format=json", &clusters)
	healthy := 0
	for _, cluster := range clusters.Statuses {
		for _, host := range cluster.Hosts {
			if cluster.Name == "grpc" && !host.Health.Failed {
				healthy++
			}
		}
	}
	return healthy
}

// TestEnvoyDrains ends the listener during a call, which goes on.
func TestEnvoyDrains(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan struct{}), make(chan struct{})
	srv := &service{answer: func(context.Context, int32) error {
		close(entered)
		<-leave
		return nil
	}}
	b := newBackend(t, srv)
	p := envoy
	p.args = append([]string{"--drain-time-s", "1"}, p.args...)
	at := p.start(t, b)
	conn, err := grpc.NewClient(at.address, grpc.WithTransportCredentials(credentials.NewClientTLSFromCert(at.roots, "")))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	done := make(chan error, 1)
	go func() { done <- unaryCall(bounded(t), pb.NewTestServiceClient(conn)) }()
	<-entered
	askAdmin(t, at.dir, http.MethodPost, "drain_listeners?graceful").Body.Close()
	for ctx := bounded(t); ; {
		other, err := new(net.Dialer).DialContext(ctx, "tcp", at.address)
		if err != nil {
			break
		}
		other.Close()
	}
	close(leave)
	if err := <-done; err != nil {
		t.Errorf("the call under way: %v", err)
	}
}

// TestEnvoyNamesTheClient has a client that names another address. The gateway goes by the
// last one, which Envoy adds: for a client on loopback, the address of the machine.
func TestEnvoyNamesTheClient(t *testing.T) {
	t.Parallel()
	const forged = "198.51.100.7"
	srv := &service{answer: func(ctx context.Context, _ int32) error {
		from := strings.Join(metadata.ValueFromIncomingContext(ctx, "x-forwarded-for"), ",")
		return status.Error(codes.Aborted, from[strings.LastIndexByte(from, ',')+1:])
	}}
	client := pb.NewTestServiceClient(envoy.dial(t, newBackend(t, srv)))
	err := unaryCall(metadata.AppendToOutgoingContext(bounded(t), "x-forwarded-for", forged), client)
	if from := status.Convert(err).Message(); from == forged || net.ParseIP(from) == nil {
		t.Errorf("the gateway sees the caller %q", from)
	}
}
