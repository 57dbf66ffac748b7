package codetable_test

import (
	"strconv"
	"testing"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// The names of the benchmarks suit benchstat: -col /by compares a row with its
// baseline. The module examples/bench compares other libraries, and measures how
// the cost grows with a table.

// The benchmarks store results here, so that the compiler does not remove the
// calls.
var (
	sinkStatus *status.Status
	sinkOK     bool
)

// BenchmarkNewError makes the status of an error as a server does for a call.
// With error=kept the error is made once before, like an error in a package
// variable.
func BenchmarkNewError(b *testing.B) {
	const code = authFailed
	spec, _ := codetable.Lookup(code)
	withDetails := func(metadata map[string]string) {
		sinkStatus, _ = status.New(spec.GRPCCode(), spec.Notes()).WithDetails(info(spec.Domain(), spec.Reason(), metadata))
	}
	const id = "117270465679982592"
	number, static := strconv.Itoa(int(code)), codetable.NewError(code)
	run(b, "error=kept/by=codetable", func() { sinkStatus = status.Convert(static) })
	run(b, "error=static/by=codetable", func() { sinkStatus = status.Convert(codetable.NewError(code)) })
	run(b, "error=static/by=WithDetails", func() { withDetails(withCode(number)) })
	run(b, "error=metadata/by=codetable", func() {
		sinkStatus = status.Convert(codetable.NewError(code, codetable.WithMetadata("id", id)))
	})
	run(b, "error=metadata/by=WithDetails", func() { withDetails(map[string]string{"code": number, "id": id}) })
}

// BenchmarkDecode reads a code as a client does. The baseline is the copy of
// the status that every reader of a status needs.
func BenchmarkDecode(b *testing.B) {
	const code = authFailed
	received := wire(b, codetable.NewError(code, codetable.WithMetadata("id", "117270465679982592")))
	st := status.Convert(received)
	decoded, ok := codetable.FromError(received)
	if !ok {
		b.Fatal("the code is lost")
	}
	spec, _ := codetable.Lookup(code)
	files := new(protoregistry.Files)
	if err := files.RegisterFile(code.Descriptor().ParentFile()); err != nil {
		b.Fatal(err)
	}
	resolver := newResolver(b, files)
	if _, listed := resolver.Lookup(spec.Domain(), int32(code)); !listed {
		b.Fatal("the Resolver lacks the code")
	}
	run(b, "from=status/by=FromError", func() { _, sinkOK = codetable.FromError(received) })
	run(b, "from=status/by=Resolver", func() { _, sinkOK = resolver.FromError(received) })
	run(b, "from=status/by=CodeOf", func() { _, sinkOK = codetable.CodeOf[responseCode](received) })
	run(b, "from=status/by=clone", func() { sinkOK = st.Proto() != nil })
	run(b, "from=error/by=CodeOf", func() { _, sinkOK = codetable.CodeOf[responseCode](error(decoded)) })
	run(b, "from=error/by=FromError", func() { _, sinkOK = codetable.FromError(error(decoded)) })
}

func run(b *testing.B, name string, f func()) {
	b.Helper()
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f()
		}
	})
}
