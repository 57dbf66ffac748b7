package source

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/grpc"
	refv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// server answers each question of gRPC reflection with the next of its answers,
// and the last one for ever.
type server struct {
	grpc.ClientConnInterface
	grpc.ClientStream

	answers []*refv1.ServerReflectionResponse
	asked   int
	ctx     context.Context //nolint:containedctx // of the stream
}

func (s *server) NewStream(ctx context.Context, _ *grpc.StreamDesc, _ string, _ ...grpc.CallOption) (grpc.ClientStream, error) {
	s.ctx = ctx
	return s, nil
}

func (s *server) Context() context.Context { return s.ctx }
func (*server) SendMsg(any) error          { return nil }
func (*server) CloseSend() error           { return nil }

// maxQuestions is more than a client needs for the answers of these tests.
const maxQuestions = 1000

func (s *server) RecvMsg(into any) error {
	if s.asked++; s.asked > maxQuestions || len(s.answers) == 0 {
		return io.EOF
	}
	answer := s.answers[min(s.asked, len(s.answers))-1]
	proto.Merge(into.(proto.Message), answer)
	return nil
}

// answers splits a list of answers. Each has its length before it, in two
// bytes.
func answers(raw []byte) (list []*refv1.ServerReflectionResponse) {
	for len(raw) > 1 && len(list) < 8 {
		size := min(int(raw[0])<<8|int(raw[1]), len(raw)-2)
		answer := &refv1.ServerReflectionResponse{}
		if proto.Unmarshal(raw[2:2+size], answer) == nil {
			list = append(list, answer)
		}
		raw = raw[2+size:]
	}
	return list
}

func pack(tb testing.TB, list ...*refv1.ServerReflectionResponse) (raw []byte) {
	tb.Helper()
	for _, answer := range list {
		encoded, err := proto.Marshal(answer)
		if err != nil {
			tb.Fatal(err)
		}
		raw = append(append(raw, byte(len(encoded)>>8), byte(len(encoded))), encoded...)
	}
	return raw
}

// FuzzReflect asks servers that answer anything. The questions end, and each
// service that is read has the tables of its file.
func FuzzReflect(f *testing.F) {
	services := &refv1.ServerReflectionResponse{MessageResponse: &refv1.ServerReflectionResponse_ListServicesResponse{
		ListServicesResponse: &refv1.ListServiceResponse{Service: []*refv1.ServiceResponse{{Name: "a.B"}, {Name: "codetable.v1"}, {Name: "\xff"[:0]}}},
	}}
	files := &refv1.FileDescriptorResponse{}
	for _, file := range []protoreflect.FileDescriptor{jverificationv1.File_jiguang_jverification_v1_response_code_proto} {
		raw, err := proto.Marshal(protodesc.ToFileDescriptorProto(file))
		if err != nil {
			f.Fatal(err)
		}
		files.FileDescriptorProto = append(files.FileDescriptorProto, raw[:min(len(raw), 4000)])
	}
	found := &refv1.ServerReflectionResponse{MessageResponse: &refv1.ServerReflectionResponse_FileDescriptorResponse{FileDescriptorResponse: files}}
	small := &refv1.ServerReflectionResponse{MessageResponse: &refv1.ServerReflectionResponse_FileDescriptorResponse{
		FileDescriptorResponse: &refv1.FileDescriptorResponse{FileDescriptorProto: [][]byte{[]byte("\n\x07a.proto\x12\x01a2\x03\n\x01B")}},
	}}
	missing := &refv1.ServerReflectionResponse{MessageResponse: &refv1.ServerReflectionResponse_ErrorResponse{ErrorResponse: &refv1.ErrorResponse{ErrorCode: 5}}}
	f.Add(pack(f, services, small, small))
	f.Add(pack(f, services, found, missing))
	f.Add(pack(f, services, missing))
	f.Add(pack(f, missing))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s := &server{answers: answers(raw)}
		read, err := readServer(t.Context(), s)
		if s.asked > maxQuestions {
			t.Errorf("the questions do not end")
		}
		if err != nil {
			return
		}
		set, err := newSet(read, nil)
		if err != nil {
			return
		}
		for _, enum := range set.Tables() {
			if _, err := read.FindFileByPath(enum.ParentFile().Path()); err != nil {
				t.Errorf("the table %s has no file: %v", enum.FullName(), err)
			}
		}
	})
}

// FuzzProto compiles a .proto file of a stranger, and reads a buf.yaml beside
// it. Whatever is in them, only files in the folder are read.
func FuzzProto(f *testing.F) {
	table, err := os.ReadFile("testdata/shop/proto/shop/v1/order_code.proto")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(table), "")
	f.Add("syntax = \"proto3\";\npackage a;\nimport \"codetable/v1/codetable.proto\";\nenum E { option (codetable.v1.table) = {domain: \"a.example\"}; E_A = 0; }\n", "version: v2\nmodules:\n  - path: .\n")
	f.Add("edition = \"2023\"; message M { message N {} }", "version: v1\nbuild: {excludes: [a]}")
	f.Add("import \"../../secret.proto\";", "version: v2\nmodules: [{path: ../..}]")
	f.Fuzz(func(t *testing.T, file, module string) {
		outside := t.TempDir()
		inside := filepath.Join(outside, "inside")
		write(t, filepath.Join(outside, "secret.proto"), "syntax = \"proto3\"; package secret; message Secret {}")
		write(t, filepath.Join(inside, "a.proto"), file)
		if module != "" {
			write(t, filepath.Join(inside, "buf.yaml"), module)
		}
		set, err := Proto(t.Context(), []string{inside})
		if err != nil {
			return
		}
		for _, own := range set.Own {
			if own.Package() == "secret" {
				t.Errorf("%s was read", own.Path())
			}
		}
		for _, enum := range set.Tables() {
			_ = set.Resolver.CheckDescriptor(enum)
		}
	})
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
