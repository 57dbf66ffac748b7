// Package recipes_test runs commands as a user runs them: those of the README,
// of docs/own-table.md and of docs/adopt.md word for word, the modules that
// codetable new makes, and the installation of the commands.
package recipes_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/durationpb"
)

const module = "github.com/codetable/grpc-codetable"

// folder is an empty folder of a user, in which commands run.
type folder struct {
	t   *testing.T
	dir string
	bin string // where go install writes
	env []string
}

// newFolder makes a folder whose commands find the programs in tools first.
func newFolder(t *testing.T, tools ...string) *folder {
	t.Helper()
	bin := t.TempDir()
	cache := goEnv(t, "GOMODCACHE")
	return &folder{t: t, dir: t.TempDir(), bin: bin, env: append(environment(),
		"PATH="+strings.Join(append(tools, bin, os.Getenv("PATH")), string(os.PathListSeparator)),
		"GOBIN="+bin,
		"GOWORK=off",
		// Modules in the module cache need no network.
		"GOPROXY=file://"+filepath.ToSlash(cache)+"/cache/download,"+goEnv(t, "GOPROXY"),
		"GONOSUMDB=*",
		"BUF_CACHE_DIR="+t.TempDir(),
	)}
}

// environment is that of the test, without the variables that make and the tests
// of a module read.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains([]string{"BUF", "PROTOC", "GOLANGCI_LINT", "CYCLONEDX_GOMOD", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "CODETABLE_UPDATE"}, name)
	})
}

// newModule makes an empty module that requires the library.
func newModule(t *testing.T, tools string) *folder {
	t.Helper()
	m := newFolder(t, tools)
	// This replaces the go get of the README, because the version is not published.
	m.mustRun(fmt.Sprintf("go mod init example.com/shop\ngo mod edit -require=%s@v0.0.0 -replace=%s='%s'", module, module, repository(t)))
	return m
}

func (m *folder) write(path, text string) {
	m.t.Helper()
	path = filepath.Join(m.dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

func (m *folder) run(script string) (string, error) {
	m.t.Helper()
	cmd := exec.CommandContext(m.t.Context(), "sh", "-e", "-c", script)
	cmd.Dir, cmd.Env = m.dir, m.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (m *folder) mustRun(script string) string {
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
	return strings.TrimSpace(string(out))
}

// repository is the root of this repository.
func repository(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// buildCommands builds the commands of module interceptor/cmd, once for all tests.
var buildCommands = sync.OnceValues(func() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "codetable"); err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-o", dir, "./codetable", "./buf-plugin-codetable")
	build.Dir = filepath.Join("..", "cmd")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := buildCommands(); err == nil {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// findTools returns a folder that contains the tool under its usual name. It
// skips the test if the environment does not name the tool, and fails it in CI.
func findTools(t *testing.T, variable string) string {
	t.Helper()
	command := strings.Fields(os.Getenv(variable))
	name := strings.ReplaceAll(strings.ToLower(variable), "_", "-")
	if len(command) == 0 {
		want := fmt.Sprintf("set %s to a %s, as make test does", variable, name)
		if os.Getenv("CI") == "true" {
			t.Fatalf("commands of the documents were not run: %s", want)
		}
		t.Skipf("SKIPPED: commands of the documents were not run: %s", want)
	}
	if strings.ContainsRune(command[0], '/') && !filepath.IsAbs(command[0]) {
		command[0] = filepath.Join(repository(t), command[0])
	}
	dir := t.TempDir()
	if variable == "PROTOC" {
		command = append(command, "--descriptor_set_in='"+wellKnown(t)+"'")
	}
	script := "#!/bin/sh\nexec " + strings.Join(command, " ") + " \"$@\"\n"
	if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil {
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
