package compat_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const (
	unreleased = "# Changelog\n\n## [Unreleased]\n"
	published  = "\n## [0.1.0] - 2026-12-01\n\n### Breaking\n\n- An older change.\n"
	breaking   = "\n### Breaking\n\n- F takes numbers.\n"
)

// The script runs in a repository with the release v0.1.0 and one commit after
// it, which changes some files.
func TestAPIDiff(t *testing.T) {
	t.Parallel()
	tool := os.Getenv("APIDIFF")
	if tool == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("set APIDIFF, as make test does")
		}
		t.Skip("SKIPPED: the script was not tested: set APIDIFF to the program, as make test does")
	}
	const compatible, incompatible = "func F(ints ...int) {}\n\nfunc G() {}\n", "func F(int) {}\n"
	heading := func(version string) string { return "# Changelog\n\n## [" + version + "] - 2027-01-01\n" + breaking }
	for name, test := range map[string]struct {
		files    map[string]string // what the commit changes
		ok       bool
		contains string
	}{
		"nothing":                    {nil, true, "no incompatible change since v0.1.0"},
		"compatible":                 {map[string]string{"public/f.go": compatible}, true, "no incompatible change"},
		"incompatible":               {map[string]string{"public/f.go": incompatible}, false, "example.com/lib: - ./public.F: changed"},
		"incompatible and announced": {map[string]string{"public/f.go": incompatible, "CHANGELOG.md": unreleased + breaking + published}, true, "are announced for Unreleased"},
		"announced for a minor":      {map[string]string{"public/f.go": incompatible, "CHANGELOG.md": heading("0.2.0") + published}, true, "are announced for 0.2.0"},
		"announced for a major":      {map[string]string{"public/f.go": incompatible, "CHANGELOG.md": heading("1.0.0") + published}, true, "are announced for 1.0.0"},
		"announced for a patch":      {map[string]string{"public/f.go": incompatible, "CHANGELOG.md": heading("0.1.1") + published}, false, "the next release is 0.1.1"},
		"in a nested module":         {map[string]string{"nested/f.go": incompatible}, false, "example.com/lib/nested: - F: changed"},
		"in an internal package":     {map[string]string{"internal/f.go": incompatible}, true, "no incompatible change"},
		"a package is gone":          {map[string]string{"public/f.go": ""}, false, "example.com/lib/public: removed"},
		"does not compile":           {map[string]string{"public/f.go": "func F(missing) {}\n"}, false, "undefined: missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			repo := released(t)
			for path, text := range test.files {
				writeFile(t, repo, path, text)
			}
			sh(t, repo, "git add -A && git commit -q --allow-empty -m Change")
			out, err := apidiff(t, repo, tool)
			if (err == nil) != test.ok || !strings.Contains(out, test.contains) {
				t.Errorf("%v, want success = %t and %q:\n%s", err, test.ok, test.contains, out)
			}
		})
	}
	t.Run("no release", func(t *testing.T) {
		t.Parallel()
		repo := released(t)
		sh(t, repo, "git tag -d v0.1.0")
		writeFile(t, repo, "public/f.go", incompatible)
		if out, err := apidiff(t, repo, tool); err != nil || !strings.Contains(out, "there is no release to compare with") {
			t.Errorf("%v: %s", err, out)
		}
	})
}

func apidiff(t *testing.T, repo, tool string) (string, error) {
	t.Helper()
	script, err := filepath.Abs("../../.ci/apidiff.sh")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", script, tool, ".", "nested")
	cmd.Dir = repo
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// released returns a repository with a library and the tags of its release. The
// tag of a pre-release and that of a nested module are not releases.
func released(t *testing.T) string {
	t.Helper()
	repo := t.TempDir()
	writeFile(t, repo, "go.mod", "module example.com/lib\n\ngo 1.26.0\n")
	writeFile(t, repo, "nested/go.mod", "module example.com/lib/nested\n\ngo 1.26.0\n")
	writeFile(t, repo, "CHANGELOG.md", unreleased+published)
	for _, folder := range []string{"public", "nested", "internal"} {
		writeFile(t, repo, folder+"/f.go", "func F(ints ...int) {}\n")
	}
	sh(t, repo, "git init -q && git config user.name test && git config user.email test@example.com && git add -A && git commit -qm Release\n"+
		"git tag v0.1.0 && git tag v0.2.0-rc.1 && git tag nested/v0.3.0")
	return repo
}

// writeFile writes a file. Go files get a package clause, and an empty one is
// deleted.
func writeFile(t *testing.T, repo, path, text string) {
	t.Helper()
	file := filepath.Join(repo, filepath.FromSlash(path))
	if text == "" {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		return
	}
	if filepath.Ext(path) == ".go" {
		text = "package " + filepath.Base(filepath.Dir(path)) + "\n\n" + text
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
