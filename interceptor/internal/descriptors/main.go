// Command descriptors writes a google.protobuf.FileDescriptorSet of the options, of the
// tables of this repository, and of the details of a google.rpc.Status. protoc and
// programs in any language read it, so they need no .proto file.
package main

import (
	"io"
	"log"
	"os"
	"slices"
	"strings"

	_ "google.golang.org/genproto/googleapis/rpc/errdetails"
	_ "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	_ "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	_ "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

func main() {
	if err := write(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func write(w io.Writer) error {
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(files())
	if err != nil {
		return err
	}
	_, err = w.Write(raw)
	return err
}

// roots are the folders of the files to write.
var roots = []string{"codetable/", "google/rpc/", "jiguang/"}

// files returns the files of the roots, each after its imports.
func files() *descriptorpb.FileDescriptorSet {
	var paths []string
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if slices.ContainsFunc(roots, func(root string) bool { return strings.HasPrefix(file.Path(), root) }) {
			paths = append(paths, file.Path())
		}
		return true
	})
	slices.Sort(paths)
	set, added := &descriptorpb.FileDescriptorSet{}, map[string]bool{}
	for _, path := range paths {
		file, err := protoregistry.GlobalFiles.FindFileByPath(path)
		if err != nil {
			panic(err) // RangeFiles has just returned it
		}
		add(set, added, file)
	}
	return set
}

func add(set *descriptorpb.FileDescriptorSet, added map[string]bool, file protoreflect.FileDescriptor) {
	if added[file.Path()] {
		return
	}
	added[file.Path()] = true
	for i := range file.Imports().Len() {
		add(set, added, file.Imports().Get(i))
	}
	set.File = append(set.File, protodesc.ToFileDescriptorProto(file))
}
