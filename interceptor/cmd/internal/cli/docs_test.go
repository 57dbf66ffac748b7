package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/cli"
)

// docs/codetable.md documents each key of the JSON, and no other key.
func TestDocumentedJSON(t *testing.T) {
	t.Parallel()
	for command, test := range map[string]struct {
		list string // the key of the list whose keys are documented
		open string // a key whose value has any keys
		args []string
		exit int
	}{
		"list":    {list: "codes", open: "userMessages", args: []string{"list", "--lang", "en"}},
		"explain": {list: "unknown", args: []string{"explain", "0", "tokn_invalid"}, exit: 1},
	} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			if exit := cli.Main(append(test.args, "--format", "json"), nil, &stdout, &stderr); exit != test.exit {
				t.Fatalf("exit status %d: %s", exit, &stderr)
			}
			var result map[string]any
			if err := json.Unmarshal(stdout.Bytes(), &result); err != nil {
				t.Fatal(err)
			}
			keys := map[string]bool{}
			addKeys(keys, "", test.open, result[test.list])
			for key := range keys {
				// The parts of an object are documented, not the object.
				if parent, _, ok := strings.Cut(key, "."); ok && !strings.Contains(documentation(t, command), "| `"+parent+"` |") {
					delete(keys, parent)
				}
			}
			got := make([]string, 0, len(keys))
			for key := range keys {
				got = append(got, key)
			}
			slices.Sort(got)
			if diff := cmp.Diff(documentedKeys(documentation(t, command)), got); diff != "" {
				t.Errorf("docs/codetable.md and the output differ (-documented +output):\n%s", diff)
			}
		})
	}
}

func addKeys(keys map[string]bool, prefix, open string, value any) {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			addKeys(keys, prefix, open, element)
		}
	case map[string]any:
		for key, element := range value {
			keys[prefix+key] = true
			if key != open {
				addKeys(keys, prefix+key+".", open, element)
			}
		}
	}
}

// documentation returns the section of a command in docs/codetable.md.
func documentation(t *testing.T, command string) string {
	t.Helper()
	raw, err := os.ReadFile("../../../../docs/codetable.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(raw), "\n## "+command+"\n")
	if !ok {
		t.Fatalf("docs/codetable.md has no section %s", command)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	return section
}

var documentedKey = regexp.MustCompile("`([A-Za-z.]+)`")

// documentedKeys returns the keys in the first column of the tables, sorted.
func documentedKeys(section string) (keys []string) {
	for line := range strings.Lines(section) {
		if column, ok := strings.CutPrefix(line, "| `"); ok {
			column, _, _ = strings.Cut(column, " |")
			for _, match := range documentedKey.FindAllStringSubmatch("`"+column, -1) {
				keys = append(keys, match[1])
			}
		}
	}
	slices.Sort(keys)
	return keys
}
