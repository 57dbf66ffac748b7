package deploy_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
	address, err := os.ReadFile(filepath.Join(dir, "admin"))
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(bounded(t), http.MethodGet, "http://"+strings.TrimSpace(string(address))+"/"+page, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		t.Fatalf("%s: %v", page, err)
	}
}
