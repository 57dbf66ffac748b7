// Package flood_test has the floods of a hostile client, and tests that the gateway
// serves other callers meanwhile.
package flood_test

import (
	"os"
	"testing"
	"time"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/commandtest"
)

func TestMain(m *testing.M) { commandtest.Main(m) }

// long is how long each flood lasts. Without it a flood ends with its last frame.
func long(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("FLOOD")
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("FLOOD: %v: want a time such as 1m", err)
	}
	return d
}

// TestFloods runs each flood against each listener that it is for. Meanwhile a caller
// wants every code from the same listener.
func TestFloods(t *testing.T) { //nolint:tparallel // the floods share a gateway, which is measured
	t.Parallel()
	v := start(t, "", nil)
	for _, f := range http2Floods() {
		v.withstand(t, "gRPC", v.Address, f, v.overGRPC)
		v.withstand(t, "web", v.Web, f, v.overREST)
	}
	for _, f := range http1Floods() {
		v.withstand(t, "web", v.Web, f, v.overREST)
		v.withstand(t, "metrics", v.Metrics, f, v.overGRPC)
	}
	t.Log(table(v.figures, v.base))
}
