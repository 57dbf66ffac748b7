package recipes_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The codes of the example table, as the client shows them.
const notFound = `code:  1001 NOT_FOUND
fault: FAULT_END_USER
retry: NEVER
user:  Nothing was found. Please check your input.
`

// The first table of this repository, taken over with --proto.
const tokenInvalid = `code:  9021 TOKEN_INVALID
fault: FAULT_CALLER
retry: NEW_INPUT
user:  验证信息无效，请重新开始验证。
`

// withPlugin is buf.yaml of a module with the rules of buf-plugin-codetable.
const withPlugin = `{"version": "v2", "modules": [{"path": "proto"}, {"path": "third_party"}],
	"lint": {"use": ["STANDARD", "CODETABLE"], "ignore": ["third_party"]}, "plugins": [{"plugin": "buf-plugin-codetable"}]}`

// TestNewWithBuf checks modules of codetable new, and builds one with buf.
func TestNewWithBuf(t *testing.T) {
	t.Parallel()
	f := newOffline(t, findTools(t, "BUF"))
	for _, name := range []string{"phone-check", "a", "google"} {
		f.mustRun("codetable new " + name + " --replace '" + repository(t) + "'")
		f.mustRun("cd " + name + "\nbuf lint\nbuf format --diff --exit-code\nbuf lint --config '" + withPlugin + "'\ncodetable check --proto proto")
	}
	f.build("phone-check", "make")
	if got := f.call("phone-check", "-code", "1001"); got != notFound {
		t.Errorf("the client prints\n%s", got)
	}
}

// TestReadmeNew runs the section "Your own table" of the README. What it quotes
// is in the module.
func TestReadmeNew(t *testing.T) {
	t.Parallel()
	f := newOffline(t, findTools(t, "BUF"))
	_, section, _ := strings.Cut(readFile(t, "../../README.md"), "\n## Your own table\n")
	section, _, _ = strings.Cut(section, "\n## ")
	blocks := block.FindAllStringSubmatch(section, -1)
	if len(blocks) != 3 || blocks[0][1] != "sh" {
		t.Fatalf("want commands, a value and a test:\n%s", section)
	}
	// The commands are installed already.
	if err := os.Symlink(repository(t), filepath.Join(f.dir, "grpc-codetable")); err != nil {
		t.Fatal(err)
	}
	_, commands, _ := strings.Cut(blocks[0][2], "./buf-plugin-codetable)\n")
	if out := f.mustRun(commands); !strings.Contains(out, "ok  \texample.com/shop") {
		t.Errorf("the test did not run:\n%s", out)
	}
	for i, path := range []string{"proto/shop/v1/shop_code.proto", "table_test.go"} {
		if text := blocks[i+1][2]; !strings.Contains(readFile(t, filepath.Join(f.dir, "shop", path)), text) {
			t.Errorf("%s has no such text:\n%s", path, text)
		}
	}
}

// TestReadmeTranscripts runs the commands in the section of the README about the
// command, and compares their output.
func TestReadmeTranscripts(t *testing.T) {
	t.Parallel()
	dir, err := buildCommands()
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{folder: newFolder(t, dir)}
	_, section, _ := strings.Cut(readFile(t, "../../README.md"), "\n## The codetable command\n")
	section, _, _ = strings.Cut(section, "\n## ")
	blocks := block.FindAllStringSubmatch(section, -1)
	if len(blocks) != 2 {
		t.Errorf("want two transcripts:\n%s", section)
	}
	for _, b := range blocks {
		r.follow(b[2])
	}
}

// TestNewOfTableWithBuf builds a module of a table that exists.
func TestNewOfTableWithBuf(t *testing.T) {
	t.Parallel()
	testNewOfTable(t, findTools(t, "BUF"), "make\nbuf lint\nbuf format --diff --exit-code")
}

// TestNewWithProtoc builds a module of a table that exists, without buf.
func TestNewWithProtoc(t *testing.T) {
	t.Parallel()
	testNewOfTable(t, findTools(t, "PROTOC"), "make PROTOC=protoc BUF=false")
}

func testNewOfTable(t *testing.T, tools, command string) {
	t.Helper()
	f := newOffline(t, tools)
	f.mustRun("codetable new phone --proto '" + repository(t) + "/proto/jiguang/jverification/v1/response_code.proto' --replace '" + repository(t) + "'")
	f.build("phone", command)
	if got := f.call("phone", "-code", "9021", "-locale", "zh-CN"); got != tokenInvalid {
		t.Errorf("the client prints\n%s", got)
	}
	if got := f.call("phone", "-code", "0"); got != "success\n" {
		t.Errorf("the client prints\n%s", got)
	}
}

// TestNewPassesGolangciLint runs the standard linters on the Go code of a module.
func TestNewPassesGolangciLint(t *testing.T) {
	t.Parallel()
	f := newOffline(t, findTools(t, "BUF"), findTools(t, "GOLANGCI_LINT"))
	f.mustRun("codetable new phone-check --replace '" + repository(t) + "'")
	f.build("phone-check", "make\nGOLANGCI_LINT_CACHE=\"$PWD\"/bin golangci-lint run --no-config --allow-parallel-runners")
}

// newOffline makes a folder without network access. Modules come from the module
// cache, which has those that go mod tidy needs for the library.
func newOffline(t *testing.T, tools ...string) *folder {
	t.Helper()
	dir, err := buildCommands()
	if err != nil {
		t.Fatal(err)
	}
	f := newFolder(t, append(tools, dir)...)
	f.mustRun("cd '" + repository(t) + "' && go mod tidy -diff")
	f.env = append(f.env, "GOPROXY=off")
	return f
}

// build runs a command in a module, such as make. The files that codetable new
// wrote have the form that the tools want, and do not change.
func (f *folder) build(name, command string) {
	f.t.Helper()
	golden := filepath.Join(f.dir, name, "testdata", "*.json")
	found, err := filepath.Glob(golden)
	if err != nil || len(found) != 1 {
		f.t.Fatalf("%s: %v, %v: want one file", golden, found, err)
	}
	before := readFile(f.t, found[0])
	if out := f.mustRun("cd " + name + "\n" + command); !strings.Contains(out, "ok  \texample.com/"+name) {
		f.t.Errorf("the tests did not run:\n%s", out)
	}
	f.mustRun("cd " + name + "\nmake golden\ngo mod tidy -diff\ngo build -o bin/ ./server ./client\ntest -z \"$(gofmt -l .)\"")
	if after := readFile(f.t, found[0]); after != before {
		f.t.Errorf("%s of codetable new:\n%s\nof the test:\n%s", found[0], before, after)
	}
}

// call starts the server of a module, and returns what the client prints.
func (f *folder) call(name string, args ...string) string {
	f.t.Helper()
	bin := filepath.Join(f.dir, name, "bin")
	address, stop := f.start(filepath.Join(bin, "server"))
	defer stop()
	out, err := exec.CommandContext(f.t.Context(), filepath.Join(bin, "client"), slices.Concat([]string{"-address", address}, args)...).CombinedOutput()
	if err != nil {
		f.t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// start starts a server on a free port, and returns its address.
func (f *folder) start(program string) (address string, stop func()) {
	f.t.Helper()
	server := exec.CommandContext(f.t.Context(), program, "-address", "127.0.0.1:0")
	stdout, err := server.StdoutPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		f.t.Fatal(err)
	}
	stop = func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	}
	lines := bufio.NewScanner(stdout)
	lines.Scan()
	address, ok := strings.CutPrefix(lines.Text(), "listening on ")
	if !ok {
		stop()
		f.t.Fatalf("the server prints %q", lines.Text())
	}
	return address, stop
}
