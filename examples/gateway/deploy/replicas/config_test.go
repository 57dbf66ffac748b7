// Package replicas_test runs clients with service_config.json against several
// gateways.
package replicas_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// serviceConfig is the file that clients of the gateway use.
func serviceConfig(t *testing.T) string {
	t.Helper()
	config, err := os.ReadFile("../service_config.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(config)
}

// TestAcceptedByGRPC relies on grpc.NewClient, which refuses a default service
// config that it can't parse.
func TestAcceptedByGRPC(t *testing.T) {
	t.Parallel()
	accept := func(config string) error {
		conn, err := grpc.NewClient("passthrough:///unused",
			grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultServiceConfig(config))
		if err == nil {
			conn.Close()
		}
		return err
	}
	config := serviceConfig(t)
	if err := accept(config); err != nil {
		t.Errorf("grpc-go refuses the config: %v", err)
	}
	if broken := strings.Replace(config, "RESOURCE_EXHAUSTED", "RESOURCE", 1); accept(broken) == nil {
		t.Error("grpc-go accepts a status that does not exist")
	}
}

type policy struct {
	Timeout     string
	RetryPolicy *struct {
		MaxAttempts          int
		RetryableStatusCodes []string
	}
}

// policies returns what the config says of each method.
func policies(t *testing.T) map[string]policy {
	t.Helper()
	var parsed struct {
		MethodConfig []struct {
			Name []struct{ Service, Method string }
			policy
		}
	}
	if err := json.Unmarshal([]byte(serviceConfig(t)), &parsed); err != nil {
		t.Fatal(err)
	}
	found := map[string]policy{}
	for _, config := range parsed.MethodConfig {
		for _, name := range config.Name {
			if name.Service != jverificationv1.VerificationService_ServiceDesc.ServiceName || name.Method == "" {
				t.Errorf("%q of %q: want every method by its name", name.Method, name.Service)
			}
			found[name.Method] = config.policy
		}
	}
	return found
}

// TestMethods checks that each unary method has a timeout, and that only the
// repeatable one has retries.
func TestMethods(t *testing.T) {
	t.Parallel()
	found := policies(t)
	for _, method := range jverificationv1.VerificationService_ServiceDesc.Methods {
		p, ok := found[method.MethodName]
		if !ok || p.Timeout == "" {
			t.Errorf("%s has no timeout", method.MethodName)
		}
		if retries := p.RetryPolicy != nil; retries != (method.MethodName == "QueryBusinessRisk") {
			t.Errorf("%s: has a retry policy = %t", method.MethodName, retries)
		}
	}
	for _, stream := range jverificationv1.VerificationService_ServiceDesc.Streams {
		if p, ok := found[stream.StreamName]; ok {
			t.Errorf("%s is a stream and has %+v", stream.StreamName, p)
		}
	}
}

// TestRetryableCodes compares the retried statuses with the declared codes of the
// method that allow the same request again.
func TestRetryableCodes(t *testing.T) {
	t.Parallel()
	retryable := policies(t)["QueryBusinessRisk"].RetryPolicy.RetryableStatusCodes
	want := map[string]bool{"UNAVAILABLE": true}
	service := jverificationv1.File_jiguang_jverification_v1_verification_service_proto.Services().ByName("VerificationService")
	declared, _ := codetable.Declared(service.Methods().ByName("QueryBusinessRisk"))
	for _, spec := range declared {
		if spec.Retry().Action == codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST {
			want[strings.TrimPrefix(codetablev1.GrpcCode(spec.GRPCCode()).String(), "GRPC_CODE_")] = true
		}
	}
	got := map[string]bool{}
	for _, name := range retryable {
		got[name] = true
	}
	if diff := cmp.Diff(want, got); diff != "" || !slices.IsSorted(retryable) {
		t.Errorf("%v (-want +got):\n%s", retryable, diff)
	}
}

// TestTimeoutFitsTheGateway leaves a second for the network beside the time that
// the gateway waits for the upstream.
func TestTimeoutFitsTheGateway(t *testing.T) {
	t.Parallel()
	const network = time.Second
	for method, p := range policies(t) {
		want := gateway.DefaultTimeout + network
		if p.RetryPolicy != nil {
			want *= time.Duration(p.RetryPolicy.MaxAttempts)
		}
		if got, err := time.ParseDuration(p.Timeout); err != nil || got != want {
			t.Errorf("%s: timeout %q, want %v", method, p.Timeout, want)
		}
	}
}
