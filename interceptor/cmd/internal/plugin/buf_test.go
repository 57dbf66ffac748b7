package plugin_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

const pluginName = "buf-plugin-codetable"

// findBuf returns the path of buf. It skips the test if the environment does
// not name it, and fails it in CI.
func findBuf(t *testing.T) string {
	t.Helper()
	buf := os.Getenv("BUF")
	if buf == "" && os.Getenv("CI") == "true" {
		t.Fatal("the plugin was not run: set BUF to the path of buf, as make test does")
	}
	if buf == "" {
		t.Skip("SKIPPED: the plugin was not run: set BUF to the path of buf, as make test does")
	}
	return buf
}

// buildPlugin returns a folder with the plugin.
func buildPlugin(t *testing.T, name string, env ...string) string {
	t.Helper()
	dir := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, name), "../../buf-plugin-codetable")
	build.Env = append(os.Environ(), env...)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return dir
}

// workspace writes the module of a change, codetable.v1 and a buf.yaml.
func (c change) workspace(t *testing.T, bufYAML string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "proto"), os.DirFS(c.shop(t))); err != nil {
		t.Fatal(err)
	}
	options, err := fs.Sub(os.DirFS(repoProtos), "codetable")
	if err == nil {
		err = os.CopyFS(filepath.Join(dir, "options/codetable"), options)
	}
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "buf.yaml"), "version: v2\nmodules:\n  - path: proto\n  - path: options\n"+bufYAML)
	return dir
}

const withPlugin = `
lint:
  use:
    - CODETABLE
breaking:
  use:
    - CODETABLE_BREAKING
plugins:
  - plugin: buf-plugin-codetable
    options:
      required_locales: [en]
`

const withoutPlugin = `
breaking:
  use:
    - FILE
    - PACKAGE
    - WIRE
    - WIRE_JSON
`

// runBuf runs buf in a folder, with a plugin on the path. It returns the exit
// status and the output.
func runBuf(t *testing.T, buf, plugins, dir string, args ...string) (int, string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), buf, args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "PATH="+plugins+string(filepath.ListSeparator)+os.Getenv("PATH"), "BUF_CACHE_DIR="+t.TempDir())
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == 100 {
		return 100, stdout.String()
	}
	if err != nil {
		t.Fatalf("buf %q: %v\n%s%s", args, err, &stdout, &stderr)
	}
	return 0, stdout.String()
}

// buf lint with the plugin reports what codetable check reports.
func TestBufLint(t *testing.T) {
	t.Parallel()
	buf := findBuf(t)
	plugins := buildPlugin(t, pluginName)
	if status, out := runBuf(t, buf, plugins, change{}.workspace(t, withPlugin), "lint"); status != 0 || out != "" {
		t.Errorf("a faultless module: exit status %d\n%s", status, out)
	}
	tried := map[string]bool{}
	for _, c := range faults {
		if !tried[c.rule] {
			tried[c.rule] = true
			t.Run(c.rule, func(t *testing.T) {
				t.Parallel()
				compareFormat(t, buf, plugins, c.workspace(t, withPlugin), "json")
			})
		}
	}
}

// codetable check has the formats of buf, byte for byte.
func TestFormatsOfBuf(t *testing.T) {
	t.Parallel()
	buf := findBuf(t)
	plugins := buildPlugin(t, pluginName)
	dir := change{new: closedTable}.workspace(t, withPlugin)
	writeFile(t, filepath.Join(dir, "proto", serviceFile), strings.Replace(readFile(t, filepath.Join(dir, "proto", serviceFile)), `"BUSY"`, `"GONE <&>"`, 1))
	for _, format := range []string{"text", "json", "junit", "github-actions"} {
		compareFormat(t, buf, plugins, dir, format)
	}
}

func compareFormat(t *testing.T, buf, plugins, dir, format string) {
	t.Helper()
	status, byBuf := runBuf(t, buf, plugins, dir, "lint", "--error-format="+format)
	byBuf = strings.NewReplacer(" ("+pluginName+")", "", `,"plugin":"`+pluginName+`"`, "").Replace(byBuf)
	_, byCommand := codetable(t, "check", "--proto", filepath.Join(dir, "proto"), "--locale", "en", "--format", format)
	byCommand = strings.ReplaceAll(byCommand, filepath.ToSlash(dir)+"/", "")
	if diff := gocmp.Diff(byCommand, byBuf); status != 100 || diff != "" {
		t.Errorf("%s: buf lint: exit status %d; codetable check (-) and buf lint (+) differ:\n%s", format, status, diff)
	}
}

// buf breaking passes most breaking changes of a table. With the plugin it
// reports each.
func TestBufBreaking(t *testing.T) {
	t.Parallel()
	buf := findBuf(t)
	plugins := buildPlugin(t, pluginName)
	dir := change{}.workspace(t, withPlugin)
	if status, out := runBuf(t, buf, plugins, dir, "breaking", "--against", dir); status != 0 || out != "" {
		t.Errorf("an unchanged module: exit status %d\n%s", status, out)
	}
	for _, c := range breaking {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			older := c.older.workspace(t, withPlugin)
			status, out := runBuf(t, buf, plugins, c.workspace(t, withoutPlugin), "breaking", "--against", older)
			if (status == 100) != c.seenByBuf {
				t.Errorf("without the plugin: exit status %d\n%s", status, out)
			}
			status, out = runBuf(t, buf, plugins, c.workspace(t, withPlugin), "breaking", "--against", older, "--error-format=json")
			if list := findings(t, out, ""); status != 100 || !c.reports(list) {
				t.Errorf("with the plugin: exit status %d, and no %s with %q in\n%s", status, c.rule, c.text, out)
			}
		})
	}
}

// A table can also be removed with its file.
func TestBufBreakingRemovedFile(t *testing.T) {
	t.Parallel()
	buf := findBuf(t)
	older, newer := change{new: closedTable}.workspace(t, withPlugin), change{}.workspace(t, withPlugin)
	status, out := runBuf(t, buf, buildPlugin(t, pluginName), newer, "breaking", "--against", older)
	if want := "acme.shop.v1.OldCode: the table: it is removed"; status != 100 || !strings.Contains(out, want) {
		t.Errorf("exit status %d, and not %q:\n%s", status, want, out)
	}
}

// The plugin builds for WebAssembly, and buf runs it so. There it has no time
// zones on disk. buf takes a minute to compile it, so only CI runs it.
func TestWebAssembly(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a build for wasip1 takes a minute")
	}
	plugins := buildPlugin(t, pluginName+".wasm", "GOOS=wasip1", "GOARCH=wasm")
	if os.Getenv("CI") != "true" {
		t.Skip("SKIPPED: the plugin was built for wasip1, but not run: set CI=true")
	}
	buf := findBuf(t)
	config := strings.Replace(withPlugin, pluginName, filepath.Join(plugins, pluginName+".wasm"), 1)
	if status, out := runBuf(t, buf, plugins, change{}.workspace(t, config), "lint"); status != 0 {
		t.Errorf("a faultless module: exit status %d\n%s", status, out)
	}
}
