package scaffold_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/scaffold"
)

const table = `enum Code {
  option (codetable.v1.table) = {domain: "acme.example"};
  CODE_SUCCESS = 0 [(codetable.v1.code) = {grpc_code: GRPC_CODE_OK}];
}
`

// TestGoPackage checks where the option go_package stands in the .proto file of a
// user. Nothing else of the file changes.
func TestGoPackage(t *testing.T) {
	t.Parallel()
	const (
		head   = "syntax = \"proto3\";\npackage acme.v1;\nimport \"codetable/v1/codetable.proto\";"
		option = `option go_package = "example.com/shop/gen/acme/v1;acmev1";`
	)
	for _, test := range []struct{ name, proto, want string }{
		{"absent", head + "\n\n" + table, head + "\n\n" + option + "\n\n" + table},
		{"present", head + "\noption go_package = \"a.example/b\"; // of a\n" + table, head + "\n" + option + " // of a\n" + table},
		{"in two lines", head + "option /* é */\tgo_package =\n 'a.example/' \"b\";" + table, head + option + table},
		{"after a smaller option", head + "\noption csharp_namespace = \"A\";\n" + table, head + "\noption csharp_namespace = \"A\";\n" + option + "\n" + table},
		{"before a larger option", head + "\n\noption java_package = \"a\";\n" + table, head + "\n\n" + option + "\noption java_package = \"a\";\n" + table},
		{"on one line", strings.ReplaceAll(head, "\n", " ") + table, strings.ReplaceAll(head, "\n", " ") + "\n\n" + option + table},
		{
			"asked for by import", head + "\noption go_package = \"todo\";\n\n// A.\n// TODO(codetable): package: choose\n// TODO(codetable): go_package: choose\n" + table,
			head + "\n" + option + "\n\n// A.\n// TODO(codetable): package: choose\n" + table,
		},
		{"byte order mark", "\ufeff" + head + "\n\n" + table, head + "\n\n" + option + "\n\n" + table},
		{"carriage returns", head + "\r\n" + table, head + "\n\n" + option + "\r\n" + table},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			project, err := scaffold.New(t.Context(), scaffold.Options{Name: "shop", Proto: write(t, "codes.proto", test.proto)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, content(project, "proto/acme/v1/codes.proto")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestUnusableProto checks that a .proto file which would not build makes no
// project, and that the error names the reason.
func TestUnusableProto(t *testing.T) {
	t.Parallel()
	const head = "syntax = \"proto3\";\nimport \"codetable/v1/codetable.proto\";\n"
	for _, test := range []struct{ name, file, proto, want string }{
		{"no package", "a.proto", head + table, "it has no package"},
		{"an import", "a.proto", head + "package a.v1;\nimport \"b.proto\";\n" + table, "b.proto"},
		{"name of the service", "shop_service.proto", head + "package a.v1;\n" + table, "rename the file of the table"},
		{"a message of the service", "a.proto", head + "package a.v1;\nmessage CallRequest {}\n" + table, "CallRequest"},
		{"enum of the service", "a.proto", head + "package a.v1;\n" + strings.ReplaceAll(table, "enum Code", "enum ShopServiceCode"), "choose another one"},
		{"package of the options", "a.proto", head + "package codetable.v1;\n" + table, "codetable.v1"},
		{"package that Go can't import", "a.proto", head + "package acme.internal.v1;\n" + table, "can't import the package acme.internal.v1"},
		{"in a message", "a.proto", head + "package a.v1;\nmessage M {\n" + table + "}\n", "no enum outside of messages"},
		{"not UTF-8", "a.proto", head + "package a.v1;\n// \xff\n" + table + "\xff", "invalid"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := scaffold.New(t.Context(), scaffold.Options{Name: "shop", Proto: write(t, test.file, test.proto)})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"a":           "a.v1 a.v1.ACode a.v1.AService a.example.com example.com/a",
		"s3-gate":     "s3_gate.v1 s3_gate.v1.S3GateCode s3_gate.v1.S3GateService s3-gate.example.com example.com/s3-gate",
		"phone-check": "phone_check.v1 phone_check.v1.PhoneCheckCode phone_check.v1.PhoneCheckService phone-check.example.com example.com/phone-check",
		"google":      "google.v1 google.v1.GoogleCode google.v1.GoogleService google.example.com example.com/google",
	} {
		p, err := scaffold.New(t.Context(), scaffold.Options{Name: name})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := strings.Join([]string{p.Package, p.Enum, p.Service, p.Domain, p.Module}, " "); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	for _, name := range []string{"", "A", "1a", "a_b", "a--b", "-a", "a-", "a.b", "a/b", "../a", "a b", "é", "a-1", strings.Repeat("a", 51), "codetable", "internal", "vendor"} {
		_, err := scaffold.New(t.Context(), scaffold.Options{Name: name})
		if invalid := (*scaffold.OptionError)(nil); !errors.As(err, &invalid) || invalid.Option != "name" {
			t.Errorf("%q: got %v, want an error of the name", name, err)
		}
	}
}

// TestBufVersion checks that a module builds the version of buf that this
// repository is tested with.
func TestBufVersion(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../../../.ci/package.json")
	pinned := regexp.MustCompile(`"@bufbuild/buf": "([0-9.]+)"`).FindSubmatch(raw)
	if pinned == nil {
		t.Fatalf("no version of buf: %v", err)
	}
	project, err := scaffold.New(t.Context(), scaffold.Options{Name: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	if want := "github.com/bufbuild/buf/cmd/buf@v" + string(pinned[1]); !strings.Contains(content(project, "Makefile"), want) {
		t.Errorf("the Makefile has no %s", want)
	}
}

// TestWriteKeepsFiles checks that a file, and a link that points out of the
// folder, are not overwritten.
func TestWriteKeepsFiles(t *testing.T) {
	t.Parallel()
	project, err := scaffold.New(t.Context(), scaffold.Options{Name: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	outside := write(t, "outside", "kept")
	for name, link := range map[string]func(dir string) error{
		"file":        func(dir string) error { return os.WriteFile(filepath.Join(dir, "README.md"), []byte("kept"), 0o600) },
		"link":        func(dir string) error { return os.Symlink(outside, filepath.Join(dir, "README.md")) },
		"broken link": func(dir string) error { return os.Symlink(outside+".new", filepath.Join(dir, "README.md")) },
		"folder":      func(dir string) error { return os.Symlink(filepath.Dir(outside), filepath.Join(dir, "proto")) },
	} {
		dir := t.TempDir()
		if err := link(dir); err != nil {
			t.Fatal(err)
		}
		if err := project.Write(dir); err == nil {
			t.Errorf("%s: no error", name)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
			t.Errorf("%s: the folder has %d files, %v: want 1", name, len(entries), err)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(outside))
	if raw, _ := os.ReadFile(outside); err != nil || len(entries) != 1 || string(raw) != "kept" {
		t.Errorf("outside of the folder: %q, %v, %v", raw, entries, err)
	}
}

// TestWrite checks that a project can be written into a folder with other files.
func TestWrite(t *testing.T) {
	t.Parallel()
	project, err := scaffold.New(t.Context(), scaffold.Options{Name: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(write(t, "LICENSE", "mine"))
	if err := project.Write(dir); err != nil {
		t.Fatal(err)
	}
	for _, file := range project.Files {
		raw, err := fs.ReadFile(os.DirFS(dir), file.Path)
		if err != nil || string(raw) != string(file.Content) {
			t.Errorf("%s: %v", file.Path, err)
		}
	}
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func content(project *scaffold.Project, path string) string {
	for _, file := range project.Files {
		if file.Path == path {
			return string(file.Content)
		}
	}
	return "no file " + path
}
