package compat_test

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// call is how a call of the program testdata/peer ended.
type call struct {
	Mode     string            `json:"mode"`
	Number   int32             `json:"number"`
	Kind     string            `json:"kind"`
	Status   []byte            `json:"status"`
	Pushback []string          `json:"pushback"`
	Sent     map[string]string `json:"sent,omitempty"`
	Read     map[string]string `json:"read"`
}

// key names a call.
type key struct {
	mode   string
	number int32
	kind   string
}

type calls map[key]call

func (c call) key() key { return key{c.Mode, c.Number, c.Kind} }

func compareKeys(a, b key) int {
	return cmp.Or(cmp.Compare(a.mode, b.mode), cmp.Compare(a.number, b.number), cmp.Compare(a.kind, b.kind))
}

const program = "interceptor/compat/testdata/peer"

// build builds the program in a checkout of any version of the library.
func build(t *testing.T, root string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "peer")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", path, "./"+program)
	cmd.Dir, cmd.Env = root, append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// buildOld builds the program with the library of a commit of a repository.
func buildOld(t *testing.T, repo, commit string) string {
	t.Helper()
	root := t.TempDir()
	sh(t, repo, "git archive "+commit+" go.mod go.sum gen/go interceptor | tar -x -C '"+root+"'")
	sh(t, root, "rm -rf "+program+" && mkdir -p "+program)
	if err := os.CopyFS(filepath.Join(root, program), os.DirFS(filepath.Join("..", "..", program))); err != nil {
		t.Fatal(err)
	}
	return build(t, root)
}

func sh(t *testing.T, dir, script string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", script)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, script, out)
	}
	return string(out)
}

var (
	todayOnce sync.Mutex
	todayPath string
)

// today returns the program with the library of this folder. It is built once.
func today(t *testing.T) string {
	t.Helper()
	todayOnce.Lock()
	defer todayOnce.Unlock()
	if todayPath == "" {
		built := build(t, filepath.Join("..", ".."))
		todayPath = filepath.Join(programs, "today")
		if err := os.Rename(built, todayPath); err != nil {
			t.Fatal(err)
		}
	}
	return todayPath
}

// programs is a folder that exists as long as the tests run.
var programs string

func TestMain(m *testing.M) {
	var err error
	if programs, err = os.MkdirTemp("", "compat"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(programs)
	os.Exit(code)
}

// exchange makes all calls of the client to the server, whose arguments may name
// a file to replay.
func exchange(t *testing.T, client, server string, replay ...string) calls {
	t.Helper()
	serving := exec.CommandContext(t.Context(), server, append([]string{"serve"}, replay...)...)
	serving.Stderr = t.Output()
	stdin, err := serving.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := serving.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serving.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(stdout)
	internal, _ := lines.ReadString('\n')
	public, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	calling := exec.CommandContext(t.Context(), client, "call", strings.TrimSpace(internal), strings.TrimSpace(public))
	calling.Stderr = t.Output()
	out, err := calling.Output()
	if err != nil {
		t.Fatal(err)
	}
	_ = stdin.Close()
	if err := serving.Wait(); err != nil {
		t.Error(err)
	}
	return decode(t, out)
}

func decode(t *testing.T, lines []byte) calls {
	t.Helper()
	all := calls{}
	for decoder := json.NewDecoder(bytes.NewReader(lines)); ; {
		var c call
		if err := decoder.Decode(&c); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all[c.key()] = c
	}
}
