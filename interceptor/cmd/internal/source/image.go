package source

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"
)

// Image reads a FileDescriptorSet or a buf image, binary or JSON, compressed
// with gzip or not. The name "-" is stdin. The files of codetable.v1 and
// google.protobuf need not be there.
func Image(name string, stdin io.Reader) (*Set, error) {
	raw, err := read(name, stdin)
	if err != nil {
		return nil, fmt.Errorf("read the image %s: %w", name, err)
	}
	descriptors, err := parseImage(raw)
	if err != nil {
		return nil, fmt.Errorf("%s is neither a buf image nor a FileDescriptorSet, binary or JSON: %w", name, err)
	}
	set, err := FromDescriptors(descriptors)
	if err != nil {
		return nil, fmt.Errorf("image %s: %w", name, err)
	}
	return set, nil
}

func parseImage(raw []byte) (*descriptorpb.FileDescriptorSet, error) {
	descriptors := &descriptorpb.FileDescriptorSet{}
	left := budget(maxMessages)
	var err error
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		if err = left.takeJSON(raw); err == nil {
			err = protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(raw, descriptors)
		}
	} else if err = left.take(raw, descriptors.ProtoReflect().Descriptor(), 0); err == nil {
		err = proto.Unmarshal(raw, descriptors)
	}
	switch n := len(descriptors.GetFile()); {
	case err != nil:
	case n == 0:
		err = errors.New("it has no file")
	case n > maxFiles:
		err = fmt.Errorf("it has more than %d files", maxFiles)
	}
	return descriptors, err
}

// FromDescriptors returns the set of the given files. The files of codetable.v1
// and google.protobuf need not be among them.
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
	return newSet(files, func(path string) bool { return own[path] })
}

// addImports adds the imports of a file that are built into the program.
func addImports(imports map[string]*descriptorpb.FileDescriptorProto, own map[string]bool, file *descriptorpb.FileDescriptorProto) {
	for _, path := range file.GetDependency() {
		if found, ok := builtIn(path); ok && !own[path] && imports[path] == nil {
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
	raw, err := io.ReadAll(io.LimitReader(in, maxBytes+1))
	if err == nil && len(raw) > maxBytes {
		err = fmt.Errorf("it has more than %d MiB", maxBytes>>20)
	}
	return raw, err
}
