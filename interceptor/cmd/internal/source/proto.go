package source

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/reporter"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

const (
	maxFaults      = 20 // errors of the compiler that are reported
	compileTimeout = 30 * time.Second
)

// Proto compiles all .proto files under the folders. Import paths are relative
// to one of the folders, or to one of imports. If a folder has a buf.yaml or a
// buf.work.yaml, the folders of its modules are meant. The files of codetable.v1
// and google.protobuf need not be there.
//
// It reports the errors of the compiler with the name of the file on disk.
func Proto(ctx context.Context, folders []string, imports ...string) (*Set, error) {
	sources := &sources{folders: imports, paths: map[string]string{}}
	sources.signs.Store(maxSigns)
	for _, folder := range slices.Backward(folders) {
		if err := sources.addModules(folder); err != nil {
			return nil, err
		}
	}
	if len(sources.own) == 0 {
		return nil, fmt.Errorf("%s: no .proto file", strings.Join(folders, ", "))
	}
	slices.Sort(sources.own)
	compiled, err := sources.compile(ctx)
	if err != nil {
		return nil, fmt.Errorf("compile the .proto files under %s:\n%w", strings.Join(folders, ", "), err)
	}
	files, own := new(protoregistry.Files), map[string]bool{}
	for _, file := range compiled {
		own[file.Path()] = true
		if err := register(files, file); err != nil {
			return nil, err
		}
	}
	set, err := newSet(files, func(path string) bool { return own[path] })
	if err != nil {
		return nil, err
	}
	set.Paths = sources.paths
	return set, nil
}

// sources finds .proto files.
type sources struct {
	folders []string          // where imports are looked for, in this order
	own     []string          // the import paths of the files to compile
	paths   map[string]string // from import path to the name on disk, of own
	bytes   atomic.Int64      // of the files that were read
	signs   atomic.Int64      // that the files may still have
}

// addModules adds the files of a folder, or of the modules that its buf.yaml
// names.
func (s *sources) addModules(folder string) error {
	switch info, err := os.Stat(folder); {
	case err != nil:
		return err
	case !info.IsDir():
		return usageError(folder + " is no folder: name the folder to which the paths of imports are relative")
	}
	modules, err := readModules(folder)
	if err != nil {
		return err
	}
	for _, module := range slices.Backward(modules) {
		s.folders = slices.Insert(s.folders, 0, module.root)
		if err := s.add(module); err != nil {
			return err
		}
	}
	return nil
}

func (s *sources) add(module module) error {
	root := module.root + string(filepath.Separator) // may be a symbolic link
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && (strings.HasPrefix(entry.Name(), ".") || module.excludes(path)):
			return filepath.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".proto":
			return nil
		}
		name, err := filepath.Rel(module.root, path)
		if err != nil {
			return err
		}
		if name = filepath.ToSlash(name); s.paths[name] == "" {
			s.own = append(s.own, name)
		}
		s.paths[name] = path
		if len(s.own) > maxFiles {
			return fmt.Errorf("%s has more than %d .proto files: name the folder of the table", module.root, maxFiles)
		}
		return nil
	})
}

func (s *sources) compile(ctx context.Context) (files []protoreflect.FileDescriptor, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, compileTimeout, errTooComplex)
	defer cancel()
	var faults []reporter.ErrorWithPos
	compiler := protocompile.Compiler{
		Resolver:       s,
		SourceInfoMode: protocompile.SourceInfoStandard,
		Reporter: reporter.NewReporter(func(err reporter.ErrorWithPos) error {
			faults = append(faults, err)
			return nil
		}, nil),
	}
	compiled, err := compiler.Compile(ctx, s.own...)
	if position := reporter.ErrorWithPos(nil); errors.As(err, &position) {
		err = s.located(position)
	}
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case len(faults) > 0:
		err = s.report(faults)
	}
	for _, file := range compiled {
		files = append(files, file)
	}
	return files, err
}

// report joins the first errors in the order of their places: files are compiled
// in parallel.
func (s *sources) report(faults []reporter.ErrorWithPos) error {
	slices.SortFunc(faults, func(a, b reporter.ErrorWithPos) int {
		p, q := a.GetPosition(), b.GetPosition()
		return cmp.Or(cmp.Compare(p.Filename, q.Filename), cmp.Compare(p.Offset, q.Offset), cmp.Compare(a.Error(), b.Error()))
	})
	var list []error
	for _, fault := range faults[:min(len(faults), maxFaults)] {
		list = append(list, s.located(fault))
	}
	if more := len(faults) - maxFaults; more > 0 {
		list = append(list, fmt.Errorf("and %d more", more))
	}
	return errors.Join(list...)
}

// located states the position of an error with the name of the file on disk.
func (s *sources) located(err reporter.ErrorWithPos) error {
	position := err.GetPosition()
	if path := s.paths[position.Filename]; path != "" {
		position.Filename = path
	}
	return fmt.Errorf("%s: %w", position, err.Unwrap())
}

// FindFileByPath implements protocompile.Resolver.
func (s *sources) FindFileByPath(path string) (protocompile.SearchResult, error) {
	for _, folder := range s.folders {
		if !filepath.IsLocal(filepath.FromSlash(path)) {
			break // it is outside of the folder
		}
		raw, err := s.read(filepath.Join(folder, filepath.FromSlash(path)))
		if err == nil {
			return protocompile.SearchResult{Source: bytes.NewReader(raw)}, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return protocompile.SearchResult{}, err
		}
	}
	if file, ok := builtIn(path); ok {
		return protocompile.SearchResult{Desc: file}, nil
	}
	return protocompile.SearchResult{}, s.missing(path)
}

// read reads a file. It returns an error if all files together are too large.
func (s *sources) read(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, maxSource+1))
	if err == nil && s.bytes.Add(int64(len(raw))) > maxSource {
		err = fmt.Errorf("the .proto files have more than %d MiB: name the folder of the table", maxSource>>20)
	}
	if err == nil {
		err = takeSource(raw, &s.signs)
	}
	return raw, err
}

// missing describes an import that was not found, and what to do.
func (s *sources) missing(path string) error {
	for _, own := range s.own {
		if root, ok := strings.CutSuffix(s.paths[own], string(filepath.Separator)+filepath.FromSlash(path)); ok {
			return fmt.Errorf("import %q is not found: paths are relative to the folder given, so use --proto %s", path, root)
		}
	}
	return fmt.Errorf("import %q is not found: name the folder that has it with --proto-path DIR, "+
		"or run 'buf build -o image.binpb' and use --image image.binpb", path)
}

// register adds a file and its imports, once each.
func register(files *protoregistry.Files, file protoreflect.FileDescriptor) error {
	if _, err := files.FindFileByPath(file.Path()); err == nil {
		return nil
	}
	imports := file.Imports()
	for i := range imports.Len() {
		if err := register(files, imports.Get(i).FileDescriptor); err != nil {
			return err
		}
	}
	return files.RegisterFile(file)
}
