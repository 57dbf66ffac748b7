package interceptor_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var codeBlock = regexp.MustCompile("(?s)```([a-z]+)\n(.*?)```")

// quoted is the file that the code of each language in the README is a piece
// of. All of them are compiled and run by tests.
var quoted = map[string]string{
	"go":     "example_test.go",
	"ts":     "../examples/typescript/src/client.ts",
	"python": "../examples/python/tests/test_readme.py",
	"java":   "../examples/java/src/test/java/com/github/codetable/example/ReadmeTest.java",
	"rust":   "../examples/rust/src/main.rs",
}

func TestReadmeQuotesCodeThatRuns(t *testing.T) {
	t.Parallel()
	blocks := map[string]int{}
	for _, block := range codeBlock.FindAllStringSubmatch(read(t, "../README.md"), -1) {
		language, code := block[1], block[2]
		if language == "sh" || language == "proto" {
			continue
		}
		blocks[language]++
		if path, ok := quoted[language]; !ok || !strings.Contains(unindented(read(t, path)), unindented(code)) {
			t.Errorf("not in %q:\n%s", path, code)
		}
	}
	for language := range quoted {
		if blocks[language] == 0 {
			t.Errorf("the README shows no %s", language)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func unindented(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, "\n")
}
