// Package recipes_test runs the section "Your own table" of the README word for
// word in an empty module.
package recipes_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/durationpb"
)

const module = "github.com/codetable/grpc-codetable"

// recipe holds the code blocks of the section.
type recipe struct {
	files map[string]string // by path
	// The common first commands, the commands with buf, those with protoc, and
	// the common last commands.
	first, buf, protoc, then string
	test                     string // the Go test
}

var (
	block    = regexp.MustCompile("(?s)```([a-z]+)\n(.*?)```")
	fileName = regexp.MustCompile(`(?m)^(?://|#) (\S+\.(?:proto|yaml))\n`)
	// assignment is the line that sets the folder of codetable.proto.
	assignment = regexp.MustCompile(`(?m)^codetable=.*$`)
	commands   = regexp.MustCompile(`(?s)^(.*)# with buf\n(.*)# or with protoc\n(.*)# then\n(.*)$`)
)

func readRecipe(t *testing.T) recipe {
	t.Helper()
	_, section, _ := strings.Cut(readFile(t, "../../README.md"), "\n## Your own table\n")
	section, _, _ = strings.Cut(section, "\n## ")
	r := recipe{files: map[string]string{}}
	for _, b := range block.FindAllStringSubmatch(section, -1) {
		switch text := b[2]; b[1] {
		case "proto", "yaml":
			names := fileName.FindAllStringSubmatchIndex(text, -1)
			if len(names) == 0 || names[0][0] != 0 {
				t.Fatalf("a comment has to name the file of\n%s", text)
			}
			for i, at := range names {
				end := len(text)
				if i+1 < len(names) {
					end = names[i+1][0]
				}
				r.files[text[at[2]:at[3]]] = text[at[0]:end]
			}
		case "sh":
			parts := commands.FindStringSubmatch(text)
			if parts == nil {
				t.Fatalf("not the commands of two ways:\n%s", text)
			}
			r.first, r.buf, r.protoc, r.then = parts[1], parts[2], parts[3], parts[4]
		case "go":
			r.test += text
		default:
			t.Errorf("nothing is done with this %s:\n%s", b[1], text)
		}
	}
	if r.first == "" || r.test == "" {
		t.Fatal("the README has no commands or no test")
	}
	return r
}

// The test of the module contains the lines of the README that send and receive
// codes.
func TestWireTestQuotesTheReadme(t *testing.T) {
	t.Parallel()
	_, use, _ := strings.Cut(readFile(t, "../../README.md"), "\n## Install and use\n")
	wire := unindented(readFile(t, "testdata/wire_test.go"))
	blocks := block.FindAllStringSubmatch(use, 2)
	if len(blocks) < 2 {
		t.Fatal("the README does not show how to use it")
	}
	for _, b := range blocks {
		if !strings.Contains(wire, unindented(b[2])) {
			t.Errorf("not in testdata/wire_test.go:\n%s", b[2])
		}
	}
}

func TestBufWithManagedMode(t *testing.T) {
	t.Parallel()
	tools := findTools(t, "BUF")
	r := readRecipe(t)
	if !strings.Contains(r.files["buf.gen.yaml"], "managed:") {
		t.Fatal("buf.gen.yaml does not show managed mode")
	}
	r.follow(t, tools, r.buf)
}

// managed matches the part of buf.gen.yaml that turns managed mode on.
var managed = regexp.MustCompile(`(?m)^managed:.*\n(?: .*\n)*`)

func TestBufWithoutManagedMode(t *testing.T) {
	t.Parallel()
	tools := findTools(t, "BUF")
	r := readRecipe(t)
	r.files["buf.gen.yaml"] = managed.ReplaceAllString(r.files["buf.gen.yaml"], "")
	r.follow(t, tools, r.buf)
}

func TestProtoc(t *testing.T) {
	t.Parallel()
	tools := findTools(t, "PROTOC")
	r := readRecipe(t)
	for path := range r.files {
		if strings.HasPrefix(path, "buf.") {
			delete(r.files, path)
		}
	}
	r.follow(t, tools, r.protoc)
}

// follow makes a module, generates its code, and runs its tests: first without
// a golden file, then with it, and then with a changed table.
func (r recipe) follow(t *testing.T, tools, generate string) {
	t.Helper()
	m := newModule(t, tools)
	for path, text := range r.files {
		m.write(path, text)
	}
	m.write("shop_test.go", `package shop_test

import (
	"testing"

	shopv1 "example.com/shop/gen/acme/shop/v1"
	"`+module+`/interceptor/codetable"
	"`+module+`/interceptor/codetable/codetabletest"
)

`+r.test)
	m.write("wire_test.go", readFile(t, "testdata/wire_test.go"))
	m.mustRun(r.first + generate + r.then)
	if out := m.mustRun("go test -count=1 -v ./..."); !strings.Contains(out, "--- PASS: TestShopCode") || !strings.Contains(out, "--- PASS: TestCodeCrossesTheWire") {
		t.Errorf("not all tests ran:\n%s", out)
	}
	// go mod vendor copies no .proto files.
	m.mustRun("go mod vendor\n" + assignment.FindString(r.first) + "\ntest -f \"$codetable/codetable/v1/codetable.proto\"\nrm -r vendor")

	const path = "proto/acme/shop/v1/shop.proto"
	changed := strings.Replace(r.files[path], "FAULT_END_USER", "FAULT_OPERATOR", 1)
	if changed == r.files[path] {
		t.Fatal("nothing to change in the table")
	}
	m.write(path, changed)
	m.mustRun(r.first + generate)
	if out, err := m.run("go test ./..."); err == nil || !strings.Contains(out, "--- FAIL: TestShopCode") || !strings.Contains(out, "OUT_OF_STOCK") {
		t.Errorf("the golden file does not guard the table: %v\n%s", err, out)
	}
}

// userModule is an empty module of a user in a folder of its own.
type userModule struct {
	t   *testing.T
	dir string
	env []string
}

func newModule(t *testing.T, tools string) *userModule {
	t.Helper()
	bin := t.TempDir()
	cache := strings.TrimSpace(goEnv(t, "GOMODCACHE"))
	m := &userModule{t: t, dir: t.TempDir(), env: append(os.Environ(),
		"PATH="+strings.Join([]string{tools, bin, os.Getenv("PATH")}, string(os.PathListSeparator)),
		"GOBIN="+bin,
		"GOWORK=off",
		// Modules in the module cache need no network.
		"GOPROXY=file://"+filepath.ToSlash(cache)+"/cache/download,"+strings.TrimSpace(goEnv(t, "GOPROXY")),
		"GONOSUMDB=*",
		"BUF_CACHE_DIR="+t.TempDir(),
	)}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	// This replaces the go get of the README, because the version is not published.
	m.mustRun(fmt.Sprintf("go mod init example.com/shop\ngo mod edit -require=%s@v0.0.0 -replace=%s='%s'", module, module, root))
	return m
}

func (m *userModule) write(path, text string) {
	m.t.Helper()
	path = filepath.Join(m.dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

func (m *userModule) run(script string) (string, error) {
	m.t.Helper()
	cmd := exec.CommandContext(m.t.Context(), "sh", "-e", "-c", script)
	cmd.Dir, cmd.Env = m.dir, m.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (m *userModule) mustRun(script string) string {
	m.t.Helper()
	out, err := m.run(script)
	if err != nil {
		m.t.Fatalf("%v\n%s\n%s", err, script, out)
	}
	return out
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// findTools returns a folder that contains the tool under the name that the
// README uses. It skips the test if the environment does not name the tool, and
// fails it in CI.
func findTools(t *testing.T, variable string) string {
	t.Helper()
	command := strings.Fields(os.Getenv(variable))
	if len(command) == 0 {
		want := fmt.Sprintf("set %s to a %s, as make test does", variable, strings.ToLower(variable))
		if os.Getenv("CI") == "true" {
			t.Fatalf("the recipe of the README was not run: %s", want)
		}
		t.Skipf("SKIPPED: the recipe of the README was not run: %s", want)
	}
	if strings.ContainsRune(command[0], '/') && !filepath.IsAbs(command[0]) {
		root, err := filepath.Abs("../..")
		if err != nil {
			t.Fatal(err)
		}
		command[0] = filepath.Join(root, command[0])
	}
	dir := t.TempDir()
	if variable == "PROTOC" {
		command = append(command, "--descriptor_set_in='"+wellKnown(t)+"'")
	}
	script := "#!/bin/sh\nexec " + strings.Join(command, " ") + " \"$@\"\n"
	if err := os.WriteFile(filepath.Join(dir, strings.ToLower(variable)), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// wellKnown writes the descriptors of the files of google/protobuf that
// codetable.proto imports. A release of protoc contains these files, but the
// binary from Maven does not.
func wellKnown(t *testing.T) string {
	t.Helper()
	raw, err := proto.Marshal(&descriptorpb.FileDescriptorSet{File: []*descriptorpb.FileDescriptorProto{
		protodesc.ToFileDescriptorProto(descriptorpb.File_google_protobuf_descriptor_proto),
		protodesc.ToFileDescriptorProto(durationpb.File_google_protobuf_duration_proto),
	}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "wellknown.binpb")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")))
}

func unindented(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, "\n")
}
