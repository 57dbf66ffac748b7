package server

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestIdleConnectionsFailNoProbe holds more connections to the metrics address than it
// has places, and says nothing on them.
func TestIdleConnectionsFailNoProbe(t *testing.T) {
	t.Parallel()
	r := runGateway(t, nil, "max-connections: 5", "-simulate")
	url := r.operations(t)
	for range 50 {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // before idle connections end by themselves
	defer cancel()
	probe, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/healthz", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if status, body := send(t, http.DefaultTransport, probe); status != http.StatusOK {
		t.Errorf("/healthz is %d %s", status, body)
	}
}
