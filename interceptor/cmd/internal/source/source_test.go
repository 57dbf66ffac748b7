package source_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/reflection"
	refv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	refv1alpha "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/source"
)

const (
	shopProto  = "testdata/shop/proto"
	thirdParty = "testdata/shop/third_party"
)

// wantShop is what every source has to read of the tables of the shop, which
// the program does not link.
const wantShop = `shop.v1.OrderCode
orders.shop.example -7 BAD_BASKET InvalidArgument NEVER
orders.shop.example 0 UNSPECIFIED Unknown NEVER
orders.shop.example 7 SOLD_OUT ResourceExhausted NEXT_WINDOW
shop.v1.Stock.Code
stock.shop.example 7 SOLD_OUT NotFound NEVER
shop.v1.ShopService.Order: ORDER_CODE_SOLD_OUT
`

func describe(t *testing.T, set *source.Set) string {
	t.Helper()
	var b strings.Builder
	for _, enum := range set.Tables() {
		fmt.Fprintln(&b, enum.FullName())
		for _, number := range []protoreflect.EnumNumber{-7, 0, 7} {
			if spec, ok := set.Resolver.LookupDescriptor(enum, number); ok {
				fmt.Fprintln(&b, spec, spec.GRPCCode(), spec.Retry())
			}
		}
	}
	for _, method := range set.Methods() {
		code := method.Output().Fields().ByName("code").Enum().Values().ByNumber(7)
		fmt.Fprintf(&b, "%s: %s\n", method.FullName(), code.Name())
	}
	return b.String()
}

func shop(t *testing.T) *source.Set {
	t.Helper()
	set, err := source.Proto(t.Context(), []string{shopProto}, thirdParty)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// descriptors returns the files of a set, with the imports that are not built
// into the program.
func descriptors(set *source.Set) *descriptorpb.FileDescriptorSet {
	list := &descriptorpb.FileDescriptorSet{}
	set.Files.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if !source.IsInternal(file.Path()) {
			list.File = append(list.File, protodesc.ToFileDescriptorProto(file))
		}
		return true
	})
	return list
}

func TestProto(t *testing.T) {
	t.Parallel()
	set := shop(t)
	if got := describe(t, set); got != wantShop {
		t.Errorf("got\n%s", got)
	}
	if got, want := set.Paths["shop/v1/order_code.proto"], filepath.FromSlash(shopProto+"/shop/v1/order_code.proto"); got != want {
		t.Errorf("path on disk is %q, want %q", got, want)
	}
	both, err := source.Proto(t.Context(), []string{shopProto, thirdParty})
	if err != nil {
		t.Fatal(err)
	}
	if got := describe(t, both); got != wantShop {
		t.Errorf("two folders: got\n%s", got)
	}
	if len(both.Own) != len(set.Own)+1 {
		t.Errorf("two folders have %d own files, want one more than %d", len(both.Own), len(set.Own))
	}
}

// The folders of a module come from its buf.yaml.
func TestProtoModules(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]string{
		"buf.yaml":      "version: v2\nmodules:\n  - path: proto\n    excludes: [proto/broken]\n  - path: third_party\n",
		"buf.work.yaml": "version: v1\ndirectories: [proto, third_party]\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS("testdata/shop")); err != nil {
				t.Fatal(err)
			}
			writeFile(t, dir, name, config)
			if name == "buf.yaml" {
				writeFile(t, dir, "proto/broken/broken.proto", "no proto")
			}
			writeFile(t, dir, "proto/.hidden/broken.proto", "no proto")
			set, err := source.Proto(t.Context(), []string{dir})
			if err != nil {
				t.Fatal(err)
			}
			if got := describe(t, set); got != wantShop {
				t.Errorf("got\n%s", got)
			}
		})
	}
}

func TestProtoErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"no file":   {nil, []string{"no .proto file"}},
		"no folder": {map[string]string{"buf.work.yaml": "directories: [absent]"}, []string{"absent", "no such file"}},
		"syntax":    {map[string]string{"a/b.proto": "syntax = \"proto3\";\nmessage {}\n"}, []string{"DIR/a/b.proto:2:9: syntax error"}},
		"two files": {
			map[string]string{"a.proto": "syntax = \"proto3\";\nmessage A { B b = 1; }\n", "b.proto": "syntax = \"proto3\";\nmessage C { D d = 1; }\n"},
			[]string{"DIR/a.proto:2:13: ", "DIR/b.proto:2:13: "},
		},
		"missing import": {
			map[string]string{"a.proto": "syntax = \"proto3\";\nimport \"google/type/date.proto\";\n"},
			[]string{`DIR/a.proto:2:8: import "google/type/date.proto" is not found`, "--proto-path DIR", "buf build -o image.binpb"},
		},
		"wrong root": {
			map[string]string{"api/x/a.proto": "syntax = \"proto3\";\nimport \"x/b.proto\";\n", "api/x/b.proto": "syntax = \"proto3\";"},
			[]string{`import "x/b.proto" is not found`, "--proto DIR/api"},
		},
		"only of the program": {
			map[string]string{"a.proto": "syntax = \"proto3\";\nimport \"jiguang/jverification/v1/response_code.proto\";\n"},
			[]string{"is not found"},
		},
		"cycle": {
			map[string]string{"a.proto": "syntax = \"proto3\";\nimport \"b.proto\";\n", "b.proto": "syntax = \"proto3\";\nimport \"a.proto\";\n"},
			[]string{"cycle found in imports"},
		},
		"buf.yaml": {map[string]string{"buf.yaml": "modules: 7"}, []string{"DIR/buf.yaml"}},
		"too deep": {
			map[string]string{"a.proto": `syntax = "proto3"; option (x) = ` + strings.Repeat("{a:", 10_001)}, []string{"too deeply nested"},
		},
		"too many": {map[string]string{"a.proto": strings.Repeat(";", 2<<20+1)}, []string{"too many", "name the folder of the table"}},
		"module outside": {
			map[string]string{"inside/buf.yaml": "x", "buf.yaml": "modules: [{path: inside/../../outside}]"},
			[]string{`DIR/buf.yaml: the path "inside/../../outside" is outside of the folder`},
		},
		"directory outside": {
			map[string]string{"buf.work.yaml": "directories: [/]"}, []string{`DIR/buf.work.yaml: the path "/" is outside of the folder`},
		},
		"import outside": {
			map[string]string{"buf.yaml": "modules: [{path: inside}]", "outside.proto": "syntax = \"proto3\";", "inside/a.proto": "syntax = \"proto3\";\nimport \"../outside.proto\";\n"},
			[]string{`import "../outside.proto" is not found`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for path, content := range test.files {
				writeFile(t, dir, path, content)
			}
			_, err := source.Proto(t.Context(), []string{dir})
			wantError(t, err, dir, test.want...)
		})
	}
}

func TestImage(t *testing.T) {
	t.Parallel()
	list := descriptors(shop(t))
	binary, err := proto.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	text, err := protojson.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"image.binpb":    binary,
		"image.json":     text,
		"image.binpb.gz": compress(t, binary),
		"image.json.gz":  compress(t, text),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			set, err := source.Image(path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := describe(t, set); got != wantShop {
				t.Errorf("got\n%s", got)
			}
			set, err = source.Image("-", bytes.NewReader(content))
			if err != nil {
				t.Fatal(err)
			}
			if got := describe(t, set); got != wantShop {
				t.Errorf("stdin: got\n%s", got)
			}
		})
	}
}

// buf writes fields beyond FileDescriptorSet.
func TestImageOfBuf(t *testing.T) {
	t.Parallel()
	buf := os.Getenv("BUF")
	if buf == "" {
		t.Skip("BUF is not set")
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/shop")); err != nil {
		t.Fatal(err)
	}
	options, err := filepath.Abs("../../../../proto")
	if err == nil {
		err = os.CopyFS(filepath.Join(dir, "options/codetable"), os.DirFS(filepath.Join(options, "codetable")))
	}
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, dir, "buf.yaml", "version: v2\nmodules:\n  - path: proto\n  - path: third_party\n  - path: options\n")
	for _, name := range []string{"image.binpb", "image.json", "image.binpb.gz", "image.json.gz"} {
		command := exec.CommandContext(t.Context(), buf, "build", "-o", name)
		command.Dir = dir
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		set, err := source.Image(filepath.Join(dir, name), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := describe(t, set); got != wantShop {
			t.Errorf("%s: got\n%s", name, got)
		}
	}
}

func TestImageErrors(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("some images have the size of a limit")
	}
	file := func(name string, imports ...string) *descriptorpb.FileDescriptorProto {
		return &descriptorpb.FileDescriptorProto{Name: new(name), Dependency: imports}
	}
	marshal := func(files ...*descriptorpb.FileDescriptorProto) []byte {
		raw, err := proto.Marshal(&descriptorpb.FileDescriptorSet{File: files})
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	for name, test := range map[string]struct {
		content []byte
		want    string
	}{
		"empty":     {nil, "it has no file"},
		"text":      {[]byte("not an image"), "neither a buf image nor a FileDescriptorSet"},
		"JSON":      {[]byte(`{"file": 7}`), "neither a buf image nor a FileDescriptorSet"},
		"other":     {[]byte(`{"code": 7}`), "it has no file"},
		"gzip":      {[]byte("\x1f\x8b broken"), "unexpected EOF"},
		"bomb":      {compress(t, make([]byte, 65<<20)), "more than 64 MiB"},
		"messages":  {marshal(&descriptorpb.FileDescriptorProto{MessageType: slices.Repeat([]*descriptorpb.DescriptorProto{{}}, 1<<20)}), "more than a million declarations"},
		"files":     {bytes.Repeat([]byte{0x0a, 0}, 10_001), "more than 10000 files"},
		"objects":   {bytes.Repeat([]byte("{"), 1<<20+1), "more than a million declarations"},
		"nested":    {nested(11_000), "recursion"},
		"cycle":     {marshal(file("a", "b"), file("b", "a")), "import cycle"},
		"duplicate": {marshal(file("a"), file("a")), "file appears multiple times"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := source.Image("-", bytes.NewReader(test.content))
			wantError(t, err, "", test.want)
		})
	}
	_, err := source.Image("testdata/absent", nil)
	wantError(t, err, "", "no such file")
}

// nested returns a file with a message in a message, and so on.
func nested(depth int) []byte {
	var raw []byte
	for range depth {
		raw = protowire.AppendBytes(protowire.AppendTag(nil, 3, protowire.BytesType), raw)
	}
	raw = protowire.AppendBytes(protowire.AppendTag(nil, 4, protowire.BytesType), raw)
	return protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), raw)
}

func FuzzImage(f *testing.F) {
	set, err := source.Proto(context.Background(), []string{shopProto}, thirdParty)
	if err != nil {
		f.Fatal(err)
	}
	binary, err := proto.Marshal(descriptors(set))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(binary)
	f.Add([]byte(`{"file":[{"name":"a.proto"}]}`))
	f.Fuzz(func(_ *testing.T, raw []byte) {
		set, err := source.Image("-", bytes.NewReader(raw))
		if err != nil {
			return
		}
		for _, enum := range set.Tables() {
			_, _ = set.Resolver.LookupDescriptor(enum, 7)
			_ = set.Resolver.CheckDescriptor(enum)
		}
		for _, method := range set.Methods() {
			_, _ = set.Resolver.Declared(method)
		}
	})
}

func TestReflect(t *testing.T) {
	t.Parallel()
	set := shop(t)
	for name, register := range map[string]func(*grpc.Server, reflection.ServerOptions){
		"v1": func(server *grpc.Server, options reflection.ServerOptions) {
			refv1.RegisterServerReflectionServer(server, reflection.NewServerV1(options))
		},
		"v1alpha": func(server *grpc.Server, options reflection.ServerOptions) {
			refv1alpha.RegisterServerReflectionServer(server, reflection.NewServer(options))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := serve(t, func(server *grpc.Server) {
				server.RegisterService(&grpc.ServiceDesc{ServiceName: "shop.v1.ShopService", HandlerType: (*any)(nil)}, nil)
				register(server, reflection.ServerOptions{
					Services: server, DescriptorResolver: set.Files,
				})
			})
			got, err := source.Reflect(t.Context(), address, false)
			if err != nil {
				t.Fatal(err)
			}
			own := &source.Set{Files: got.Files, Resolver: got.Resolver}
			for _, file := range got.Own {
				if strings.HasPrefix(file.Path(), "shop/") {
					own.Own = append(own.Own, file)
				}
			}
			if got := describe(t, own); got != wantShop {
				t.Errorf("got\n%s", got)
			}
			if _, err := protoregistry.GlobalFiles.FindFileByPath("shop/v1/order_code.proto"); err == nil {
				t.Error("the file is in the global registry")
			}
		})
	}
}

func TestReflectErrors(t *testing.T) {
	t.Parallel()
	_, err := source.Reflect(t.Context(), "localhost", false)
	wantError(t, err, "", "want HOST:PORT")
	_, err = source.Reflect(t.Context(), serve(t, func(*grpc.Server) {}), false)
	wantError(t, err, "", "has no gRPC reflection", "reflection.Register")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	_, err = source.Reflect(t.Context(), listener.Addr().String(), false)
	wantError(t, err, "", "connection refused", "add --tls")
	many := serve(t, func(server *grpc.Server) { refv1.RegisterServerReflectionServer(server, manyFiles{}) })
	_, err = source.Reflect(t.Context(), many, false)
	wantError(t, err, "", "too many files")
}

// manyFiles is a server with more services than anybody can want, each in a
// file of its own.
type manyFiles struct {
	refv1.UnimplementedServerReflectionServer
}

func (manyFiles) ServerReflectionInfo(stream refv1.ServerReflection_ServerReflectionInfoServer) error {
	for {
		request, err := stream.Recv()
		if err != nil {
			return err
		}
		response := &refv1.ServerReflectionResponse{OriginalRequest: request}
		if symbol := request.GetFileContainingSymbol(); symbol != "" {
			raw, err := proto.Marshal(&descriptorpb.FileDescriptorProto{
				Name:    new(symbol),
				Service: []*descriptorpb.ServiceDescriptorProto{{Name: new(symbol)}},
			})
			if err != nil {
				return err
			}
			response.MessageResponse = &refv1.ServerReflectionResponse_FileDescriptorResponse{
				FileDescriptorResponse: &refv1.FileDescriptorResponse{FileDescriptorProto: [][]byte{raw}},
			}
		} else {
			list := &refv1.ListServiceResponse{}
			for i := range 4_000 {
				list.Service = append(list.Service, &refv1.ServiceResponse{Name: fmt.Sprintf("S%d", i)})
			}
			response.MessageResponse = &refv1.ServerReflectionResponse_ListServicesResponse{ListServicesResponse: list}
		}
		if err := stream.Send(response); err != nil {
			return err
		}
	}
}

func serve(t *testing.T, register func(*grpc.Server)) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	register(server)
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-stopped; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

func writeFile(t *testing.T, dir, path, content string) {
	t.Helper()
	path = filepath.Join(dir, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// wantError checks that an error has all texts, in which DIR stands for dir.
func wantError(t *testing.T, err error, dir string, want ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %q", want)
	}
	for _, text := range want {
		if text = strings.ReplaceAll(text, "DIR/", dir+"/"); !strings.Contains(err.Error(), text) {
			t.Errorf("error %q\nlacks %q", err, text)
		}
	}
}

func compress(t *testing.T, raw []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
