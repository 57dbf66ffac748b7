package main

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// TestVersions checks the repository as it is, and then with each version changed.
func TestVersions(t *testing.T) {
	t.Parallel()
	repository := os.DirFS("../../..")
	found, err := find(repository)
	if err != nil {
		t.Fatal(err)
	}
	if err := check(found, ""); err != nil {
		t.Fatal(err)
	}
	if err := check(found, found[0].number); err != nil {
		t.Errorf("the present version is refused: %v", err)
	}
	if check(found, "9.9.9") == nil {
		t.Error("another version is not refused")
	}
	for i, v := range found {
		content, err := fs.ReadFile(repository, v.file)
		if err != nil {
			t.Fatal(err)
		}
		changed := string(content[:v.at]) + "9.9.9" + string(content[v.at+len(v.number):])
		again, err := find(fstest.MapFS{v.file: {Data: []byte(changed)}})
		if err != nil {
			t.Fatal(err)
		}
		rest := append(append(found[:i:i], again...), found[i+1:]...)
		if err := check(rest, v.number); err == nil || !strings.Contains(err.Error(), v.file) {
			t.Errorf("%v: a change to 9.9.9 is not refused: %v", v, err)
		}
	}
}

// TestManifestWithoutVersion has manifests whose version no pattern finds.
func TestManifestWithoutVersion(t *testing.T) {
	t.Parallel()
	for file, refused := range map[string]bool{
		"gen/rust/codetable-proto/Cargo.toml": true,
		"interceptor/typescript/package.json": true,
		"interceptor/rust/suite/Cargo.toml":   false,
		"examples/clients/java/pom.xml":       false,
	} {
		found, err := find(fstest.MapFS{file: {Data: []byte("version")}})
		if err != nil {
			t.Fatal(err)
		}
		if err := check(found, "1.0.0"); (err != nil) != refused {
			t.Errorf("%s: got %v", file, err)
		}
	}
}

// TestForms has each form in which a file may name a version.
func TestForms(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"{\n  \"name\": \"@codetable/core\",\n  \"version\": \"1.2.3\",\n":      "@codetable/core",
		`"@codetable/proto": "^1.2.3"`:                                          "@codetable/proto",
		"\"node_modules/@codetable/proto\": {\n      \"version\": \"1.2.3\",":   "@codetable/proto",
		"npm install @codetable/jverification@1.2.3":                            "@codetable/jverification",
		"[project]\nname = \"grpc-codetable\"\nversion = \"1.2.3\"\n":           "grpc-codetable",
		`dependencies = ["grpc-codetable-proto>=1.2.3,<2"]`:                     "grpc-codetable-proto",
		`pip install "grpc-codetable[types]==1.2.3"`:                            "grpc-codetable",
		"<artifactId>codetable-grpc</artifactId>\n    <version>1.2.3</version>": "codetable-grpc",
		`implementation("io.github.codetable:jverification:1.2.3")`:             "jverification",
		"[package]\nname = \"codetable\"\nversion = \"1.2.3\"\n":                "codetable",
		"codetable-proto = { path = \"x\", version = \"1.2.3\" }":               "codetable-proto",
		`codetable = "1.2.3"`:                     "codetable",
		"cargo add codetable-jverification@1.2.3": "codetable-jverification",
		"go get github.com/codetable/grpc-codetable/interceptor/cmd/codetable@v1.2.3": "github.com/codetable/grpc-codetable/interceptor/cmd/codetable",
	} {
		found := versionsIn("file", []byte(text))
		if len(found) != 1 || found[0].name != want || found[0].number != "1.2.3" {
			t.Errorf("%q: got %v, want %s 1.2.3", text, found, want)
		}
	}
}
