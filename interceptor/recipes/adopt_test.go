package recipes_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const adoptPath = "../../docs/adopt.md"

// listens is the address of the server in the page. The test uses a free port.
var listens = regexp.MustCompile(`(localhost|127\.0\.0\.1):50051`)

// fence matches a code block: its language, the file that it shows, and its text.
var fence = regexp.MustCompile("(?ms)^```([a-z]+) ?(\\S*)\n(.*?)^```$")

// TestAdopt follows docs/adopt.md word for word. A console block holds commands
// after "$ ", each with its output, in which "..." stands for any text. Another
// block names its file: Markdown is written to it, a diff is applied to it, and
// other text has to be in it. CODETABLE_UPDATE=1 writes the outputs anew.
func TestAdopt(t *testing.T) {
	t.Parallel()
	tools := findTools(t, "BUF")
	r := &reader{folder: newFolder(t, tools)}
	r.env = append(r.env, "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	if err := os.Symlink(repository(t), filepath.Join(r.dir, "grpc-codetable")); err != nil {
		t.Fatal(err)
	}
	page := readFile(t, adoptPath)
	followed := fence.ReplaceAllStringFunc(page, func(block string) string {
		parts := fence.FindStringSubmatch(block)
		language, name, text := parts[1], parts[2], parts[3]
		switch {
		case language == "console":
			return "```console\n" + r.follow(text) + "```"
		case name == "":
			t.Errorf("this block names no file:\n%s", block)
		case language == "markdown":
			r.write(name, text)
		case language == "diff":
			r.patch(name, text)
		case !strings.Contains(readFile(t, filepath.Join(r.dir, name)), text):
			t.Errorf("%s has no such text:\n%s", name, text)
		}
		return block
	})
	if os.Getenv("CODETABLE_UPDATE") == "1" {
		if err := os.WriteFile(adoptPath, []byte(followed), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// reader is a reader of the page. The folder is the current one.
type reader struct {
	*folder
	address string // of the server
}

// follow runs the commands of a console block and returns it with their output.
func (r *reader) follow(block string) string {
	r.t.Helper()
	var followed strings.Builder
	for _, step := range strings.Split(block, "$ ")[1:] {
		command, want, _ := strings.Cut(step, "\n")
		got := r.step(command)
		if matches(want, got) {
			got = want
		} else if os.Getenv("CODETABLE_UPDATE") != "1" {
			r.t.Errorf("$ %s\nprints\n%swant\n%s", command, got, want)
		}
		followed.WriteString("$ " + command + "\n" + got)
	}
	return followed.String()
}

// step runs a command. The clone is there already, and the server keeps running.
func (r *reader) step(command string) string {
	r.t.Helper()
	switch {
	case strings.HasPrefix(command, "git clone "):
		return ""
	case command == "go run ./server":
		return r.serve()
	case strings.HasPrefix(command, "go run ./client "):
		command += " -address " + r.address
	}
	command = listens.ReplaceAllLiteralString(command, r.address)
	state := filepath.Join(r.t.TempDir(), "pwd")
	out, err := r.run("set +e\ntrap 'pwd >" + state + "' EXIT\n" + command)
	// A command with findings and a failing test end with another status than 0.
	// Their output tells them apart from other errors.
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		r.t.Fatal(err)
	}
	r.dir = strings.TrimSpace(readFile(r.t, state))
	if r.address != "" {
		out = strings.ReplaceAll(out, r.address, "localhost:50051")
	}
	return out
}

// serve starts the server on a free port.
func (r *reader) serve() string {
	r.t.Helper()
	r.mustRun("go build -o bin/ ./server")
	var stop func()
	r.address, stop = r.start(filepath.Join(r.dir, "bin", "server"))
	r.t.Cleanup(stop)
	return "listening on 127.0.0.1:50051\n"
}

// patch replaces the lines of a file that have a "-" or a space in the diff by
// those that have a "+" or a space.
func (r *reader) patch(name, diff string) {
	r.t.Helper()
	var before, after string
	for line := range strings.Lines(diff) {
		if line[0] != '+' {
			before += line[1:]
		}
		if line[0] != '-' {
			after += line[1:]
		}
	}
	text := readFile(r.t, filepath.Join(r.dir, name))
	if strings.Count(text, before) != 1 {
		r.t.Fatalf("%s has %d times\n%s", name, strings.Count(text, before), before)
	}
	r.write(name, strings.Replace(text, before, after, 1))
}

// matches compares an output with one in which "..." stands for any text.
func matches(want, got string) bool {
	parts := strings.Split(want, "...")
	for i, part := range parts {
		parts[i] = regexp.QuoteMeta(part)
	}
	return regexp.MustCompile(`^` + strings.Join(parts, `(?s:.*)`) + `$`).MatchString(got)
}
