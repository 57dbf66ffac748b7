package plugin_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/plugin"
)

// docs/codetable.md lists each rule with its purpose.
func TestDocsListEachRule(t *testing.T) {
	t.Parallel()
	_, section, _ := strings.Cut(readFile(t, "../../../../docs/codetable.md"), "\n## buf-plugin-codetable\n")
	rows := 0
	for _, rule := range plugin.Spec().Rules {
		if row := fmt.Sprintf("| `%s` | %s |\n", rule.ID, rule.Purpose); !strings.Contains(section, row) {
			t.Errorf("docs/codetable.md lacks %s", row)
		}
		rows++
	}
	if got := strings.Count(section, "\n| `CODETABLE_"); got != rows {
		t.Errorf("docs/codetable.md lists %d rules, and the plugin has %d", got, rows)
	}
}
