package server

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// FuzzSettings reads any file of settings, and any value of a flag. Faults are
// lines that name settings and repeat no value, which may be a secret in the
// wrong place. What is read twice is the same.
func FuzzSettings(f *testing.F) {
	const canary = "9f8e7d6c5b4a"
	text, err := os.ReadFile(example)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text), "info")
	for _, line := range []string{
		"upstream-url: http://a.example\napp-key: k\ninternal: true\ntimeout: 3s", "app-key: " + canary + "\napp-key: x", "timeout: " + canary, "max-connections: 010", "drain-delay: 1.5",
		"master-secret: " + canary, "master-secret-file: " + canary, "web-origins: [" + canary + "]", "web-origins: {a: " + canary + "}", canary + ": x", "[" + canary + "]",
		"a: &a [*a]", "page: " + canary, "redis-addr: " + canary, "allowed-hosts: ['*', \"" + canary + ":\"]", "upstream-url: http://u:" + canary + "@a.example:x", "phone-pattern: ((" + canary, "%YAML 9", "a: 1\n---\nb: 2",
		"caller-identity: metadata:" + canary + "!", "log-level: !!binary " + canary,
	} {
		f.Add(line, canary)
	}
	f.Fuzz(func(t *testing.T, text, level string) {
		path := write(t, text)
		args := []string{"-config", path, "-log-level", level}
		_, err := parse(args, nil)
		if _, again := parse(args, nil); fmt.Sprint(err) != fmt.Sprint(again) {
			t.Errorf("faults are\n%v\nthen\n%v", err, again)
		}
		if err == nil {
			return
		}
		var document yaml.Node
		_ = yaml.Unmarshal([]byte(text), &document)
		for line := range strings.Lines(err.Error()) {
			if strings.Contains(line, canary) && !isKey(&document, canary) {
				t.Errorf("a fault repeats a value: %s", line)
			}
		}
	})
}

// isKey reports whether a document has a key with a text in it. Keys are shown.
func isKey(document *yaml.Node, text string) bool {
	if len(document.Content) == 0 {
		return false
	}
	for i, node := range document.Content[0].Content {
		if i%2 == 0 && strings.Contains(node.Value, text) {
			return true
		}
	}
	return false
}
