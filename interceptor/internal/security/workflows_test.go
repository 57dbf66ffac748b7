package security_test

import (
	"regexp"
	"strings"
	"testing"
)

var (
	checkout = regexp.MustCompile(`uses: actions/checkout@.*\n(?: +with:\n(?: {10}.*\n)+)?`)
	inputs   = regexp.MustCompile(`(?s)\n    inputs:\n(.*?)\n\w`)
)

// TestWorkflows wants of each workflow that it states its rights, that no text of somebody
// else is part of a command, and that only the job that pushes tags keeps its token
// where each program of the job can read it.
func TestWorkflows(t *testing.T) {
	t.Parallel()
	files := 0
	for _, file := range committed(t) {
		if !strings.HasPrefix(file, ".github/workflows/") {
			continue
		}
		files++
		text := read(t, file)
		if !strings.Contains(text, "\npermissions: {}\n") && !strings.Contains(text, "\npermissions:\n  contents: read\n") {
			t.Errorf("%s has the rights of the repository's settings", file)
		}
		for line := range strings.Lines(text) {
			if strings.Contains(line, "run: ") && strings.Contains(line, "${{") {
				t.Errorf("%s: the shell reads an expression: %s", file, line)
			}
		}
		if found := inputs.FindStringSubmatch(text); found != nil && strings.Count(found[1], "description:") != strings.Count(found[1], "type: choice") {
			t.Errorf("%s has an input of any text:%s", file, found[1])
		}
		keep := 0
		for _, step := range checkout.FindAllString(text, -1) {
			if !strings.Contains(step, "persist-credentials: false") {
				keep++
			}
		}
		if pushes := strings.Count(text, "contents: write"); keep != pushes {
			t.Errorf("%s: %d checkouts keep their token, %d jobs push", file, keep, pushes)
		}
	}
	if files < 3 {
		t.Errorf("found %d workflows", files)
	}
}
