package recipes_test

import (
	"regexp"
	"strings"
	"testing"
)

// recipe holds the code blocks of docs/own-table.md.
type recipe struct {
	files map[string]string // by path
	// The common first commands, the commands with buf, those with protoc, and
	// the common last commands.
	first, buf, protoc, then string
	test                     string // the Go test
}

var (
	block    = regexp.MustCompile("(?s)```([a-z]+)\n(.*?)```")
	fileName = regexp.MustCompile(`(?m)^(?://|#) (\S+\.(?:proto|yaml))\n`)
	// assignment is the line that sets the folder of codetable.proto.
	assignment = regexp.MustCompile(`(?m)^codetable=.*$`)
	commands   = regexp.MustCompile(`(?s)^(.*)# with buf\n(.*)# or with protoc\n(.*)# then\n(.*)$`)
)

func readRecipe(t *testing.T) recipe {
	t.Helper()
	r := recipe{files: map[string]string{}}
	for _, b := range block.FindAllStringSubmatch(readFile(t, "../../docs/own-table.md"), -1) {
		switch text := b[2]; b[1] {
		case "proto", "yaml":
			names := fileName.FindAllStringSubmatchIndex(text, -1)
			if len(names) == 0 || names[0][0] != 0 {
				t.Fatalf("a comment has to name the file of\n%s", text)
			}
			for i, at := range names {
				end := len(text)
				if i+1 < len(names) {
					end = names[i+1][0]
				}
				r.files[text[at[2]:at[3]]] = text[at[0]:end]
			}
		case "sh":
			parts := commands.FindStringSubmatch(text)
			if parts == nil {
				t.Fatalf("not the commands of two ways:\n%s", text)
			}
			r.first, r.buf, r.protoc, r.then = parts[1], parts[2], parts[3], parts[4]
		case "go":
			r.test += text
		default:
			t.Errorf("nothing is done with this %s:\n%s", b[1], text)
		}
	}
	if r.first == "" || r.test == "" {
		t.Fatal("the page has no commands or no test")
	}
	return r
}

// The test of the module contains the lines of the README that send and receive
// codes.
func TestWireTestQuotesTheReadme(t *testing.T) {
	t.Parallel()
	_, use, _ := strings.Cut(readFile(t, "../../README.md"), "\n## Install and use\n")
	wire := unindented(readFile(t, "testdata/wire_test.go"))
	blocks := block.FindAllStringSubmatch(use, 2)
	if len(blocks) < 2 {
		t.Fatal("the README does not show how to use it")
	}
	for _, b := range blocks {
		if !strings.Contains(wire, unindented(b[2])) {
			t.Errorf("not in testdata/wire_test.go:\n%s", b[2])
		}
	}
}

func TestBufWithManagedMode(t *testing.T) {
	t.Parallel()
	tools := findTools(t, "BUF")
	r := readRecipe(t)
	if !strings.Contains(r.files["buf.gen.yaml"], "managed:") {
		t.Fatal("buf.gen.yaml does not show managed mode")
	}
	r.follow(t, tools, r.buf)
}

// managed matches the part of buf.gen.yaml that turns managed mode on.
var managed = regexp.MustCompile(`(?m)^managed:.*\n(?: .*\n)*`)

func TestBufWithoutManagedMode(t *testing.T) {
	t.Parallel()
	tools := findTools(t, "BUF")
	r := readRecipe(t)
	r.files["buf.gen.yaml"] = managed.ReplaceAllString(r.files["buf.gen.yaml"], "")
	r.follow(t, tools, r.buf)
}

func TestProtoc(t *testing.T) {
	t.Parallel()
	tools := findTools(t, "PROTOC")
	r := readRecipe(t)
	for path := range r.files {
		if strings.HasPrefix(path, "buf.") {
			delete(r.files, path)
		}
	}
	r.follow(t, tools, r.protoc)
}

// follow makes a module, generates its code, and runs its tests: first without
// a golden file, then with it, and then with a changed table.
func (r recipe) follow(t *testing.T, tools, generate string) {
	t.Helper()
	m := newModule(t, tools)
	for path, text := range r.files {
		m.write(path, text)
	}
	m.write("shop_test.go", `package shop_test

import (
	"testing"

	shopv1 "example.com/shop/gen/acme/shop/v1"
	"`+module+`/interceptor/codetable"
	"`+module+`/interceptor/codetable/codetabletest"
)

`+r.test)
	m.write("wire_test.go", readFile(t, "testdata/wire_test.go"))
	m.mustRun(r.first + generate + r.then)
	if out := m.mustRun("go test -count=1 -v ./..."); !strings.Contains(out, "--- PASS: TestShopCode") || !strings.Contains(out, "--- PASS: TestCodeCrossesTheWire") {
		t.Errorf("not all tests ran:\n%s", out)
	}
	// go mod vendor copies no .proto files.
	m.mustRun("go mod vendor\n" + assignment.FindString(r.first) + "\ntest -f \"$codetable/codetable/v1/codetable.proto\"\nrm -r vendor")

	const path = "proto/acme/shop/v1/shop.proto"
	changed := strings.Replace(r.files[path], "FAULT_END_USER", "FAULT_OPERATOR", 1)
	if changed == r.files[path] {
		t.Fatal("nothing to change in the table")
	}
	m.write(path, changed)
	m.mustRun(r.first + generate)
	if out, err := m.run("go test ./..."); err == nil || !strings.Contains(out, "--- FAIL: TestShopCode") || !strings.Contains(out, "OUT_OF_STOCK") {
		t.Errorf("the golden file does not guard the table: %v\n%s", err, out)
	}
}

func unindented(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, "\n")
}
