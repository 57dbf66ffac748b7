// Package clients_test checks the clients of the languages, and what their READMEs show.
package clients_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// extensions has those of the client programs in each folder.
var extensions = map[string][]string{
	"go": {".go"}, "typescript": {".ts"}, "python": {".py"}, "java": {".java", ".kt"}, "rust": {".rs"},
}

// maxLines bounds a client program: the call, the switch, the message and the retry.
const maxLines = 40

var (
	heading   = regexp.MustCompile(`(?m)^##+ .*$`)
	codeBlock = regexp.MustCompile("(?s)```([a-z]+)\n(.*?)```")
)

// The clients and their READMEs have the same form in each language. What a README shows
// after its install lines is quoted from the client, which the tests of the language run.
func TestClients(t *testing.T) {
	t.Parallel()
	for folder := range extensions {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			readme := read(t, filepath.Join(folder, "README.md"))
			if strings.Contains(readme, "\n## Run it\n") {
				t.Skip("the client contains a reader, and has no library yet")
			}
			want := []string{"## Install", "## Read a code", "## Retries", "## Masked errors"}
			if diff := cmp.Diff(want, heading.FindAllString(readme, -1)); diff != "" {
				t.Errorf("headings (-want +got):\n%s", diff)
			}
			programs := programs(t, folder)
			for path, text := range programs {
				if lines := strings.Count(text, "\n"); lines > maxLines {
					t.Errorf("%s has %d lines, want at most %d", path, lines, maxLines)
				}
			}
			_, sections, _ := strings.Cut(readme, "\n## Read a code\n")
			blocks := codeBlock.FindAllStringSubmatch(sections, -1)
			if len(blocks) == 0 {
				t.Error("the README shows no code")
			}
			for _, block := range blocks {
				if !quoted(block[2], programs) {
					t.Errorf("no program has these lines:\n%s", block[2])
				}
			}
		})
	}
}

// programs returns the text of each client program in a folder, by its path.
func programs(t *testing.T, folder string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch name := filepath.Base(path); {
		case err != nil:
			return err
		case entry.IsDir() && (name == "node_modules" || name == "target" || name == "dist" || strings.HasPrefix(name, ".")):
			return filepath.SkipDir
		case slices.Contains(extensions[folder], filepath.Ext(path)) && !strings.HasSuffix(path, "_test.go"):
			found[path] = read(t, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatalf("%s has no program", folder)
	}
	return found
}

// quoted reports whether a program has these lines, at any indentation.
func quoted(lines string, programs map[string]string) bool {
	for _, text := range programs {
		if strings.Contains(unindented(text), unindented(lines)) {
			return true
		}
	}
	return false
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func unindented(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, "\n")
}
