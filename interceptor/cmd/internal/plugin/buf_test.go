package plugin_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

const pluginName = "buf-plugin-codetable"

// findBuf returns the path of buf. It skips the test with -short, or if the
// environment does not name it, and fails it in CI.
func findBuf(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("a run of buf takes seconds")
	}
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

// workspace writes a module, codetable.v1 and a buf.yaml. The module has the package
// acme.shop0.v1 for the first change, acme.shop1.v1 for the next one, and so on: a run of
// buf with the plugin takes seconds, so one run sees all changes.
func workspace(t *testing.T, bufYAML string, changes ...change) string {
	t.Helper()
	dir := t.TempDir()
	for i, c := range changes {
		protos := os.DirFS(c.shop(t))
		for _, name := range []string{codeFile, serviceFile, extraFile} {
			if text, err := fs.ReadFile(protos, name); err == nil {
				writeFile(t, filepath.Join(dir, "proto", numbered(i).Replace(name)), numbered(i).Replace(string(text)))
			}
		}
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

// numbered replaces the names of the shop by those of the package for change i.
func numbered(i int) *strings.Replacer {
	shop := fmt.Sprintf("shop%d", i)
	return strings.NewReplacer("acme/shop/", "acme/"+shop+"/", "acme.shop.", "acme."+shop+".", "shop.acme.", shop+".acme.")
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
	if status, out := runBuf(t, buf, plugins, workspace(t, withPlugin, change{}), "lint"); status != 0 || out != "" {
		t.Errorf("a faultless module: exit status %d\n%s", status, out)
	}
	list := findings(t, compareFormat(t, buf, plugins, workspace(t, withPlugin, faults...), "json"), "proto")
	for i, c := range faults {
		list := inPackage(i, list)
		if c.text = numbered(i).Replace(c.text); !c.reports(list) {
			t.Errorf("%s: no %s with %q in %v", c.name, c.rule, c.text, list)
		}
	}
}

// inPackage selects the findings in the package for change i. What is removed with its file
// has no path.
func inPackage(i int, list []finding) (selected []finding) {
	path := numbered(i).Replace("acme/shop/")
	for _, f := range list {
		if strings.HasPrefix(f.Path, path) || f.Path == "" && strings.Contains(f.Message, numbered(i).Replace("acme.shop.")) {
			selected = append(selected, f)
		}
	}
	return selected
}

// codetable check has the formats of buf, byte for byte.
func TestFormatsOfBuf(t *testing.T) {
	t.Parallel()
	buf := findBuf(t)
	plugins := buildPlugin(t, pluginName)
	dir := workspace(t, withPlugin, change{new: closedTable}, change{old: `"BUSY"`, new: `"GONE <&>"`})
	for _, format := range []string{"text", "junit", "github-actions"} {
		compareFormat(t, buf, plugins, dir, format)
	}
}

// compareFormat returns what both report.
func compareFormat(t *testing.T, buf, plugins, dir, format string) string {
	t.Helper()
	status, byBuf := runBuf(t, buf, plugins, dir, "lint", "--error-format="+format)
	byBuf = strings.NewReplacer(" ("+pluginName+")", "", `,"plugin":"`+pluginName+`"`, "").Replace(byBuf)
	_, byCommand := codetable(t, "check", "--proto", filepath.Join(dir, "proto"), "--locale", "en", "--format", format)
	byCommand = strings.ReplaceAll(byCommand, filepath.ToSlash(dir)+"/proto/", "proto/")
	if diff := gocmp.Diff(byCommand, byBuf); status != 100 || diff != "" {
		t.Errorf("%s: buf lint: exit status %d; codetable check (-) and buf lint (+) differ:\n%s", format, status, diff)
	}
	return byBuf
}

// buf breaking passes most breaking changes of a table. With the plugin it
// reports each, also of a table that is removed with its file.
func TestBufBreaking(t *testing.T) {
	t.Parallel()
	buf := findBuf(t)
	plugins := buildPlugin(t, pluginName)
	cases := append(slices.Clone(breaking), breakingChange{
		change: change{name: "file removed", rule: "CODETABLE_BREAKING_TABLE", text: "OldCode: the table: it is removed"},
		older:  change{new: closedTable}, seenByBuf: true,
	})
	var before, after []change
	for _, c := range cases {
		before, after = append(before, c.older), append(after, c.change)
	}
	older := workspace(t, withPlugin, before...)
	if status, out := runBuf(t, buf, plugins, older, "breaking", "--against", older); status != 0 || out != "" {
		t.Errorf("an unchanged module: exit status %d\n%s", status, out)
	}
	run := func(config string) []finding {
		status, out := runBuf(t, buf, plugins, workspace(t, config, after...), "breaking", "--against", older, "--error-format=json")
		if status != 100 {
			t.Errorf("exit status %d\n%s", status, out)
		}
		return findings(t, out, "proto")
	}
	without, with := run(withoutPlugin), run(withPlugin)
	for i, c := range cases {
		if seen := inPackage(i, without); (len(seen) > 0) != c.seenByBuf {
			t.Errorf("%s: without the plugin: %v", c.name, seen)
		}
		list := inPackage(i, with)
		if c.text = numbered(i).Replace(c.text); !c.reports(list) {
			t.Errorf("%s: with the plugin: no %s with %q in %v", c.name, c.rule, c.text, list)
		}
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
	if status, out := runBuf(t, buf, plugins, workspace(t, config, change{}), "lint"); status != 0 {
		t.Errorf("a faultless module: exit status %d\n%s", status, out)
	}
}
