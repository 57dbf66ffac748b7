// Package docs_test holds the guide for operators to what the gateway does: it runs
// the commands, and looks for each setting, signal and alert.
package docs_test

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/commandtest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/programtest"
)

func TestMain(m *testing.M) { commandtest.Main(m) }

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var word = regexp.MustCompile("`([^`\n]+)`")

func section(t *testing.T, title string) string {
	t.Helper()
	_, text, ok := strings.Cut(read(t, "operate.md"), "\n## "+title+"\n")
	if !ok {
		t.Fatalf("the guide has no section %s", title)
	}
	text, _, _ = strings.Cut(text, "\n## ")
	return text
}

// words are those in backticks. They may be patterns with asterisks.
func words(text string) (list []string) {
	for _, match := range word.FindAllStringSubmatch(text, -1) {
		list = append(list, match[1])
	}
	return list
}

// wantAll wants each name in a section.
func wantAll(t *testing.T, title string, names []string) {
	t.Helper()
	explained := words(section(t, title))
	for _, name := range names {
		if !slices.ContainsFunc(explained, func(word string) bool { ok, _ := path.Match(word, name); return ok }) {
			t.Errorf("%s does not name %s", title, name)
		}
	}
}

// wantOnly wants each word in the first column of a section to be one of the names.
func wantOnly(t *testing.T, title string, names []string) {
	t.Helper()
	rows := row.FindAllStringSubmatch(section(t, title), -1)
	if len(rows) == 0 {
		t.Errorf("%s has no table", title)
	}
	for _, cells := range rows {
		for _, word := range words(cells[1]) {
			if !slices.ContainsFunc(names, func(name string) bool { ok, _ := path.Match(word, name); return ok }) {
				t.Errorf("%s names %s, which does not exist", title, word)
			}
		}
	}
}

var (
	setting = regexp.MustCompile(`(?m)^(?:# )?([a-z]+(?:-[a-z]+)*): \S`)
	row     = regexp.MustCompile("(?m)^\\| (`[^|]+) \\|")
)

func TestSettings(t *testing.T) {
	t.Parallel()
	var keys []string
	for _, match := range setting.FindAllStringSubmatch(read(t, "../gateway.example.yaml"), -1) {
		keys = append(keys, match[1])
	}
	wantAll(t, "Settings", keys)
	wantOnly(t, "Settings", keys)
}

func TestAlerts(t *testing.T) {
	t.Parallel()
	var rules struct {
		Groups []struct {
			Rules []struct{ Alert string }
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "../deploy/prometheus/alerts.yaml")), &rules); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			names = append(names, rule.Alert)
		}
	}
	wantAll(t, "Alerts", names)
	wantOnly(t, "Alerts", names)
}

var (
	message = regexp.MustCompile(`log "([^"]+)"`)
	capital = regexp.MustCompile(`\b[A-Z]+(?:_[A-Z]+)+\b`)
)

// TestMessages wants the gateway to write the lines, and the tables to have the reasons,
// that the guide quotes.
func TestMessages(t *testing.T) {
	t.Parallel()
	guide, sources := read(t, "operate.md"), sources(t)
	quoted := message.FindAllStringSubmatch(guide, -1)
	if len(quoted) == 0 {
		t.Error("the guide quotes no line of the log")
	}
	for _, match := range quoted {
		if !strings.Contains(sources, `"`+match[1]) {
			t.Errorf("nothing logs %q", match[1])
		}
	}
	for _, name := range capital.FindAllString(guide, -1) {
		if !strings.Contains(sources, name) {
			t.Errorf("no table and no source has %s", name)
		}
	}
}

// sources are the Go files of the gateway and of its logs, without tests, and the tables.
func sources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, pattern := range []string{
		"../internal/*/*.go", "../../../interceptor/telemetry/*.go", "../../../proto/jiguang/jverification/v1/*.proto",
	} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if !strings.HasSuffix(path, "_test.go") {
				all.WriteString(read(t, path))
			}
		}
	}
	return all.String()
}

var block = regexp.MustCompile("(?s)\n```sh\n(.*?)```")

// TestCommands runs all commands of the guide, in their order, in one folder that has
// the gateway and its file of settings.
func TestCommands(t *testing.T) {
	t.Parallel()
	for _, program := range []programtest.Program{{Name: "curl"}, {Name: "promtool", Package: "prometheus"}} {
		program.Find(t)
	}
	g := commandtest.Start(t, commandtest.Options{
		Upstream: gatewaytest.Simulator(t), Settings: "admin: true", Args: []string{"-internal"},
	})
	dir := filepath.Dir(g.File)
	deploy, err := filepath.Abs("../deploy")
	if err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"gateway": os.Args[0], "deploy": deploy} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	here := strings.NewReplacer("127.0.0.1:8090", g.Address, "127.0.0.1:8091", g.Web, "127.0.0.1:8092", g.Metrics)
	blocks := block.FindAllStringSubmatch(read(t, "operate.md"), -1)
	if len(blocks) == 0 {
		t.Fatal("the guide has no commands")
	}
	for _, match := range blocks {
		command := exec.CommandContext(t.Context(), "sh", "-e", "-x", "-c", here.Replace(match[1]))
		command.Dir, command.Env = dir, append(slices.Clone(g.Env), "PID="+strconv.Itoa(g.Process.Pid))
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s\n%s", err, out, g.Log())
		}
	}
}
