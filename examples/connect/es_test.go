package connect_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
)

// received is what connect-es reports of a call.
type received struct {
	Name    string
	Sent    string
	Code    codes.Code
	Message string
	Details []struct {
		Type  string
		Value []byte
	}
	RetryAfter, Pushback string
	Succeeded            bool
}

// connect-es receives the same status, details byte for byte, over each
// transport and kind of call.
func TestConnectES(t *testing.T) {
	t.Parallel()
	counts := map[string]int{}
	for _, got := range callES(t, serve(t).URL) {
		counts[got.Name]++
		event := sent(t, got.Sent)
		if event.Status == nil {
			if !got.Succeeded {
				t.Errorf("%s: %s failed: %+v", got.Name, got.Sent, got)
			}
			continue
		}
		details := event.Status.Proto().GetDetails()
		if got.Code != event.Status.Code() || got.Message != event.Status.Message() || len(got.Details) != len(details) {
			t.Errorf("%s: %s: got %+v, want %v", got.Name, got.Sent, got, event.Status)
			continue
		}
		for i, detail := range details {
			if "type.googleapis.com/"+got.Details[i].Type != detail.GetTypeUrl() || !slices.Equal(got.Details[i].Value, detail.GetValue()) {
				t.Errorf("%s: %s: got the detail %+v, want %v", got.Name, got.Sent, got.Details[i], detail)
			}
		}
		if overConnect := strings.Contains(got.Name, "connect"); overConnect != (got.Pushback == "") || !overConnect && got.RetryAfter != "" {
			t.Errorf("%s: %s: pushback %q, Retry-After %q", got.Name, got.Sent, got.Pushback, got.RetryAfter)
		}
	}
	if len(counts) != 3*4+2*2 {
		t.Errorf("the calls are %v", counts)
	}
	for name, count := range counts {
		if count != 49+6 {
			t.Errorf("%s: %d calls", name, count)
		}
	}
}

// callES runs connect-es in a copy of its folder.
func callES(t *testing.T, url string) (list []received) {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("SKIPPED: %v", err)
	}
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("testdata/es")); err != nil {
		t.Fatal(err)
	}
	_ = os.RemoveAll(filepath.Join(folder, "node_modules"))
	run := func(name string, args ...string) []byte {
		t.Helper()
		command := exec.CommandContext(t.Context(), name, args...)
		command.Dir, command.Stderr = folder, t.Output()
		out, err := command.Output()
		if err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
		return out
	}
	run("npm", "ci", "--no-audit", "--no-fund", "--prefer-offline")
	out := run("node", append([]string{"call.js", url, descriptorSet(t)}, numbers()...)...)
	for line := range strings.Lines(string(out)) {
		var r received
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		list = append(list, r)
	}
	return list
}
