package docs_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	collectorpb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/commandtest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/prometheustest"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

const phone = "13800138000"

// collector gathers the names of the attributes of all spans.
type collector struct {
	collectorpb.UnimplementedTraceServiceServer

	mu         sync.Mutex
	attributes map[string]bool
}

// Export implements [collectorpb.TraceServiceServer].
func (c *collector) Export(_ context.Context, request *collectorpb.ExportTraceServiceRequest) (*collectorpb.ExportTraceServiceResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, resource := range request.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				for _, attribute := range span.GetAttributes() {
					c.attributes[attribute.GetKey()] = true
				}
			}
		}
	}
	return &collectorpb.ExportTraceServiceResponse{}, nil
}

func startCollector(t *testing.T) (c *collector, url string) {
	t.Helper()
	c = &collector{attributes: map[string]bool{}}
	server := grpc.NewServer()
	collectorpb.RegisterTraceServiceServer(server, c)
	listener := gatewaytest.Listen(t)
	gatewaytest.Serve(t, server, listener)
	return c, "http://" + listener.Addr().String()
}

// TestSignals has a gateway meet successes and failures of all kinds, and looks for
// what it exposes, logs and sends to a collector.
func TestSignals(t *testing.T) {
	t.Parallel()
	collected, url := startCollector(t)
	g := commandtest.Start(t, commandtest.Options{
		Upstream: gatewaytest.Simulator(t), Settings: "log-level: debug\nrisk-attempts: 1",
		Env: []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + url},
	})
	meet(t, g)

	var metrics []string
	for name := range prometheustest.Scrape(t, "http://"+g.Metrics+"/metrics") {
		if strings.HasPrefix(name, "codetable_") || strings.HasPrefix(name, "gateway_") || strings.HasPrefix(name, "grpc_") {
			metrics = append(metrics, name)
		}
	}
	wantAll(t, "Metrics", metrics)
	wantOnly(t, "Metrics", append(metrics, "codetable_shed_total", "gateway_certificate_expiration_timestamp_seconds")) // no error was too large, and there is no TLS

	if err := g.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := g.Wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	fields := map[string]bool{}
	for line := range strings.Lines(g.Log()) {
		values := map[string]any{}
		if err := json.Unmarshal([]byte(line), &values); err != nil {
			t.Errorf("%q: %v", line, err)
		}
		for name := range values {
			fields[name] = true
		}
	}
	wantAll(t, "Logs", slices.Sorted(maps.Keys(fields)))

	collected.mu.Lock()
	defer collected.mu.Unlock()
	attributes := slices.Sorted(maps.Keys(collected.attributes))
	wantAll(t, "Traces", attributes)
	wantOnly(t, "Traces", attributes)
}

// meet sends calls that end in each way.
func meet(t *testing.T, g *commandtest.Gateway) {
	t.Helper()
	for _, token := range []string{"code-9000", "code-9001", "code-9099", "code-77", "fault-reset", "fault-html502", "code-9018", "code-9018"} {
		_, _ = g.Client.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token})
	}
	_, _ = g.Client.QueryBusinessRisk(t.Context(), &jverificationv1.QueryBusinessRiskRequest{Phone: "code-2000"})
	_, _ = g.Client.CheckCaptcha(t.Context(), &jverificationv1.CheckCaptchaRequest{CaptchaContent: "code-8001"})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+g.Web+"/v1/numbers:verify", strings.NewReader("{"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if err := g.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	prometheustest.Await(t, "a line of the reload", func() bool { return strings.Contains(g.Log(), "settings were read again") })
}
