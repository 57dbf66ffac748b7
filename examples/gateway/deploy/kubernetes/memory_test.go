package kubernetes_test

import (
	"testing"

	service "github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
)

// TestOpenCallsFitInMemory fills all calls that may be open, each with a message that
// lacks its last byte. Two addresses are enough for that, and nothing ends such calls
// before their connections are too old.
func TestOpenCallsFitInMemory(t *testing.T) {
	t.Parallel()
	const ownOfCall = 20 << 10 // its goroutine, its stack and what grpc-go keeps
	_, _, _, gateway := readAll(t)
	c := service.Config{}.WithDefaults()
	most := service.OpenPerPlace * c.MaxUpstreamCalls * (c.MaxRequestBytes + ownOfCall)
	if memory := mebibytes(t, gateway.Resources.Limits["memory"]) << 20; most > memory*9/10 {
		t.Errorf("open calls can take %d MiB, of %d MiB", most>>20, memory>>20)
	}
}
