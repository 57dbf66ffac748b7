package codetable_test

import (
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/durationpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// The names of the benchmarks suit benchstat: -col /by compares a row with its
// baseline, and -row .name,/error compares the tables.

// bigSize is the number of codes of the large table, which shows how the cost
// grows.
const bigSize = 50_000

// bigCode is an enum of bigSize codes, built at run time.
type bigCode int32

func (bigCode) Descriptor() protoreflect.EnumDescriptor { return bigEnum }

func (bigCode) Type() protoreflect.EnumType { return dynamicpb.NewEnumType(bigEnum) }

func (c bigCode) Number() protoreflect.EnumNumber { return protoreflect.EnumNumber(c) }

var (
	bigEnum protoreflect.EnumDescriptor
	bigOnce sync.Once
)

// registerBig links the large table as a generated package does, so that
// FromError finds it.
func registerBig(b *testing.B) {
	b.Helper()
	bigOnce.Do(func() {
		table := testTable()
		table.Domain = "big.example.com"
		code := &codetablev1.Code{
			GrpcCode:    new(codetablev1.GrpcCode_GRPC_CODE_UNAUTHENTICATED),
			Description: "auth failed",
			Notes:       "Authentication failed",
			Fault:       codetablev1.Fault_FAULT_OPERATOR,
			Retry:       never(),
		}
		values := make([]*descriptorpb.EnumValueDescriptorProto, bigSize)
		for i := range values {
			values[i] = value("TEST_CODE_NUMBER_"+strconv.Itoa(i), int32(i), code)
		}
		bigEnum = newFile(b, "codetable.big", &descriptorpb.EnumDescriptorProto{Name: new("TestCode"), Options: tableOptions(table), Value: values})
		if err := protoregistry.GlobalTypes.RegisterEnum(dynamicpb.NewEnumType(bigEnum)); err != nil {
			b.Fatal(err)
		}
	})
}

// The benchmarks store results here, so that the compiler does not remove the
// calls.
var (
	sinkStatus *status.Status
	sinkOK     bool
)

func BenchmarkNewError(b *testing.B) {
	b.Run("table=49", func(b *testing.B) { benchmarkNewError(b, authFailed) })
	b.Run(fmt.Sprintf("table=%d", bigSize), func(b *testing.B) {
		registerBig(b)
		benchmarkNewError(b, bigCode(bigSize/2))
	})
}

// benchmarkNewError makes the status of an error as a server does for a call.
// With error=kept the error is made once before, like an error in a package
// variable.
func benchmarkNewError[E codetable.Enum](b *testing.B, code E) {
	b.Helper()
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

// BenchmarkNewErrorWithThreeDetails uses a code whose status has three details:
// ErrorInfo with two metadata entries, RetryInfo, and the detail of the table.
func BenchmarkNewErrorWithThreeDetails(b *testing.B) {
	const id, trace = "117270465679982592", "4bf92f3577b34da6"
	spec, _ := codetable.Lookup(qpsLimit)
	run(b, "table=49/error=details/by=codetable", func() {
		sinkStatus = status.Convert(codetable.NewError(qpsLimit, codetable.WithMetadata("id", id), codetable.WithMetadata("trace", trace)))
	})
	run(b, "table=49/error=details/by=WithDetails", func() {
		sinkStatus, _ = status.New(spec.GRPCCode(), spec.Notes()).WithDetails(
			info(domain, spec.Reason(), map[string]string{"code": "1804", "id": id, "trace": trace}),
			&errdetails.RetryInfo{RetryDelay: durationpb.New(time.Second)},
			&errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{{Subject: "app_key", Description: spec.Notes()}}})
	})
}

func BenchmarkDecode(b *testing.B) {
	b.Run("table=49", func(b *testing.B) { benchmarkDecode(b, authFailed) })
	b.Run(fmt.Sprintf("table=%d", bigSize), func(b *testing.B) {
		registerBig(b)
		benchmarkDecode(b, bigCode(bigSize/2))
	})
}

// benchmarkDecode reads a code as a client does. The baseline is the copy of
// the status that every reader of a status needs.
func benchmarkDecode[E codetable.Enum](b *testing.B, code E) {
	b.Helper()
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
	run(b, "from=status/by=CodeOf", func() { _, sinkOK = codetable.CodeOf[E](received) })
	run(b, "from=status/by=clone", func() { sinkOK = st.Proto() != nil })
	run(b, "from=error/by=CodeOf", func() { _, sinkOK = codetable.CodeOf[E](error(decoded)) })
	run(b, "from=error/by=FromError", func() { _, sinkOK = codetable.FromError(error(decoded)) })
}

// BenchmarkResolve measures the resolution of a table, which happens once in a
// process. Each iteration resolves the table under another identity.
func BenchmarkResolve(b *testing.B) {
	registerBig(b)
	run(b, fmt.Sprintf("table=%d", bigSize), func() {
		spec, _ := codetable.LookupDescriptor(&alias{bigEnum}, bigSize/2)
		sinkOK = spec.GRPCCode() == codes.Unauthenticated
	})
}

type alias struct{ protoreflect.EnumDescriptor }

func run(b *testing.B, name string, f func()) {
	b.Helper()
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f()
		}
	})
}
