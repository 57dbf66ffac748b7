// Package security_test checks what CONTRIBUTING.md and SECURITY.md say of dependencies
// and of controls, against the files of the repository.
package security_test

import (
	"bytes"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const root = "../../.."

// ecosystems are Dependabot's names, and the manifests that it reads in each.
var ecosystems = map[string]*regexp.Regexp{
	"gomod":  regexp.MustCompile(`^go\.mod$`),
	"npm":    regexp.MustCompile(`^package\.json$`),
	"pip":    regexp.MustCompile(`^(pyproject\.toml|(.*\.)?requirements(-.*)?\.(txt|in))$`),
	"maven":  regexp.MustCompile(`^pom\.xml$`),
	"cargo":  regexp.MustCompile(`^Cargo\.toml$`),
	"docker": regexp.MustCompile(`^(Container|Docker)file`),
	// These have no manifest here. One that comes needs an entry in dependabot.yml.
	"gradle":       regexp.MustCompile(`^build\.gradle`),
	"bundler":      regexp.MustCompile(`^Gemfile$|\.gemspec$`),
	"composer":     regexp.MustCompile(`^composer\.json$`),
	"nuget":        regexp.MustCompile(`\.csproj$`),
	"swift":        regexp.MustCompile(`^Package\.swift$`),
	"gitsubmodule": regexp.MustCompile(`^\.gitmodules$`),
}

// TestDependabot compares the folders that have a manifest with those of dependabot.yml.
func TestDependabot(t *testing.T) {
	t.Parallel()
	want := map[string][]string{"github-actions": {"/"}}
	for _, file := range committed(t) {
		folder, name := path.Split(file)
		for ecosystem, manifest := range ecosystems {
			folder := "/" + strings.TrimSuffix(folder, "/")
			if manifest.MatchString(name) && !strings.HasPrefix(file, "gen/") && !slices.Contains(want[ecosystem], folder) {
				want[ecosystem] = append(want[ecosystem], folder)
			}
		}
	}
	for _, folders := range want {
		slices.Sort(folders)
	}
	if diff := cmp.Diff(want, configured(t)); diff != "" {
		t.Errorf("the folders with a manifest (-) and those in .github/dependabot.yml (+) differ:\n%s", diff)
	}
}

// configured returns the folders of each ecosystem in dependabot.yml, which has a fixed
// form, so that this module needs no parser of YAML.
func configured(t *testing.T) map[string][]string {
	t.Helper()
	got, ecosystem := map[string][]string{}, ""
	entry := regexp.MustCompile(`(?m)^  - package-ecosystem: (\S+)$|^      - (/\S*)`)
	for _, match := range entry.FindAllStringSubmatch(read(t, ".github/dependabot.yml"), -1) {
		if match[1] != "" {
			ecosystem = match[1]
		} else {
			got[ecosystem] = append(got[ecosystem], match[2])
		}
	}
	return got
}

// committed returns the files of the repository, without those that git ignores.
func committed(t *testing.T) []string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	command.Dir = root
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	files := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	if len(files) < 100 {
		t.Fatalf("git lists %d files", len(files))
	}
	return files
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))
}
