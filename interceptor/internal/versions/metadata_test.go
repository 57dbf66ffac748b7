package main

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"testing"
)

// metadata are what a registry shows of a package, as each manifest writes it.
var metadata = map[string][]*regexp.Regexp{
	"package.json": {
		regexp.MustCompile(`"description": ".{20,}"`), regexp.MustCompile(`"license": "Apache-2\.0"`),
		regexp.MustCompile(`"url": "git\+https://github\.com/codetable/grpc-codetable\.git"`),
	},
	"pyproject.toml": {
		regexp.MustCompile(`\ndescription = ".{20,}"`), regexp.MustCompile(`\nlicense = "Apache-2\.0"`),
		regexp.MustCompile(`\nreadme = "README\.md"`), regexp.MustCompile(`\nSource = "https://github\.com/codetable/grpc-codetable"`),
	},
	"Cargo.toml": {
		regexp.MustCompile(`\ndescription = ".{20,}"`), regexp.MustCompile(`\nlicense = "Apache-2\.0"`),
		regexp.MustCompile(`\nrepository = "https://github\.com/codetable/grpc-codetable"`),
	},
	// The parent has what Maven Central wants of each package besides these.
	"interceptor/java/pom.xml": {
		regexp.MustCompile(`<license>\s*<name>Apache-2\.0</name>`), regexp.MustCompile(`<developer>\s*<name>.+</name>`),
		regexp.MustCompile(`<scm>\s*<connection>scm:git:https://github\.com/codetable/grpc-codetable\.git</connection>`),
	},
	"pom.xml": {
		regexp.MustCompile(`<name>.+</name>`), regexp.MustCompile(`<description>.{20,}</description>`),
		regexp.MustCompile(`<url>https://github\.com/codetable/grpc-codetable</url>`),
		regexp.MustCompile(`<artifactId>codetable-parent</artifactId>`),
	},
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	repository := os.DirFS("../../..")
	manifests := 0
	err := fs.WalkDir(repository, ".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && ignored(entry.Name()):
			return fs.SkipDir
		case entry.IsDir() || !isManifest(file):
			return nil
		}
		manifests++
		content, err := fs.ReadFile(repository, file)
		for _, want := range slices.Concat(metadata[path.Base(file)], metadata[file]) {
			if !want.Match(content) {
				t.Errorf("%s has no %s", file, want)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if manifests < 8 {
		t.Errorf("found %d manifests, want 8 or more", manifests)
	}
}
