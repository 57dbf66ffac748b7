package interceptor_test

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	fuzzTarget = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)
	fuzzRow    = regexp.MustCompile("(?m)^\\| .* \\| `([\\w/]+)` (Fuzz\\w+) \\|$")
)

// maxCorpora bounds the bytes of all inputs in testdata/fuzz.
const maxCorpora = 1 << 20

// TestFuzzTargets compares the targets of the repository with those that
// docs/fuzzing.md lists.
func TestFuzzTargets(t *testing.T) {
	t.Parallel()
	repository := os.DirFS("..")
	page, err := fs.ReadFile(repository, "docs/fuzzing.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed, found []string
	for _, row := range fuzzRow.FindAllStringSubmatch(string(page), -1) {
		listed = append(listed, row[1]+" "+row[2])
	}
	size := int64(0)
	err = fs.WalkDir(repository, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // tests of other languages run at the same time, and delete what they built
		case err != nil:
			return err
		case entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && name != "." || entry.Name() == "node_modules"):
			return fs.SkipDir
		case strings.Contains(name, "/testdata/fuzz/") && !entry.IsDir():
			info, err := entry.Info()
			size += info.Size()
			return err
		case !strings.HasSuffix(name, "_test.go"):
			return nil
		}
		code, err := fs.ReadFile(repository, name)
		for _, target := range fuzzTarget.FindAllStringSubmatch(string(code), -1) {
			found = append(found, path.Dir(name)+" "+target[1])
			if inputs, _ := fs.ReadDir(repository, path.Join(path.Dir(name), "testdata/fuzz", target[1])); len(inputs) == 0 {
				t.Errorf("%s has no inputs in testdata/fuzz: %s runs no more than its seeds in make test", name, target[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(listed)
	slices.Sort(found)
	if diff := cmp.Diff(listed, found); diff != "" || size > maxCorpora {
		t.Errorf("docs/fuzzing.md does not list the targets that there are (-page +code), or their %d bytes of inputs are too many:\n%s", size, diff)
	}
}
