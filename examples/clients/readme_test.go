// Package clients_test checks what the READMEs of the clients show.
package clients_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	heading   = regexp.MustCompile(`(?m)^##+ .*$`)
	codeBlock = regexp.MustCompile("(?s)```([a-z]+)\n(.*?)```")
)

// The README of each language has the same headings, and quotes code that the
// tests of the language compile.
func TestReadmes(t *testing.T) {
	t.Parallel()
	want := []string{"## Run it", "## What to copy", "## Read a code", "## Retries", "## Masked errors"}
	for folder, extension := range map[string]string{"go": ".go", "typescript": ".ts", "python": ".py", "java": ".java", "rust": ".rs"} {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			readme := read(t, filepath.Join(folder, "README.md"))
			if diff := cmp.Diff(want, heading.FindAllString(readme, -1)); diff != "" {
				t.Errorf("headings (-want +got):\n%s", diff)
			}
			quotes := 0
			for _, block := range codeBlock.FindAllStringSubmatch(readme, -1) {
				if block[1] == "sh" {
					continue
				}
				quotes++
				if !strings.Contains(sources(t, folder, extension), unindented(block[2])) {
					t.Errorf("no source file has these lines:\n%s", block[2])
				}
			}
			if quotes == 0 {
				t.Error("the README shows no code")
			}
		})
	}
}

// sources returns the lines of all source files of a client, unindented.
func sources(t *testing.T, folder, extension string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch name := filepath.Base(path); {
		case err != nil:
			return err
		case entry.IsDir() && (name == "node_modules" || name == "target" || name == "dist" || strings.HasPrefix(name, ".")):
			return filepath.SkipDir
		case filepath.Ext(path) == extension:
			all.WriteString(unindented(read(t, path)))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
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
