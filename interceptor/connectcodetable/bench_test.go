package connectcodetable_test

import (
	"context"
	"testing"

	"connectrpc.com/connect"

	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/connectcodetable"
)

// A successful call costs no allocation, and a client stream costs one for its
// wrapper.
func TestSuccessDoesNotAllocate(t *testing.T) { //nolint:paralleltest // testing.AllocsPerRun can't run in parallel
	i := connectcodetable.NewInterceptor()
	req, resp := connect.NewRequest(&input{}), connect.NewResponse(&output{})
	unary := i.WrapUnary(func(context.Context, connect.AnyRequest) (connect.AnyResponse, error) { return resp, nil })
	handler := i.WrapStreamingHandler(func(context.Context, connect.StreamingHandlerConn) error { return nil })
	client := i.WrapStreamingClient(func(context.Context, connect.Spec) connect.StreamingClientConn { return nil })
	stream := i.WrapStreamingClient(func(context.Context, connect.Spec) connect.StreamingClientConn { return conn{} })(t.Context(), connect.Spec{})
	retry := connectcodetable.NewRetryInterceptor(3).WrapUnary(func(context.Context, connect.AnyRequest) (connect.AnyResponse, error) { return resp, nil })
	for name, test := range map[string]struct {
		call func()
		want float64
	}{
		"unary":         {func() { _, _ = unary(t.Context(), req) }, 0},
		"retry":         {func() { _, _ = retry(t.Context(), req) }, 0},
		"handler":       {func() { _ = handler(t.Context(), nil) }, 0},
		"client stream": {func() { _ = client(t.Context(), connect.Spec{}) }, 1},
		"messages":      {func() { _, _ = stream.Send(req), stream.Receive(resp) }, 0},
	} {
		if got := testing.AllocsPerRun(100, test.call); got != test.want {
			t.Errorf("%s: %v allocations, want %v", name, got, test.want)
		}
	}
}

// BenchmarkUnary makes whole calls over Connect, with and without the
// interceptors on both sides.
func BenchmarkUnary(b *testing.B) {
	qps := codetable.NewError(qpsLimit)
	for name, bench := range map[string]struct {
		err  error
		with bool
	}{
		"success/none": {}, "success/codetable": {with: true},
		"failure/none": {err: connectcodetable.FromStatus(status.Convert(qps))}, "failure/codetable": {err: qps, with: true},
	} {
		b.Run(name, func(b *testing.B) {
			var handler []connect.HandlerOption
			var client []connect.ClientOption
			if bench.with {
				handler = append(handler, connect.WithInterceptors(connectcodetable.NewInterceptor()))
				client = append(client, decoding())
			}
			url, transport := serve(b, answering(bench.err).handler(handler...)), httpClient(b)
			b.ReportAllocs()
			for b.Loop() {
				if err := kinds["unary"](b.Context(), transport, url, client...); (err != nil) != (bench.err != nil) {
					b.Fatal(err)
				}
			}
		})
	}
}
