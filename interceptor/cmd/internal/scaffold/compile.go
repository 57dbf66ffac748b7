package scaffold

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/reporter"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// maxFaults is the number of errors after which the compiler stops.
const maxFaults = 20

// compile compiles the files under proto. The options are always there.
func compile(ctx context.Context, files map[string][]byte) (*table.Set, error) {
	sources, err := optionFiles()
	if err != nil {
		return nil, err
	}
	var paths []string
	for name, content := range files {
		if after, ok := strings.CutPrefix(name, "proto/"); ok {
			paths = append(paths, after)
			sources[name] = content
		}
	}
	slices.Sort(paths)
	var faults []error
	compiler := protocompile.Compiler{
		Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{
			ImportPaths: []string{"proto", "third_party"},
			Accessor:    opener(sources),
		}),
		SourceInfoMode: protocompile.SourceInfoStandard,
		Reporter: reporter.NewReporter(func(err reporter.ErrorWithPos) error {
			if faults = append(faults, err); len(faults) < maxFaults {
				return nil
			}
			return err
		}, nil),
	}
	compiled, err := compiler.Compile(ctx, paths...)
	if len(faults) > 0 {
		err = errors.Join(faults...)
	}
	registry := new(protoregistry.Files)
	for _, file := range compiled {
		if err == nil {
			err = register(registry, file)
		}
	}
	if err != nil {
		return nil, err
	}
	return table.NewSet(registry)
}

// opener opens files that are in memory.
func opener(files map[string][]byte) func(name string) (io.ReadCloser, error) {
	return func(name string) (io.ReadCloser, error) {
		content, ok := files[filepath.ToSlash(name)]
		if !ok {
			return nil, os.ErrNotExist
		}
		return io.NopCloser(bytes.NewReader(content)), nil
	}
}

// register adds a file and its imports, once each.
func register(registry *protoregistry.Files, file protoreflect.FileDescriptor) error {
	if _, err := registry.FindFileByPath(file.Path()); err == nil {
		return nil
	}
	for i := range file.Imports().Len() {
		if err := register(registry, file.Imports().Get(i).FileDescriptor); err != nil {
			return err
		}
	}
	return registry.RegisterFile(file)
}
