package commandtest_test

import (
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/commandtest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

func TestMain(m *testing.M) { commandtest.Main(m) }

func TestStart(t *testing.T) {
	t.Parallel()
	g := commandtest.Start(t, commandtest.Options{Upstream: gatewaytest.Simulator(t), Settings: "log-level: debug", Env: []string{"JVERIFICATION_MASTER_SECRT=x"}})
	if _, err := g.Client.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{Phone: "13800138000", Token: "code-9000"}); err != nil {
		t.Error(err)
	}
	if g.Web == "" || g.Metrics == "" || !strings.Contains(g.Log(), "JVERIFICATION_MASTER_SECRT") {
		t.Errorf("web %q, metrics %q, log:\n%s", g.Web, g.Metrics, g.Log())
	}
}
