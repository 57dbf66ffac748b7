// Command versions lists the version of each package of this project, wherever a
// manifest, a lock file or a document has it, and fails if one differs.
package main

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
)

const usage = `Lists the versions of the packages of this project, in the root of the repository:

  go run ./interceptor/internal/versions [vX.Y.Z]

It fails if one of them is not X.Y.Z. Without an argument all have to be equal. Go modules
have no version in a file: their versions are tags.
`

// The names of the packages in each registry, and the version of a package.
const (
	npm    = `(@codetable/(?:proto|jverification|core))`
	pypi   = `(grpc-codetable(?:-proto|-jverification)?)`
	maven  = `(codetable-(?:parent|bom|proto|grpc)|jverification)`
	crate  = `(codetable(?:-proto|-jverification)?)`
	goPath = `(github\.com/codetable/grpc-codetable[0-9a-z/]*)`
	number = `(\d+\.\d+\.\d+[-+.0-9A-Za-z]*)`
)

// patterns find a name and a version.
var patterns = []*regexp.Regexp{
	regexp.MustCompile(`"name": "` + npm + `",\s*"version": "` + number),
	regexp.MustCompile(`"(?:node_modules/)?` + npm + `": (?:\{\s*"version": )?"[\^~=]*` + number),
	regexp.MustCompile(npm + `@[\^~]?` + number),
	regexp.MustCompile(`(?m)^name = "` + pypi + `"\nversion = "` + number),
	regexp.MustCompile(`\b` + pypi + `(?:\[[a-z,]+\])?(?:==|>=|~=)` + number),
	regexp.MustCompile(`<artifactId>` + maven + `</artifactId>\s*<version>` + number),
	regexp.MustCompile(`io\.github\.codetable:` + maven + `:` + number),
	regexp.MustCompile(`(?m)^name = "` + crate + `"\nversion = "` + number),
	regexp.MustCompile(`(?m)^` + crate + ` = (?:\{.*\bversion = )?"[\^~=]*` + number),
	regexp.MustCompile(`cargo add ` + crate + `@` + number),
	regexp.MustCompile(goPath + `@v` + number),
}

func main() {
	log.SetFlags(0)
	flag.Usage = func() { fmt.Fprint(flag.CommandLine.Output(), usage) }
	flag.Parse()
	found, err := find(os.DirFS("."))
	for _, v := range found {
		fmt.Println(v)
	}
	if err == nil {
		err = check(found, strings.TrimPrefix(flag.Arg(0), "v"))
	}
	if err != nil {
		log.Fatal(err)
	}
}

// version is the version of a package in a file.
type version struct {
	file, name, number string
	line               int
	at                 int // the index of the number in the file
}

func (v version) String() string {
	return fmt.Sprintf("%-8s %-30s %s:%d", v.number, v.name, v.file, v.line)
}

// find returns the versions in all files of the repository, without those that git
// ignores. A manifest without a version has the version none.
func find(repository fs.FS) ([]version, error) {
	var found []version
	err := fs.WalkDir(repository, ".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && ignored(entry.Name()):
			return fs.SkipDir
		case entry.IsDir() || !mayNameVersion(entry.Name()):
			return nil
		}
		content, err := fs.ReadFile(repository, file)
		versions := versionsIn(file, content)
		if len(versions) == 0 && isManifest(file) {
			versions = []version{{file: file, name: "the package", number: "none"}}
		}
		found = append(found, versions...)
		return err
	})
	return found, err
}

func ignored(folder string) bool {
	return folder != "." && folder[0] == '.' || slices.Contains([]string{"node_modules", "target", "dist", "build"}, folder)
}

func mayNameVersion(file string) bool {
	switch path.Ext(file) {
	case ".json", ".lock", ".md", ".toml", ".xml", ".txt", ".in":
		return file != "CHANGELOG.md"
	}
	return false
}

// isManifest reports whether a file is the manifest of a package that a release
// publishes: of a library, or of generated stubs.
func isManifest(file string) bool {
	switch path.Base(file) {
	case "package.json", "pyproject.toml", "pom.xml", "Cargo.toml":
		return strings.HasPrefix(file, "gen/") || strings.HasPrefix(file, "interceptor/") && strings.Count(file, "/") == 2
	}
	return false
}

func versionsIn(file string, content []byte) []version {
	var found []version
	for _, pattern := range patterns {
		for _, m := range pattern.FindAllSubmatchIndex(content, -1) {
			found = append(found, version{
				file: file, name: string(content[m[2]:m[3]]), number: string(content[m[4]:m[5]]),
				line: 1 + bytes.Count(content[:m[4]], []byte("\n")), at: m[4],
			})
		}
	}
	slices.SortFunc(found, func(a, b version) int { return a.at - b.at })
	return slices.CompactFunc(found, func(a, b version) bool { return a.at == b.at })
}

// check reports each version that is not the wanted one. If want is empty, it is
// the first version.
func check(found []version, want string) error {
	var faults []error
	for _, v := range found {
		want = cmp.Or(want, v.number)
		if v.number != want {
			faults = append(faults, fmt.Errorf("%s:%d: %s has version %s, want %s", v.file, v.line, v.name, v.number, want))
		}
	}
	return errors.Join(faults...)
}
