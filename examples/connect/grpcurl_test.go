package connect_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/fullstorydev/grpcurl"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// grpcurl shows the status with its details, and the trailer.
func TestGrpcurl(t *testing.T) {
	t.Parallel()
	conn, err := grpc.NewClient(strings.TrimPrefix(serve(t).URL, "http://"), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	source, err := grpcurl.DescriptorSourceFromProtoSets(descriptorSet(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, number := range numbers() {
		event := sent(t, number)
		if event.Status == nil {
			continue
		}
		for _, method := range []string{"UnaryCall", "StreamingOutputCall", "StreamingInputCall", "FullDuplexCall"} {
			parser, formatter, err := grpcurl.RequestParserAndFormatter(grpcurl.FormatJSON, source, strings.NewReader("{}"), grpcurl.FormatOptions{})
			if err != nil {
				t.Fatal(err)
			}
			var out, want bytes.Buffer
			handler := &grpcurl.DefaultEventHandler{Out: &out, Formatter: formatter, VerbosityLevel: 1}
			headers := []string{"x-code: " + number, "accept-language: zh-CN"}
			if err := grpcurl.InvokeRPC(t.Context(), source, conn, service[1:]+method, headers, handler, parser.Next); err != nil {
				t.Errorf("%s: %s: %v", number, method, err)
				continue
			}
			trailer := "grpc-retry-pushback-ms: " + event.Trailer.Get("grpc-retry-pushback-ms")[0]
			if !strings.Contains(out.String(), trailer) {
				t.Errorf("%s: %s: no trailer %q in\n%s", number, method, trailer, &out)
			}
			out.Reset()
			grpcurl.PrintStatus(&out, handler.Status, formatter)
			grpcurl.PrintStatus(&want, event.Status, formatter)
			if out.String() != want.String() || !strings.Contains(strings.ReplaceAll(out.String(), " ", ""), `"code":"`+number+`"`) {
				t.Errorf("%s: %s: the output is\n%swant\n%s", number, method, &out, &want)
			}
		}
	}
}
