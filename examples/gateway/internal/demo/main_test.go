package demo

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
)

// broken is a gateway that sends one code with another gRPC status.
var broken = []interceptor.ServerOption{
	interceptor.WithStatusCode(jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT, codes.Unavailable),
}

func TestRun(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		args []string
		opts []interceptor.ServerOption
		exit int
		want string // the end of stdout
	}{
		{"all recovered", nil, nil, exitOK, "\n49/49 codes recovered\n"},
		{"public", []string{"-public"}, nil, exitOK, "\n28/49 codes recovered, 21 masked as the public boundary requires\n"},
		{"JSON", []string{"-json"}, nil, exitOK, `{"codes":49,"recovered":49,"masked":0,"lost":0}` + "\n"},
		{"lost", nil, broken, exitLost, "\nlost 1804: gRPC code Unavailable, the table says ResourceExhausted\n48/49 codes recovered, 1 LOST\n"},
		{"lost, JSON", []string{"-json"}, broken, exitLost, `{"codes":49,"recovered":48,"masked":0,"lost":1}` + "\n"},
		{"unknown flag", []string{"-x"}, nil, exitUsage, ""},
		{"argument", []string{"x"}, nil, exitUsage, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			if got := run(t.Context(), tt.args, &stdout, &stderr, tt.opts...); got != tt.exit {
				t.Errorf("exit code = %d, want %d", got, tt.exit)
			}
			if !strings.HasSuffix(stdout.String(), tt.want) {
				t.Errorf("stdout ends differently than %q:\n%s", tt.want, &stdout)
			}
			if usage := tt.exit == exitUsage; usage != (stderr.Len() > 0) || usage && stdout.Len() > 0 {
				t.Errorf("stdout = %q, stderr = %q", &stdout, &stderr)
			}
		})
	}
}

// TestJSON wants an object in every line, and a row like any other to be told
// from what the table says.
func TestJSON(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	if got := run(t.Context(), []string{"-json"}, &stdout, &stderr); got != exitOK {
		t.Fatalf("exit code = %d: %s", got, &stderr)
	}
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	if len(lines) != 50 {
		t.Fatalf("%d lines, want 49 rows and a summary", len(lines))
	}
	rows := map[float64]map[string]any{}
	for _, line := range lines[:49] {
		var row map[string]any
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		number, _ := row["number"].(float64)
		rows[number] = row
	}
	row := rows[1804]
	for key, want := range map[string]any{
		"reason": "QPS_LIMIT", "grpc_code": "ResourceExhausted", "recovered": 1804.0, "verdict": "recovered",
		"retry": "SAME_REQUEST after 1s", "pushback_ms": "1000", "message": "服务繁忙，请稍后再试。",
	} {
		if row[key] != want {
			t.Errorf("%s = %v, want %v", key, row[key], want)
		}
	}
	details, _ := row["details"].([]any)
	if len(details) != 4 || details[0] != "ErrorInfo" {
		t.Errorf("details = %v", details)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	if got := run(t.Context(), []string{"--help"}, &stdout, &stderr); got != exitOK || stderr.Len() > 0 {
		t.Errorf("exit code = %d, stderr = %q", got, &stderr)
	}
	for _, want := range []string{"-json", "-public", "Exits with 1"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("help does not mention %q", want)
		}
	}
}
