package plugin_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"buf.build/go/bufplugin/check"
	"buf.build/go/bufplugin/check/checktest"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/cli"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/plugin"
)

const (
	codeFile    = "acme/shop/v1/shop_code.proto"
	serviceFile = "acme/shop/v1/shop_service.proto"
	extraFile   = "acme/shop/v1/extra.proto"
)

// repoProtos is the folder of codetable/v1.
const repoProtos = "../../../../proto"

// shop writes the protos of testdata/shop with a change to a new folder.
func (c change) shop(t *testing.T) string {
	t.Helper()
	dir, replaced := t.TempDir(), 0
	for _, name := range []string{codeFile, serviceFile} {
		text := readFile(t, filepath.Join("testdata/shop", name))
		if c.old != "" {
			replaced += strings.Count(text, c.old)
			text = strings.Replace(text, c.old, c.new, 1)
		}
		writeFile(t, filepath.Join(dir, name), text)
	}
	switch {
	case c.old != "" && replaced != 1:
		t.Fatalf("testdata/shop has %d times %q, want once", replaced, c.old)
	case c.old == "" && c.new != "":
		writeFile(t, filepath.Join(dir, extraFile), c.new)
	}
	return dir
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// finding is a finding of the command or of the plugin. Its keys are those of
// buf.
type finding struct {
	Path      string `json:"path"`
	StartLine int    `json:"start_line"`
	Rule      string `json:"type"`
	Message   string `json:"message"`
}

// codetable runs the command. It returns the exit status and the output.
func codetable(t *testing.T, args ...string) (int, string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status := cli.Main(args, strings.NewReader(""), &stdout, &stderr)
	if status != 0 && status != 100 {
		t.Fatalf("codetable %q: exit status %d: %s", args, status, &stderr)
	}
	return status, stdout.String()
}

// findings parses JSON lines, and makes their paths relative to a folder.
func findings(t *testing.T, lines, dir string) (list []finding) {
	t.Helper()
	for line := range strings.Lines(lines) {
		var f finding
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		f.Path = strings.TrimPrefix(strings.TrimPrefix(f.Path, filepath.ToSlash(dir)), "/")
		list = append(list, f)
	}
	return list
}

// protos returns the files of a folder for checktest. An empty folder has none.
func protos(t *testing.T, dir string) *checktest.ProtoFileSpec {
	t.Helper()
	if dir == "" {
		return nil
	}
	files := &checktest.ProtoFileSpec{DirPaths: []string{dir, repoProtos}}
	for _, name := range []string{codeFile, serviceFile, extraFile} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			files.FilePaths = append(files.FilePaths, name)
		}
	}
	return files
}

// newClient returns a client of the plugin. All tests share it, because it compiles the
// rules of protovalidate for the requests, which takes most of a test's time.
var newClient = sync.OnceValues(func() (check.Client, error) { return check.NewClientForSpec(plugin.Spec()) })

// annotations returns what the plugin reports of the rules of a type.
func annotations(t *testing.T, dir, against string, typ check.RuleType, options map[string]any) (list []finding) {
	t.Helper()
	request := &checktest.RequestSpec{Files: protos(t, dir), AgainstFiles: protos(t, against), Options: options}
	for _, rule := range plugin.Spec().Rules {
		if rule.Type == typ {
			request.RuleIDs = append(request.RuleIDs, rule.ID)
		}
	}
	parsed, err := request.ToRequest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	client, err := newClient()
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Check(t.Context(), parsed)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range response.Annotations() {
		f := finding{Rule: a.RuleID(), Message: a.Message(), StartLine: 1}
		if at := a.FileLocation(); at != nil {
			f.Path, f.StartLine = at.FileDescriptor().ProtoreflectFileDescriptor().Path(), at.StartLine()+1
		}
		list = append(list, f)
	}
	return list
}

func sorted(list []finding) []finding {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b finding) int {
		return strings.Compare(a.Path+a.Rule+a.Message, b.Path+b.Rule+b.Message)
	})
	return list
}

// reports tells whether a list has what a change must cause.
func (c change) reports(list []finding) bool {
	return slices.ContainsFunc(list, func(f finding) bool { return f.Rule == c.rule && strings.Contains(f.Message, c.text) })
}
