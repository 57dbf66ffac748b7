package server

import (
	"strings"
	"testing"

	"google.golang.org/grpc/credentials/insecure"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// TestLogRate counts the lines that are left out.
func TestLogRate(t *testing.T) {
	t.Parallel()
	r := runGateway(t, nil, "log-rate: 1", "-simulate")
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
