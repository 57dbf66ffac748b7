package bench_test

import (
	"runtime"
	"strconv"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/codetable/grpc-codetable/examples/bench/internal/report"
	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// BenchmarkGrowth measures tables of many sizes. The tables of a process stay
// linked, so make bench-peers gives each size a process of its own, and start
// is measured once in it.
//
// With by=linked the tables are linked like those of generated packages. With
// by=Resolver they arrive as a serialized FileDescriptorSet.
func BenchmarkGrowth(b *testing.B) {
	for _, size := range report.Sizes {
		s := tables{size}
		b.Run(s.String(), func(b *testing.B) {
			files, number := s.files(b), s.number()
			received := s.received(b, number)
			b.Run("by=linked", func(b *testing.B) { s.linked(b, files, number, received) })
			b.Run("by=Resolver", func(b *testing.B) { s.resolved(b, files, received) })
		})
	}
}

// received is a status with a code of the last table, as a client gets it.
func (s tables) received(b *testing.B, number int) error {
	b.Helper()
	st, err := status.New(codes.Unavailable, "as received").WithDetails(&errdetails.ErrorInfo{
		Reason: strconv.Itoa(number), Domain: s.domain(s.Tables - 1),
		Metadata: map[string]string{"code": strconv.Itoa(number), "id": "117270465679982592"},
	})
	if err != nil {
		b.Fatal(err)
	}
	return st.Err()
}

func (s tables) linked(b *testing.B, files [][]byte, number int, received error) {
	b.Helper()
	if _, err := protoregistry.GlobalFiles.FindFileByPath(s.domain(0) + ".proto"); err == nil {
		b.Skip("the tables of this size are linked already: run the benchmark with -count=1")
	}
	for _, raw := range files {
		growthEnum = link(raw)
	}
	code := growthCode(number)
	start(b, func() bool {
		_, encoded := codetable.FromError(codetable.NewError(code))
		_, decoded := codetable.FromError(received)
		return encoded && decoded
	})
	encode := func() {
		failure := codetable.NewError(code, codetable.WithMetadata("id", "117270465679982592"))
		sinkBytes, _ = proto.Marshal(status.Convert(failure).Proto())
	}
	b.Run("what=encode", func(b *testing.B) { measure(b, encode) })
	b.Run("what=decode", func(b *testing.B) { measure(b, func() { _, sinkOK = codetable.FromError(received) }) })
}

func (s tables) resolved(b *testing.B, files [][]byte, received error) {
	b.Helper()
	set := descriptorSet(b, files)
	var resolver *codetable.Resolver
	start(b, func() (ok bool) {
		resolver, ok = newResolver(set)
		return ok
	})
	if _, ok := resolver.FromError(received); !ok {
		b.Fatal("the Resolver lacks the code")
	}
	b.Run("what=decode", func(b *testing.B) { measure(b, func() { _, sinkOK = resolver.FromError(received) }) })
}

// descriptorSet returns a serialized FileDescriptorSet of the files and of what
// they import.
func descriptorSet(b *testing.B, files [][]byte) []byte {
	b.Helper()
	set := &descriptorpb.FileDescriptorSet{}
	imported := codetablev1.File_codetable_v1_codetable_proto
	for i := range imported.Imports().Len() {
		set.File = append(set.File, protodesc.ToFileDescriptorProto(imported.Imports().Get(i)))
	}
	set.File = append(set.File, protodesc.ToFileDescriptorProto(imported))
	for _, raw := range files {
		file := &descriptorpb.FileDescriptorProto{}
		if err := proto.Unmarshal(raw, file); err != nil {
			b.Fatal(err)
		}
		set.File = append(set.File, file)
	}
	raw, err := proto.Marshal(set)
	if err != nil {
		b.Fatal(err)
	}
	return raw
}

func newResolver(raw []byte) (*codetable.Resolver, bool) {
	set := &descriptorpb.FileDescriptorSet{}
	if err := proto.Unmarshal(raw, set); err != nil {
		return nil, false
	}
	files, err := protodesc.NewFiles(set)
	if err != nil {
		return nil, false
	}
	resolver, err := codetable.NewResolver(files)
	return resolver, err == nil
}

// start measures the first use: its time and the memory that stays in use. It
// happens once, so it is no loop.
func start(b *testing.B, first func() bool) {
	b.Helper()
	before := heap()
	begin := time.Now()
	ok := first()
	took := time.Since(begin)
	grown := heap() - before
	if !ok {
		b.Fatal("the code is lost")
	}
	b.Run("what=start", func(b *testing.B) {
		b.ReportMetric(float64(took.Nanoseconds()), "ns/op")
		b.ReportMetric(float64(grown), "heap-B")
	})
}

// heap returns the bytes in use after a garbage collection. The second one
// frees what the finalizers of the first one released.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
