package server

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"google.golang.org/grpc/credentials/insecure"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// TestStderrIsTheLog has two libraries in trouble that write to stderr by
// themselves, unless they are told otherwise. It takes a process to see that.
func TestStderrIsTheLog(t *testing.T) {
	t.Parallel()
	r, process, ended := startProcess(t,
		[]string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_TIMEOUT=1"}, 0,
		"cooldown: on\nredis-timeout: 1m\nredis-addr: unix://"+filepath.Join(t.TempDir(), "none"), "-simulate")
	_, err := r.client(t, insecure.NewCredentials()).VerifyNumber(t.Context(),
		&jverificationv1.VerifyNumberRequest{Phone: phone, Token: "code-9000"})
	if err != nil {
		t.Error(err)
	}
	if err := process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for line := range strings.Lines(r.log.String()) {
		if !json.Valid([]byte(line)) && !strings.HasPrefix(line, "the process ended") {
			t.Errorf("not a line of the log: %s", line)
		}
	}
	for _, want := range []string{`"level":"WARN","msg":"the Redis client has a problem","problem":"redis: `, `"level":"WARN","msg":"OpenTelemetry has a problem","problem":"`} {
		if !strings.Contains(r.log.String(), want) {
			t.Errorf("the log does not hold %s:\n%s", want, r.log)
		}
	}
}
