// Package source reads the descriptors of tables: from the program itself, from
// .proto files, from an image, or from a server with gRPC reflection.
//
// What it reads may come from anybody. Numbers of files, sizes and times are
// bounded, and nothing is added to the global registry.
package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1" // the default tables
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const (
	maxBytes    = 64 << 20 // of an image, or of all answers of a server
	maxSource   = 16 << 20 // bytes of all .proto files
	maxSigns    = 2 << 20  // such as braces and commas in all .proto files
	maxFiles    = 10_000   // of .proto, or in an image
	maxServices = 2_000    // of a server
	maxMessages = 1 << 20  // in descriptors: a message of two bytes needs a kilobyte of memory
)

// Flags select where tables are read from. The zero Flags select the tables
// that the program links.
type Flags struct {
	Proto     []string // folders of .proto files
	ProtoPath []string // folders of imports, for Proto
	Image     string   // a FileDescriptorSet or buf image, or "-"
	Reflect   string   // host:port of a server
	TLS       bool     // for Reflect
}

// Register adds the flags to a command.
func (f *Flags) Register(set *pflag.FlagSet) {
	set.StringArrayVar(&f.Proto, "proto", nil, "read the tables from the .proto files under `DIR`; may be repeated")
	set.StringArrayVar(&f.ProtoPath, "proto-path", nil, "with --proto, look for imports in `DIR` too; may be repeated")
	set.StringVar(&f.Image, "image", "", "read the tables from `FILE`, a buf image or FileDescriptorSet, binary or JSON; - is stdin")
	set.StringVar(&f.Reflect, "reflect", "", "read the tables from the server at `HOST:PORT` by gRPC reflection")
	set.BoolVar(&f.TLS, "tls", false, "with --reflect, use TLS")
}

// ErrUsage reports flags that contradict each other or have an invalid value.
var ErrUsage = errors.New("wrong use")

type usageError string

func (e usageError) Error() string      { return string(e) }
func (usageError) Is(target error) bool { return target == ErrUsage }

// Set holds descriptors with tables.
type Set struct {
	Files *protoregistry.Files
	// Resolver reads the tables of Files.
	Resolver *codetable.Resolver
	// Own lists the files whose tables are meant, in the order of their paths.
	// Files holds their imports too.
	Own []protoreflect.FileDescriptor
	// Paths has the name on disk of each file that was compiled. Its keys are
	// the paths in imports.
	Paths map[string]string
}

// Load reads the descriptors. If no flag is set, it returns those of the
// program. It returns an error if there is no table.
func (f Flags) Load(ctx context.Context, stdin io.Reader) (*Set, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	var set *Set
	var err error
	hint := ""
	switch {
	case len(f.Proto) > 0:
		set, err = Proto(ctx, f.Proto, f.ProtoPath...)
	case f.Image != "":
		set, err = Image(f.Image, stdin)
	case f.Reflect != "":
		set, err = Reflect(ctx, f.Reflect, f.TLS)
		hint = ". A server only shows the files of its services and their imports: import the file of the table in one of them"
	default:
		set, err = newSet(protoregistry.GlobalFiles, nil)
	}
	if err != nil {
		return nil, err
	}
	if len(set.Tables()) == 0 {
		return nil, fmt.Errorf("%s: no enum has the option (codetable.v1.table)%s", f, hint)
	}
	return set, nil
}

// Linked reports whether the flags select the tables that the program links.
func (f Flags) Linked() bool { return len(f.chosen()) == 0 }

func (f Flags) check() error {
	switch chosen := f.chosen(); {
	case len(chosen) > 1:
		return usageError(strings.Join(chosen, ", ") + ": choose one of --proto, --image and --reflect")
	case len(f.ProtoPath) > 0 && len(f.Proto) == 0:
		return usageError("--proto-path is for --proto")
	case f.TLS && f.Reflect == "":
		return usageError("--tls is for --reflect")
	default:
		return nil
	}
}

func (f Flags) chosen() (list []string) {
	if len(f.Proto) > 0 {
		list = append(list, "--proto "+strings.Join(f.Proto, " --proto "))
	}
	if f.Image != "" {
		list = append(list, "--image "+f.Image)
	}
	if f.Reflect != "" {
		list = append(list, "--reflect "+f.Reflect)
	}
	return list
}

// String returns the flags as they are typed.
func (f Flags) String() string {
	return cmp.Or(strings.Join(f.chosen(), " "), "the linked tables")
}

// newSet makes a set of all files, or of those that own selects.
func newSet(files *protoregistry.Files, own func(path string) bool) (*Set, error) {
	resolver, err := codetable.NewResolver(files)
	if err != nil {
		return nil, err
	}
	set := &Set{Files: files, Resolver: resolver}
	files.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if own == nil || own(file.Path()) {
			set.Own = append(set.Own, file)
		}
		return true
	})
	slices.SortFunc(set.Own, func(a, b protoreflect.FileDescriptor) int { return cmp.Compare(a.Path(), b.Path()) })
	return set, nil
}

// Tables returns the enums of Own that are tables, in the order of their
// domains. Enums with the same domain are in the order of their names.
func (s *Set) Tables() []protoreflect.EnumDescriptor {
	return slices.DeleteFunc(s.Resolver.Tables(), func(enum protoreflect.EnumDescriptor) bool {
		_, own := slices.BinarySearchFunc(s.Own, enum.ParentFile().Path(), func(file protoreflect.FileDescriptor, path string) int {
			return cmp.Compare(file.Path(), path)
		})
		return !own
	})
}

// Methods returns all methods of the services, in the order of their files and
// of their place in the file.
func (s *Set) Methods() (list []protoreflect.MethodDescriptor) {
	for _, file := range s.Own {
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				list = append(list, methods.Get(j))
			}
		}
	}
	return list
}

// PathOf returns the name on disk of a file that was compiled, for editors and
// for annotations in CI. For any other file it returns the path in imports.
func (s *Set) PathOf(file protoreflect.FileDescriptor) string {
	return filepath.ToSlash(cmp.Or(s.Paths[file.Path()], file.Path()))
}

// IsInternal reports whether a file only defines the options or a standard
// type, so that documents leave it out.
func IsInternal(path string) bool {
	return strings.HasPrefix(path, "google/protobuf/") || strings.HasPrefix(path, "codetable/v1/")
}

// builtIn returns an internal file that the program links.
func builtIn(path string) (protoreflect.FileDescriptor, bool) {
	if !IsInternal(path) {
		return nil, false
	}
	file, err := protoregistry.GlobalFiles.FindFileByPath(path)
	return file, err == nil
}
