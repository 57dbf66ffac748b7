package recipes_test

import (
	"regexp"
	"strings"
	"testing"
)

// TestWorkflow compares the steps of the workflow ci with those of .ci/run. The
// workflow has a step for each target, so that a failure has a name.
func TestWorkflow(t *testing.T) {
	t.Parallel()
	job, _, _ := strings.Cut(readFile(t, "../../.github/workflows/ci.yml"), "\n  lowest:\n")
	got := arguments(job, `(?m)^      - run: make (.+)$`)
	want := arguments(readFile(t, "../../.ci/run"), `(?m)^step (.+)$`)
	if got != want || want == "" {
		t.Errorf("the workflow makes %q, and .ci/run makes %q", got, want)
	}
}

func arguments(text, pattern string) string {
	var all []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	return strings.Join(all, " ")
}
