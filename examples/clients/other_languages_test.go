package clients_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

const (
	otherLanguages = "../../docs/other-languages.md"
	// documented is the vector whose output the document shows.
	documented    = "code 9005"
	descriptorSet = "../../gen/descriptor_set/codetable.binpb"
)

// otherPrograms are the programs that docs/other-languages.md shows, by the
// language of their code blocks. Commands are the programs that each needs. Each
// reads one of so many vectors, because Ruby needs some time to start. No test runs
// the program in C#.
var otherPrograms = map[string]struct {
	path     string
	commands []string
	oneOf    int
}{
	"cpp":    {"cpp/read_code.cc", []string{"protoc", "g++"}, 1},
	"ruby":   {"ruby/read_code.rb", []string{"protoc", "ruby"}, 8},
	"csharp": {"csharp/ReadCode.cs", nil, 0},
}

// TestOtherLanguages runs the commands of the document with each test vector.
func TestOtherLanguages(t *testing.T) {
	t.Parallel()
	blocks := codeBlock.FindAllStringSubmatch(read(t, otherLanguages), -1)
	shown := 0
	for i, block := range blocks {
		program, ok := otherPrograms[block[1]]
		if !ok {
			continue
		}
		shown++
		t.Run(block[1], func(t *testing.T) {
			t.Parallel()
			if block[2] != read(t, program.path) {
				t.Errorf("the document does not show %s as it is", program.path)
			}
			if program.commands != nil {
				readVectors(t, prepare(t, program.path, program.commands), blocks[i-1][2], program.oneOf)
			}
		})
	}
	if shown != len(otherPrograms) {
		t.Errorf("the document shows %d programs, want %d", shown, len(otherPrograms))
	}
}

// prepare returns a folder with the program and the descriptor set.
func prepare(t *testing.T, path string, commands []string) string {
	t.Helper()
	for _, command := range commands {
		if _, err := exec.LookPath(command); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal(err)
			}
			t.Skipf("SKIPPED: %s was not run: %v", path, err)
		}
	}
	dir := t.TempDir()
	for _, file := range []string{path, descriptorSet} {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), []byte(read(t, file)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// readVectors runs all commands but the last one once, and the last one, which
// runs the program, for the vectors.
func readVectors(t *testing.T, dir, commands string, oneOf int) {
	t.Helper()
	lines := strings.SplitAfter(strings.ReplaceAll(strings.TrimSpace(commands), "\\\n", ""), "\n")
	runScript(t, dir, strings.Join(lines[:len(lines)-1], ""))
	codes := 0
	for i, v := range loadVectors(t) {
		if i%oneOf != 0 && v.Name != documented {
			continue
		}
		want := v.want()
		if want != "no code\n" {
			codes++
		}
		if err := os.WriteFile(filepath.Join(dir, "details"), v.Status, 0o600); err != nil {
			t.Fatal(err)
		}
		got := runScript(t, dir, lines[len(lines)-1], "GRPC_CODE="+strconv.Itoa(v.GRPCCode))
		if got != want {
			t.Errorf("%s: got %q, want %q", v.Name, got, want)
		}
		if v.Name == documented && !strings.Contains(read(t, otherLanguages), "```text\n"+got+"```") {
			t.Errorf("the document does not show the output for 9005:\n%s", got)
		}
	}
	if codes < 100/oneOf {
		t.Errorf("%d vectors have a code, want %d or more", codes, 100/oneOf)
	}
}

func runScript(t *testing.T, dir, script string, env ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", script)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, script, stderr.Bytes())
	}
	return string(out)
}

// vector is a test vector.
type vector struct {
	Name     string `json:"name"`
	Status   []byte `json:"status"`
	GRPCCode int    `json:"grpc_code"`
	Reading  *struct {
		Known bool   `json:"known"`
		Code  *int32 `json:"code"`
		Fault string `json:"fault"`
		Retry struct {
			Action  string `json:"action"`
			DelayMS int64  `json:"delay_ms"`
		} `json:"retry"`
	} `json:"reading"`
}

func loadVectors(t *testing.T) []vector {
	t.Helper()
	var vectors []vector
	if err := json.Unmarshal([]byte(read(t, "../../proto/jiguang/jverification/v1/testdata/vectors.json")), &vectors); err != nil {
		t.Fatal(err)
	}
	return vectors
}

// want returns what the programs print. They read numbers, no reasons.
func (v vector) want() string {
	r := v.Reading
	if r == nil || !r.Known || r.Code == nil || !v.hasNumber(*r.Code) {
		return "no code\n"
	}
	name, ok := jverificationv1.ResponseCode_name[*r.Code]
	if !ok {
		name = "(not listed)"
	}
	return fmt.Sprintf("%d %s\nfault: %s\nretry: %s after %d ms\n", *r.Code, name, r.Fault, r.Retry.Action, r.Retry.DelayMS)
}

// hasNumber reports whether an ErrorInfo of the status has the number.
func (v vector) hasNumber(code int32) bool {
	status := &spb.Status{}
	if proto.Unmarshal(v.Status, status) != nil {
		return false
	}
	for _, detail := range status.GetDetails() {
		info := &errdetails.ErrorInfo{}
		if detail.UnmarshalTo(info) != nil {
			continue
		}
		text := info.GetMetadata()["code"]
		if number, err := strconv.ParseInt(text, 10, 32); err == nil && text[0] != '+' && int32(number) == code {
			return true
		}
	}
	return false
}
