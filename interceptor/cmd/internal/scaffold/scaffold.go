// Package scaffold makes the files of a new module: a table of response codes, a
// service that answers with them, a server, a client, and tests.
package scaffold

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/codetable/grpc-codetable/interceptor/internal/tablediff"
	"github.com/codetable/grpc-codetable/proto"
)

// Options select what a new module contains. Only Name is required.
type Options struct {
	Name    string // lower-case words with hyphens
	Module  string // default: example.com/NAME
	Domain  string // of the example table. Default: NAME.example.com
	Enum    string // of the example table, or a table of Proto. Default: NAME in camel case, with Code
	Proto   string // a .proto file with a table, which replaces the example table
	Version string // of this library, for go.mod. Default: that of the program
	Replace string // a folder with this library, for go.mod
}

// Project is a new module that is not yet written. Its JSON is the summary of
// the command.
type Project struct {
	Module  string `json:"module"`
	Package string `json:"package"` // of the protos
	Enum    string `json:"enum"`    // full name
	Domain  string `json:"domain"`
	Service string `json:"service"` // full name
	Version string `json:"version"` // of this library; empty if it is unknown and not replaced
	Files   []File `json:"files"`   // sorted by path
}

// File is a file of a project.
type File struct {
	Path    string `json:"path"` // with slashes, relative to the folder of the project
	Content []byte `json:"-"`
}

//go:embed template
var templates embed.FS

// New makes a project. An invalid option is an [OptionError].
func New(ctx context.Context, options Options) (*Project, error) {
	names, err := newNames(options)
	if err != nil {
		return nil, err
	}
	mod, version, err := goMod(names.Module, options)
	if err != nil {
		return nil, err
	}
	files, err := optionFiles()
	if err != nil {
		return nil, err
	}
	files["go.mod"] = mod
	if err := names.addTable(ctx, files, options); err != nil {
		return nil, err
	}
	if err := names.addTemplates(files); err != nil {
		return nil, err
	}
	set, err := compile(ctx, files)
	if err != nil {
		return nil, err
	}
	enum, err := findTable(set, names.Package, names.Enum)
	if err != nil {
		return nil, err
	}
	files[names.Golden] = tablediff.Describe(set, enum).Encode()
	return &Project{
		Module:  names.Module,
		Package: names.Package,
		Enum:    names.Package + "." + names.Enum,
		Domain:  names.Domain,
		Service: names.Package + "." + names.Service,
		Version: version,
		Files:   sorted(files),
	}, nil
}

// optionFiles returns the .proto files of the options under third_party.
func optionFiles() (map[string][]byte, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(proto.Options, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files[path.Join("third_party", name)], err = proto.Options.ReadFile(name)
		}
		return err
	})
	return files, err
}

// addTemplates adds the files that are the same for every table.
func (n *names) addTemplates(files map[string][]byte) error {
	for name, target := range map[string]string{
		"gitignore":     ".gitignore",
		"Makefile":      "Makefile",
		"README.md":     "README.md",
		"buf.yaml":      "buf.yaml",
		"buf.gen.yaml":  "buf.gen.yaml",
		"client.go":     "client/main.go",
		"server.go":     "server/main.go",
		"table_test.go": "table_test.go",
		"service.proto": path.Join("proto", n.ServicePath()),
	} {
		if _, taken := files[target]; taken {
			return fmt.Errorf("%s: this name is for a file of the service: rename the file of the table", target)
		}
		content, err := n.render(name)
		if err != nil {
			return err
		}
		files[target] = content
	}
	return nil
}

// render executes a template. Go code is formatted, which sorts its imports.
func (n *names) render(name string) ([]byte, error) {
	parsed, err := template.New(name+".tmpl").Funcs(template.FuncMap{"quote": strconv.Quote}).
		ParseFS(templates, path.Join("template", name+".tmpl"))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := parsed.Execute(&b, n); err != nil {
		return nil, err
	}
	if strings.HasSuffix(name, ".go") {
		return format.Source(b.Bytes())
	}
	return b.Bytes(), nil
}

func sorted(files map[string][]byte) []File {
	list := make([]File, 0, len(files))
	for name, content := range files {
		list = append(list, File{name, content})
	}
	slices.SortFunc(list, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return list
}

// Write writes the files under dir, which it makes if needed. If one of them
// exists, it writes none.
func (p *Project) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // source code is readable by all
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, file := range p.Files {
		if _, err := root.Lstat(file.Path); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s exists, and nothing was written: choose another folder with --dir", path.Join(dir, file.Path))
		}
	}
	for _, file := range p.Files {
		if err := write(root, file); err != nil {
			return err
		}
	}
	return nil
}

func write(root *os.Root, file File) error {
	if err := root.MkdirAll(path.Dir(file.Path), 0o755); err != nil {
		return err
	}
	f, err := root.OpenFile(file.Path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(file.Content)
	return errors.Join(err, f.Close())
}
