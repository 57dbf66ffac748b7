package server

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// TestMisspelt wants the variable and the remedy, and no value.
func TestMisspelt(t *testing.T) {
	t.Parallel()
	tests := []struct{ variable, want string }{
		{"JVERIFICATION_PUBLC=true", "JVERIFICATION_PUBLC is not a setting, and has no effect: see -help for the settings, or unset it"},
		{"JVERIFICATION_MASTERSECRET=" + secret, "JVERIFICATION_MASTERSECRET is not a setting"},
		{"JVERIFICATION_COOL_DOWN=", "JVERIFICATION_COOL_DOWN is not a setting"},
		{"jverification_public=true", "jverification_public is not a setting"},
		{"JVERIFICATION_PORT=8090", "JVERIFICATION_PORT is not a setting"},
		{"JVERIFICATION_PUBLIC=true", ""},
		{"JVERIFICATION_MASTER_SECRET=" + secret, ""},
		{"JVERIFICATION_CONFIG=file", ""},
		{"JVERIFICATIONS=1", ""},
		{"JVERIFICATION_SERVICE_HOST=10.0.0.1", ""},
		{"JVERIFICATION_GATEWAY_SERVICE_PORT=8090", ""},
		{"JVERIFICATION_SERVICE_PORT_GRPC_WEB=8091", ""},
		{"JVERIFICATION_PORT=tcp://10.0.0.1:8090", ""},
		{"JVERIFICATION_PORT_8090_TCP=tcp://10.0.0.1:8090", ""},
		{"JVERIFICATION_PORT_8090_TCP_ADDR=10.0.0.1", ""},
	}
	for _, tt := range tests {
		t.Run(tt.variable, func(t *testing.T) {
			t.Parallel()
			warnings := misspelt([]string{"HOME=/", tt.variable})
			if tt.want == "" {
				if len(warnings) > 0 {
					t.Errorf("warnings: %v", warnings)
				}
				return
			}
			if len(warnings) != 1 || !strings.Contains(warnings[0].Error(), tt.want) || strings.Contains(warnings[0].Error(), secret) {
				t.Errorf("warnings: %v, want %q", warnings, tt.want)
			}
		})
	}
}

// TestMisspeltIsTold starts all the same, and says it in the log. Where a wrong
// setting stops the start, the misspelt one may be why.
func TestMisspeltIsTold(t *testing.T) {
	t.Parallel()
	const want = "JVERIFICATION_UPSTREM_URL is not a setting"
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		args []string
		code int
		log  string
	}{
		{nil, exitOK, "level=WARN"},
		{[]string{"-app-key", "key"}, exitUsage, "gateway: credentials without an upstream"},
		{[]string{"-help"}, exitOK, ""},
	} {
		var stdout, stderr bytes.Buffer
		args := append([]string{"-addr", "127.0.0.1:0"}, tt.args...)
		got := run(ended, args, variables{}.get, &stdout, &stderr, "JVERIFICATION_UPSTREM_URL=https://api.example")
		if told := strings.Contains(stderr.String(), want); got != tt.code || told != (tt.log != "") || !strings.Contains(stderr.String(), tt.log) {
			t.Errorf("%v: exit code %d: %s", tt.args, got, &stderr)
		}
	}
}
