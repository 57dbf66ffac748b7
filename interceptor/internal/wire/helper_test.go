package wire_test

import (
	"strings"
	"sync"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/internal/enumtest"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

const domain = "jverification.jiguang.cn"

// jiguang is the table of response codes that the tests link.
func jiguang() *table.Table { return table.For(jverificationv1.ResponseCode(0).Descriptor()) }

// longDomain is the longest domain that Check accepts: 253 bytes.
var longDomain = strings.Repeat("a.", 125) + "com"

var linkOnce sync.Once

// linkLongDomain links a table whose domain needs a quarter of the minimum budget.
func linkLongDomain(tb testing.TB) *table.Table {
	tb.Helper()
	linkOnce.Do(func() {
		enumtest.Link(tb, enumtest.File{
			Package: "codetable.wiretest", Table: &codetablev1.Table{Domain: longDomain},
			Values: []enumtest.Value{{Name: "TEST_CODE_" + strings.Repeat("R", 63), Number: -2147483648, Code: &codetablev1.Code{
				GrpcCode: new(codetablev1.GrpcCode_GRPC_CODE_ABORTED),
			}}},
		}.Build(tb))
	})
	return table.Linked.ByDomain([]byte(longDomain))
}

// failure returns a status as a peer can send it.
func failure(tb testing.TB, details ...proto.Message) *spb.Status {
	tb.Helper()
	message := &spb.Status{Code: int32(codes.FailedPrecondition), Message: "as received"}
	for _, detail := range details {
		message.Details = append(message.Details, packed(tb, detail))
	}
	return message
}

func packed(tb testing.TB, detail proto.Message) *anypb.Any {
	tb.Helper()
	if raw, ok := detail.(*anypb.Any); ok {
		return raw
	}
	raw, err := anypb.New(detail)
	if err != nil {
		tb.Fatalf("pack %T: %v", detail, err)
	}
	return raw
}

func info(domain, reason string, metadata map[string]string) *errdetails.ErrorInfo {
	return &errdetails.ErrorInfo{Reason: reason, Domain: domain, Metadata: metadata}
}

func withCode(number string) map[string]string { return map[string]string{"code": number} }

func marshal(tb testing.TB, m proto.Message) []byte {
	tb.Helper()
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		tb.Fatalf("marshal %T: %v", m, err)
	}
	return raw
}
