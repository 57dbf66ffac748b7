package scaffold

import (
	"cmp"
	"os"
	"path/filepath"
	"runtime/debug"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// Library is the path of the module of this library.
const Library = "github.com/codetable/grpc-codetable"

const (
	goVersion = "1.26.0"
	// unreleased stands in go.mod for a version that a replace directive
	// overrides.
	unreleased = "v0.0.0"
)

// goMod returns the go.mod of a project, and the version of the library. The
// version is empty if it is unknown: the user has to add a replace directive.
func goMod(path string, options Options) (content []byte, version string, err error) {
	version = cmp.Or(options.Version, libraryVersion())
	if options.Replace != "" {
		version = cmp.Or(options.Version, unreleased)
	}
	if err := module.Check(Library, cmp.Or(version, unreleased)); err != nil {
		return nil, "", &OptionError{"--library", version, "want a version such as v0.1.0"}
	}
	file := new(modfile.File)
	err = cmp.Or(
		file.AddModuleStmt(path),
		file.AddGoStmt(goVersion),
		file.AddRequire(Library, cmp.Or(version, unreleased)),
		file.AddTool("google.golang.org/grpc/cmd/protoc-gen-go-grpc"),
		file.AddTool("google.golang.org/protobuf/cmd/protoc-gen-go"),
	)
	if err == nil && options.Replace != "" {
		err = addReplace(file, options.Replace)
	}
	if err != nil {
		return nil, "", err
	}
	file.Cleanup()
	content, err = file.Format()
	return content, version, err
}

func addReplace(file *modfile.File, dir string) error {
	raw, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil || modfile.ModulePath(raw) != Library {
		return &OptionError{"--replace", dir, "want the folder of a clone of " + Library}
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	return file.AddReplace(Library, "", dir, "")
}

// libraryVersion is the version that the program was built with, or "" if it was
// built from a clone.
func libraryVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, dependency := range info.Deps {
		if dependency.Path == Library && dependency.Replace == nil && dependency.Version != "(devel)" {
			return dependency.Version
		}
	}
	return ""
}
