package source_test

import (
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/source"
)

// The script diff_git.txtar of package cli tests commits.
func TestOpenWithoutGit(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := source.Open(t.Context(), "git#ref=main,subdir=proto", strings.NewReader(""))
	if want := "git#ref=main,subdir=proto: git is not installed: install it, or name a folder or an image"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
}

// Names in a commit come from whoever wrote it. A file can't be written outside
// of the folder for the compiler.
func TestOpenHostileCommit(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("SKIPPED: git is not installed")
	}
	dir := t.TempDir()
	git := func(stdin string, args ...string) string {
		t.Helper()
		command := exec.CommandContext(t.Context(), "git", args...)
		command.Dir = dir
		command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
			"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@acme.example", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@acme.example")
		command.Stdin = strings.NewReader(stdin)
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	tree := func(mode, name, id string) string {
		raw, err := hex.DecodeString(id)
		if err != nil {
			t.Fatal(err)
		}
		return git(mode+" "+name+"\x00"+string(raw), "hash-object", "-w", "-t", "tree", "--literally", "--stdin")
	}
	git("", "init", "-q")
	file := git(`syntax = "proto3";`, "hash-object", "-w", "--stdin")
	git("", "update-ref", "refs/heads/up", git("", "commit-tree", "-m", "up", tree("40000", "..", tree("100644", "codetable-outside.proto", file))))
	_, err := source.Open(t.Context(), filepath.Join(dir, ".git")+"#ref=up", strings.NewReader(""))
	if err == nil || !strings.Contains(err.Error(), "escapes") {
		t.Errorf("a file in ..: error %v", err)
	}
	if _, err := os.Stat(filepath.Join(os.TempDir(), "codetable-outside.proto")); err == nil {
		t.Error("it was written outside of the folder")
	}
}
