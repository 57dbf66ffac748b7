package server

import (
	"bytes"
	"strings"
	"testing"

	"google.golang.org/grpc/credentials/insecure"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// TestLogRate counts the lines that are left out.
func TestLogRate(t *testing.T) {
	t.Parallel()
	r := runGateway(t, nil, "-log-rate", "1")
	client := r.client(t, insecure.NewCredentials())
	const calls = 100
	for range calls {
		if _, err := client.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{Phone: phone, Token: "code-9000"}); err != nil {
			t.Fatal(err)
		}
	}
	r.stop()
	// A machine that is very slow may log some.
	if lines := strings.Count(r.log.String(), "finished call"); lines > calls/2 || !strings.Contains(r.log.String(), `"suppressed":`) {
		t.Errorf("%d lines of %d calls:\n%s", lines, calls, r.log)
	}
}

// TestSignalErrors wants the setting and the remedy.
func TestSignalErrors(t *testing.T) {
	t.Parallel()
	endpoint := "http://127.0.0.1:4318"
	tests := []struct {
		name string
		args []string
		env  variables
		want string
	}{
		{
			"another protocol", nil,
			variables{"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"},
			`OTEL_EXPORTER_OTLP_PROTOCOL is "http/protobuf", which is not spoken here: set it to grpc`,
		},
		{
			"another protocol for traces", nil,
			variables{"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/json"},
			"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL is",
		},
		{"Redis for no cool-down", []string{"-redis-addr", "localhost:6379"}, nil, "set -cooldown on, or unset it"},
		{"Redis for no cool-down at all", []string{"-redis-addr", "localhost:6379", "-cooldown", "off"}, nil, "-redis-addr or JVERIFICATION_REDIS_ADDR"},
		{"a size beyond gRPC", []string{"-max-request-bytes", "4294967296"}, nil, "set -max-request-bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			args := append([]string{"-addr", "127.0.0.1:0"}, tt.args...)
			if got := run(t.Context(), args, tt.env.get, &stdout, &stderr); got != exitUsage || !strings.Contains(stderr.String(), tt.want) {
				t.Errorf("exit code = %d, stderr = %s, want %s", got, &stderr, tt.want)
			}
		})
	}
}
