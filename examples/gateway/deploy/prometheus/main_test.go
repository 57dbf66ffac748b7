// Package prometheus_test runs the rules of this folder in a real Prometheus, which
// scrapes a real gateway.
package prometheus_test

import (
	"testing"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/commandtest"
)

func TestMain(m *testing.M) { commandtest.Main(m) }
