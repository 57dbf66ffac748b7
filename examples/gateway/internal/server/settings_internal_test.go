package server

import (
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
)

const example = "../../gateway.example.yaml"

// TestExampleFile holds that the example says the defaults, and that it leaves
// no setting out.
func TestExampleFile(t *testing.T) {
	t.Parallel()
	got := newSettings()
	got.File = example
	got.readFile()
	if len(got.faults) > 0 {
		t.Fatal(got.faults)
	}
	ignored := cmp.Options{
		cmpopts.IgnoreFields(gateway.Config{}, "PhoneKey", "UpstreamCAs"), // nil ones can't be compared
		cmpopts.IgnoreFields(settings{}, "File", "places", "contents", "faults"), cmpopts.EquateEmpty(),
	}
	if diff := cmp.Diff(newSettings(), got, ignored); diff != "" {
		t.Errorf("settings (-defaults +example):\n%s", diff)
	}

	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	whole := newSettings()
	whole.File = file(write(t, string(regexp.MustCompile(`(?m)^# ([a-z-]+: \S)`).ReplaceAll(text, []byte("$1")))))
	whole.readFile()
	if len(whole.faults) > 0 {
		t.Error(whole.faults)
	}
	for key := range whole.fields("yaml") {
		if whole.places[key] == "" {
			t.Errorf("the example lacks %s", key)
		}
	}
}

// TestFile takes values of each kind from the file, and a flag before them.
func TestFile(t *testing.T) {
	t.Parallel()
	file := write(t, paths(t).Replace(valid)+`
timeout: 3s
drain-delay: 0s
risk-attempts: 1
max-upstream-calls: 10
captcha-success-code: -5
web-origins: [https://a.example, https://b.example]
internal: true
page: off
log-level: debug
app-key: `)
	if _, err := parse([]string{"-config", file}, nil); err == nil {
		t.Error("app-key was set twice")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	file = write(t, strings.TrimSuffix(string(text), "app-key: "))
	set, err := parse([]string{"-config", file, "-log-level", "warn", "-internal=false"}, environment{"JVERIFICATION_REDIS_URL": "redis://localhost"})
	if err != nil {
		t.Fatal(err)
	}
	got := []any{
		set.UpstreamURL, set.AppKey, string(set.MasterSecret), string(set.RedisURL), set.Timeout.String(), set.DrainDelay.String(),
		set.RiskAttempts, set.MaxCallerCalls, set.CaptchaSuccessCode, set.WebOrigins, set.Page, set.LogLevel, set.Internal, set.PublicBoundary,
	}
	want := []any{
		"https://api.example", "key", secret, "redis://localhost", "3s", "0s",
		1, 5, int32(-5),
		[]string{"https://a.example", "https://b.example"},
		"off", "warn", false, true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

// TestHelpIsComplete wants each flag and each variable, and no flag beyond those
// that one types by hand.
func TestHelpIsComplete(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := try(t, nil, "--help")
	if code != exitOK || stderr != "" {
		t.Errorf("exit code %d, stderr = %s", code, stderr)
	}
	var listed []string
	for _, line := range regexp.MustCompile(`(?m)^  -([a-z-]+) `).FindAllStringSubmatch(stdout, -1) {
		listed = append(listed, line[1])
	}
	want := []string{"addr", "check-config", "config", "help", "internal", "log-level", "metrics-addr", "page", "simulate", "version", "web-addr"}
	defined := []string{"help"}
	for name := range newSettings().fields("flag") {
		defined = append(defined, name)
	}
	sorted := cmpopts.SortSlices(strings.Compare)
	if diff := cmp.Diff(want, listed, sorted) + cmp.Diff(want, defined, sorted); diff != "" {
		t.Errorf("flags (-want +got):\n%s", diff)
	}
	for _, variable := range secrets {
		if !strings.Contains(stdout, variable) {
			t.Errorf("help does not mention %s", variable)
		}
	}
	for _, value := range []string{newSettings().Addr, newSettings().WebAddr, newSettings().MetricsAddr} {
		if !strings.Contains(stdout, value) {
			t.Errorf("help does not mention the default %s", value)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := try(t, nil, "-version")
	if code != exitOK || stderr != "" || !strings.HasPrefix(stdout, "gateway ") || !strings.Contains(stdout, runtime.Version()) {
		t.Errorf("exit code %d, stdout = %s, stderr = %s", code, stdout, stderr)
	}
}

// TestCheckConfig tells faults by the tables of faults, which all come before a
// listener is opened.
func TestCheckConfig(t *testing.T) {
	t.Parallel()
	file := write(t, paths(t).Replace(valid+"tls-cert-file: CERT\ntls-key-file: KEY\naddr: 192.0.2.1:1\n")) // where no listener can be
	digits := write(t, paths(t).Replace(strings.Replace(valid, "app-key: key", "app-key: 0123", 1)))
	for _, args := range [][]string{{"-config", file}, {"-config", digits}, {"-simulate", "-addr", "192.0.2.1:1"}} {
		if code, stdout, stderr := try(t, nil, append(args, "-check-config")...); code != exitOK || stdout != "ok\n" || stderr != "" {
			t.Errorf("%v: exit code %d, stdout = %s, stderr = %s", args, code, stdout, stderr)
		}
	}
	if code, stdout, stderr := try(t, nil, "-check-config"); code != exitUsage || stdout != "" || !strings.Contains(stderr, "no upstream is set") {
		t.Errorf("exit code %d, stdout = %s, stderr = %s", code, stdout, stderr)
	}
}
