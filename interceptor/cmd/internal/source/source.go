// Package source reads the descriptors of tables: from the program itself, from
// .proto files, from an image, or from a server with gRPC reflection.
package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1" // the default tables
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// Flags select where tables are read from. The zero Flags select the tables
// that the program links.
type Flags struct {
	Proto   string // a folder of .proto files
	Image   string // a FileDescriptorSet or buf image, or "-"
	Reflect string // host:port of a server
	TLS     bool   // for Reflect
}

// Register adds the flags to a command.
func (f *Flags) Register(set *pflag.FlagSet) {
	set.StringVar(&f.Proto, "proto", "", "read the tables from the .proto files under `DIR`")
	set.StringVar(&f.Image, "image", "", "read the tables from `FILE`, a buf image or FileDescriptorSet, binary or JSON; - is stdin")
	set.StringVar(&f.Reflect, "reflect", "", "read the tables from the server at `HOST:PORT` by gRPC reflection")
	set.BoolVar(&f.TLS, "tls", false, "use TLS with --reflect")
}

// ErrUsage reports flags that contradict each other.
var ErrUsage = errors.New("choose one of --proto, --image and --reflect")

// Set holds descriptors with tables.
type Set struct {
	Files *protoregistry.Files
	// Own lists the files whose tables are meant, in the order of their paths.
	// Files holds their imports too.
	Own []protoreflect.FileDescriptor
}

// Load reads the descriptors. If no flag is set, it returns those of the
// program. It returns an error if there is no table.
func (f Flags) Load(ctx context.Context, stdin io.Reader) (*Set, error) {
	var set *Set
	var err error
	switch chosen := f.chosen(); {
	case len(chosen) > 1:
		return nil, fmt.Errorf("%s: %w", strings.Join(chosen, ", "), ErrUsage)
	case f.TLS && f.Reflect == "":
		return nil, fmt.Errorf("--tls is for --reflect: %w", ErrUsage)
	case f.Proto != "":
		set, err = Proto(ctx, f.Proto)
	case f.Image != "":
		set, err = Image(f.Image, stdin)
	case f.Reflect != "":
		set, err = Reflect(ctx, f.Reflect, f.TLS)
	default:
		set = newSet(protoregistry.GlobalFiles, nil)
	}
	if err != nil {
		return nil, err
	}
	if len(set.Tables()) == 0 {
		return nil, fmt.Errorf("%s: no enum has the option (codetable.v1.table)", f)
	}
	return set, nil
}

func (f Flags) chosen() (list []string) {
	for _, flag := range []struct{ name, value string }{{"--proto", f.Proto}, {"--image", f.Image}, {"--reflect", f.Reflect}} {
		if flag.value != "" {
			list = append(list, flag.name+" "+flag.value)
		}
	}
	return list
}

// String returns the flags as they are typed.
func (f Flags) String() string {
	if chosen := f.chosen(); len(chosen) > 0 {
		return strings.Join(chosen, " ")
	}
	return "the linked tables"
}

// Tables returns the enums that are tables, in the order of their names.
func (s *Set) Tables() (list []protoreflect.EnumDescriptor) {
	for _, file := range s.Own {
		eachEnum(file, func(enum protoreflect.EnumDescriptor) {
			if codetable.IsTable(enum) {
				list = append(list, enum)
			}
		})
	}
	return list
}

// container is a file or a message.
type container interface {
	Enums() protoreflect.EnumDescriptors
	Messages() protoreflect.MessageDescriptors
}

func eachEnum(in container, yield func(protoreflect.EnumDescriptor)) {
	for i := range in.Enums().Len() {
		yield(in.Enums().Get(i))
	}
	for i := range in.Messages().Len() {
		eachEnum(in.Messages().Get(i), yield)
	}
}
