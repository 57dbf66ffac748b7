package interceptor_test

import (
	"context"
	"testing"
	"unicode/utf8"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// FuzzHop sends any status through a server, which has to make it fit for the
// wire, and through a client that reads codes from replies.
func FuzzHop(f *testing.F) {
	for _, err := range []error{
		codetable.NewError(qpsLimit), codetable.NewError(notConsistent, codetable.WithDetail(replyWith(notConsistent))),
		codetable.NewError[responseCode](-1, codetable.WithMetadata("content", "验证")), hostileStatus(f), status.Error(codes.Aborted, "a\xff"),
	} {
		raw, marshalErr := proto.Marshal(status.Convert(err).Proto())
		if marshalErr != nil {
			raw = []byte("\x08\x0a\x12\x02a\xff")
		}
		f.Add(raw, 1024)
		f.Add(append(raw, raw...), 2048)
	}
	f.Fuzz(func(t *testing.T, raw []byte, budget int) {
		message := &spb.Status{}
		if proto.Unmarshal(raw, message) != nil {
			t.Skip()
		}
		received := status.FromProto(message)
		before, coded := codetable.CodeOf[responseCode](received.Err())
		_, sent := interceptor.UnaryServerInterceptor(interceptor.WithDetailBudget(budget))(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: "/s/m"},
			func(context.Context, any) (any, error) { return nil, received.Err() })
		if received.Code() == codes.OK {
			return
		}
		want := received.Code()
		if message.GetCode() < 0 {
			want = codes.Unknown // gRPC can't send a negative code
		}
		st, ok := status.FromError(sent)
		if !ok || st.Code() != want || !utf8.ValidString(st.Message()) {
			t.Fatalf("%v was sent as %v", received.Proto(), sent)
		}
		if size, limit := proto.Size(st.Proto()), max(budget, 1024); size > limit {
			t.Fatalf("%v was sent with %d bytes, over %d", received.Proto(), size, limit)
		}
		if after, ok := codetable.CodeOf[responseCode](sent); ok != coded || after != before {
			t.Fatalf("code %v, %v was sent as %v, %v", before, coded, after, ok)
		}
		reply := &jverificationv1.VerifyNumberResponse{}
		if err := invoke(t, st.Err(), reply, interceptor.WithInBandCodes()); err == nil && (!coded || reply.GetCode() != before) {
			t.Fatalf("%v filled in %v", received.Proto(), reply)
		}
	})
}
