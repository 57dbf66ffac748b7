package server

import (
	"strings"
	"testing"

	"google.golang.org/grpc/credentials/insecure"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// TestLogRate counts the lines of calls that are left out. No line of the gateway as
// a whole is, and the count is logged rarely.
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
	for _, want := range []string{"gateway is listening", "web is listening", "metrics are listening", "shutting down"} {
		if !strings.Contains(r.log.String(), `"msg":"`+want) {
			t.Errorf("the log lacks %s:\n%s", want, r.log)
		}
	}
}
