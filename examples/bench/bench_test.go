package bench_test

import (
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/bench/internal/peer"
	"github.com/codetable/grpc-codetable/examples/bench/internal/report"
)

// The benchmarks store results here, so that the compiler does not remove the
// calls.
var (
	sinkStatus *status.Status
	sinkBytes  []byte
	sinkNumber int32
	sinkOK     bool
)

// BenchmarkEncode measures what a server does from the code to the status.
// grpc-go then serializes the status of each peer in the same way.
func BenchmarkEncode(b *testing.B) {
	for _, w := range works() {
		if w.Encode == nil {
			continue
		}
		for _, failure := range w.failures {
			b.Run("error="+failure.kind+"/peer="+report.Slug(w.Name), func(b *testing.B) {
				measure(b, w.encode(b, failure.new))
				b.ReportMetric(float64(w.statusBytes(b, failure.new)), report.StatusBytes)
			})
		}
	}
}

func (w work) encode(tb testing.TB, failure func() error) func() {
	tb.Helper()
	ctx := tb.Context()
	return func() { sinkStatus = w.Encode(ctx, failure()) }
}

// statusBytes is the size of grpc-status-details-bin before its encoding as
// base64.
func (w work) statusBytes(tb testing.TB, failure func() error) int {
	tb.Helper()
	return len(encoded(tb, w.Encode(tb.Context(), failure())))
}

// BenchmarkDecode measures what a client does from the error of a call to the
// number.
func BenchmarkDecode(b *testing.B) {
	for _, w := range works() {
		if w.Name == report.Kept {
			continue // its client is that of the base
		}
		b.Run("peer="+report.Slug(w.Name), func(b *testing.B) { measure(b, w.decode(b)) })
	}
}

func (w work) decode(tb testing.TB) func() {
	tb.Helper()
	received := w.received(tb)
	if number, ok := w.Decode(received); !ok || number != int32(code) {
		tb.Fatalf("%s: the code is lost: %v", w.Name, received)
	}
	return func() { sinkNumber, sinkOK = w.Decode(received) }
}

// BenchmarkCall measures whole calls over the loopback interface, client and
// server together. A call that fails includes reading the number.
func BenchmarkCall(b *testing.B) {
	for _, w := range works() {
		name := "/peer=" + report.Slug(w.Name)
		if w.Name != report.Kept { // a success keeps nothing
			b.Run("ends="+success+name, func(b *testing.B) { w.benchmarkCall(b, succeed) })
		}
		for _, failure := range w.failures {
			b.Run("ends="+failure.kind+name, func(b *testing.B) {
				w.benchmarkCall(b, failure.new)
				b.ReportMetric(float64(w.wireBytes(b, failure.new)), report.WireBytes)
			})
		}
	}
}

func (w work) benchmarkCall(b *testing.B, failure func() error) {
	b.Helper()
	client := w.start(b, peer.Options{}, failure)
	want := int32(0)
	if failure() != nil {
		want = int32(code)
	}
	call := func() {
		if number, failed, ok := w.call(b.Context(), client); !ok || number != want || failed != (want != 0) {
			b.Fatalf("%s: got number %d, failed %v; want number %d", w.Name, number, failed, want)
		}
	}
	call() // connects
	used := processorTime(b)
	measure(b, call)
	b.ReportMetric(float64(processorTime(b)-used)/float64(b.N), report.ProcessorTime)
}

// processorTime returns the time that the processors gave to this process.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// measure calls f once before, so that the first use of a table is no part of
// the figures.
func measure(b *testing.B, f func()) {
	b.Helper()
	b.ReportAllocs()
	f()
	for b.Loop() {
		f()
	}
}
