package source

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/reporter"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// maxImage bounds the bytes of an image, also after decompression.
const maxImage = 256 << 20

// newSet makes a set of all files, or of those that own selects.
func newSet(files *protoregistry.Files, own func(path string) bool) *Set {
	set := &Set{Files: files}
	files.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if own == nil || own(file.Path()) {
			set.Own = append(set.Own, file)
		}
		return true
	})
	slices.SortFunc(set.Own, func(a, b protoreflect.FileDescriptor) int { return cmp.Compare(a.Path(), b.Path()) })
	return set
}

// Proto compiles all .proto files under a folder. Import paths are relative to
// the folder. The files of codetable.v1 and google.protobuf need not be there.
// It reports all errors of the compiler.
func Proto(ctx context.Context, dir string) (*Set, error) {
	paths, err := protoFiles(dir)
	if err != nil {
		return nil, err
	}
	var faults []error
	compiler := protocompile.Compiler{
		Resolver: protocompile.CompositeResolver{
			&protocompile.SourceResolver{ImportPaths: []string{dir}},
			protocompile.ResolverFunc(linked),
		},
		SourceInfoMode: protocompile.SourceInfoStandard,
		Reporter:       reporter.NewReporter(func(err reporter.ErrorWithPos) error { faults = append(faults, err); return nil }, nil),
	}
	compiled, err := compiler.Compile(ctx, paths...)
	if len(faults) > 0 {
		err = errors.Join(faults...)
	}
	if err != nil {
		return nil, fmt.Errorf("compile the .proto files under %s:\n%w", dir, err)
	}
	files, own := new(protoregistry.Files), map[string]bool{}
	for _, file := range compiled {
		own[file.Path()] = true
		if err := register(files, file); err != nil {
			return nil, fmt.Errorf("%s: %w", dir, err)
		}
	}
	return newSet(files, func(path string) bool { return own[path] }), nil
}

func protoFiles(dir string) (paths []string, err error) {
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".proto" {
			return err
		}
		path, err = filepath.Rel(dir, path)
		paths = append(paths, filepath.ToSlash(path))
		return err
	})
	if err == nil && len(paths) == 0 {
		err = fmt.Errorf("%s: no .proto file", dir)
	}
	return paths, err
}

// linked finds the files that the program links, for imports that the folder
// does not have.
func linked(path string) (protocompile.SearchResult, error) {
	file, err := protoregistry.GlobalFiles.FindFileByPath(path)
	return protocompile.SearchResult{Desc: file}, err
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

// Image reads a FileDescriptorSet or a buf image, binary or JSON, compressed
// with gzip or not. Imports that it lacks are taken from the program.
func Image(name string, stdin io.Reader) (*Set, error) {
	raw, err := read(name, stdin)
	if err != nil {
		return nil, fmt.Errorf("read the image: %w", err)
	}
	descriptors := &descriptorpb.FileDescriptorSet{}
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		err = protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(raw, descriptors)
	} else {
		err = proto.Unmarshal(raw, descriptors)
	}
	if err == nil && len(descriptors.GetFile()) == 0 {
		err = errors.New("it has no file")
	}
	if err != nil {
		return nil, fmt.Errorf("%s is no FileDescriptorSet: %w", name, err)
	}
	return FromDescriptors(descriptors)
}

// FromDescriptors returns the set of the given files. Imports that are missing
// are taken from the program.
func FromDescriptors(descriptors *descriptorpb.FileDescriptorSet) (*Set, error) {
	own, imports := map[string]bool{}, map[string]*descriptorpb.FileDescriptorProto{}
	for _, file := range descriptors.GetFile() {
		own[file.GetName()] = true
	}
	for _, file := range descriptors.GetFile() {
		addImports(imports, own, file)
	}
	all := &descriptorpb.FileDescriptorSet{File: slices.Concat(descriptors.GetFile(), slices.Collect(maps.Values(imports)))}
	files, err := protodesc.FileOptions{AllowUnresolvable: true}.NewFiles(all)
	if err != nil {
		return nil, err
	}
	return newSet(files, func(path string) bool { return own[path] }), nil
}

// addImports adds the imports of a file that only the program has.
func addImports(imports map[string]*descriptorpb.FileDescriptorProto, own map[string]bool, file *descriptorpb.FileDescriptorProto) {
	for _, path := range file.GetDependency() {
		found, err := protoregistry.GlobalFiles.FindFileByPath(path)
		if err == nil && !own[path] && imports[path] == nil {
			imports[path] = protodesc.ToFileDescriptorProto(found)
			addImports(imports, own, imports[path])
		}
	}
}

func read(name string, stdin io.Reader) ([]byte, error) {
	in := stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		in = file
	}
	raw, err := readAll(in)
	if err != nil || !bytes.HasPrefix(raw, []byte{0x1f, 0x8b}) {
		return raw, err
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	return readAll(unzipped)
}

func readAll(in io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(in, maxImage+1))
	if err == nil && len(raw) > maxImage {
		err = fmt.Errorf("it has more than %d MiB", maxImage>>20)
	}
	return raw, err
}

// IsInternal reports whether a file only defines the options or a standard
// type, so that documents leave it out.
func IsInternal(path string) bool {
	return strings.HasPrefix(path, "google/") || strings.HasPrefix(path, "codetable/v1/")
}
