package security_test

import (
	"regexp"
	"strings"
	"testing"
)

// The last column of the threat model names tests, and targets of make.
var (
	shownBy  = regexp.MustCompile("`([^`]+)`")
	isTest   = regexp.MustCompile(`^(Test|Fuzz)[A-Z]\w*$`)
	isTarget = regexp.MustCompile(`^make [a-z-]+$`)
)

// TestThreatModel looks for each test and target that the threat model of SECURITY.md
// names. Each control has one.
func TestThreatModel(t *testing.T) {
	t.Parallel()
	known := knownNames(t)
	controls := 0
	for line := range strings.Lines(section(t, "SECURITY.md", "Threat model")) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 || strings.HasPrefix(cells[0], " **") || strings.HasPrefix(cells[0], " Attack ") || strings.HasPrefix(cells[0], "-") {
			continue
		}
		controls++
		names := shownBy.FindAllStringSubmatch(cells[2], -1)
		if len(names) == 0 || strings.TrimSpace(cells[1]) == "" {
			t.Errorf("no control, or nothing that shows it: %s", line)
		}
		for _, name := range names {
			if !known[name[1]] {
				t.Errorf("%s is no test or target of this repository: %s", name[1], line)
			}
		}
	}
	if controls < 25 {
		t.Errorf("found %d controls in the table, want 25 or more", controls)
	}
}

// knownNames are the tests of all Go modules and the targets of the Makefile.
func knownNames(t *testing.T) map[string]bool {
	t.Helper()
	known := map[string]bool{}
	add := func(text, pattern, prefix string, valid *regexp.Regexp) {
		for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			if name := prefix + match[1]; valid.MatchString(name) {
				known[name] = true
			}
		}
	}
	for _, file := range committed(t) {
		if strings.HasSuffix(file, "_test.go") {
			add(read(t, file), `(?m)^func (\w+)\(\w+ \*testing\.[TF]\)`, "", isTest)
		}
	}
	add(read(t, "Makefile"), `(?m)^([a-z-]+):.*## `, "make ", isTarget)
	return known
}

// section returns the text under a heading of level 2.
func section(t *testing.T, file, heading string) string {
	t.Helper()
	_, text, found := strings.Cut(read(t, file), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("%s has no section %q", file, heading)
	}
	text, _, _ = strings.Cut(text, "\n## ")
	return text
}
