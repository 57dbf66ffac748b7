package interceptor_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/structpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const mebibyte = 1 << 20

// oversized returns errors with the code QPS_LIMIT that exceed every header
// list.
func oversized(tb testing.TB) map[string]error {
	tb.Helper()
	var keys []codetable.ErrorOption
	for i := range 10_000 {
		keys = append(keys, codetable.WithMetadata(fmt.Sprintf("key%d", i), "value"))
	}
	of := func(opts ...codetable.ErrorOption) error {
		return codetable.NewError(qpsLimit, append(opts, codetable.WithMetadata("id", secretID))...)
	}
	tests := map[string]error{
		"1 MiB value":          of(codetable.WithMetadata("trace", strings.Repeat("x", mebibyte))),
		"1 MiB non-ASCII":      of(codetable.WithMetadata("trace", strings.Repeat("验证", mebibyte/6))),
		"1 MiB invalid UTF-8":  of(codetable.WithMetadata("trace", strings.Repeat("\xff\xfe验", mebibyte/5))),
		"10,000 keys":          of(keys...),
		"1 MiB message":        of(codetable.WithMessage(strings.Repeat("x", mebibyte))),
		"non-ASCII message":    of(codetable.WithMessage(strings.Repeat("验证", mebibyte/6))),
		"invalid message":      of(codetable.WithMessage(strings.Repeat("\xff ", mebibyte))),
		"1 MiB detail":         of(codetable.WithDetail(structpb.NewStringValue(strings.Repeat("x", mebibyte)))),
		"all of it":            of(append(keys, codetable.WithMessage(strings.Repeat("验\xff", mebibyte)), codetable.WithDetail(structpb.NewStringValue(strings.Repeat("x", mebibyte))))...),
		"many details":         of(manyDetails()...),
		"status from a server": hostileStatus(tb),
	}
	return tests
}

// manyDetails returns small details that exceed the budget together.
func manyDetails() []codetable.ErrorOption {
	var opts []codetable.ErrorOption
	for i := range 2000 {
		opts = append(opts, codetable.WithDetail(&anypb.Any{TypeUrl: fmt.Sprintf("type.googleapis.com/acme.v1.D%d", i), Value: []byte("x")}))
	}
	return opts
}

// hostileStatus is a status of a foreign server: a known code with parts whose
// size no table bounds.
func hostileStatus(tb testing.TB) error {
	tb.Helper()
	message := status.Convert(codetable.NewError(qpsLimit)).Proto()
	info := &errdetails.ErrorInfo{
		Reason: strings.Repeat("R", mebibyte), Domain: "jverification.jiguang.cn",
		Metadata: map[string]string{"code": strings.Repeat("0", mebibyte) + "1804", "id": secretID, strings.Repeat("k", mebibyte): "v"},
	}
	info.ProtoReflect().SetUnknown([]byte("\x92\x03\x80\x80\x04" + strings.Repeat("u", 1<<16)))
	raw, err := anypb.New(info)
	if err != nil {
		tb.Fatal(err)
	}
	message.Details[0] = raw
	message.Message = strings.Repeat("信", mebibyte/3)
	return status.FromProto(message).Err()
}

// testOversized makes all calls over one connection, on which another call is
// active the whole time.
func testOversized(t *testing.T) {
	t.Helper()
	release := make(chan struct{})
	tests := oversized(t)
	srv := &named{errs: tests, release: release}
	client := dial(t, serve(t, srv))
	flight, err := client.FullDuplexCall(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := flight.Send(&pb.StreamingOutputCallRequest{}); err != nil {
		t.Fatal(err)
	}
	for name := range tests {
		_, err := client.UnaryCall(t.Context(), &pb.SimpleRequest{Payload: &pb.Payload{Body: []byte(name)}})
		checkShrunk(t, name, err)
	}
	close(release)
	if _, err := flight.Recv(); err != nil {
		t.Errorf("the call in flight ended with %v", err)
	}
}

// named answers a unary call with the error that the request names. It answers
// a stream after release is closed.
type named struct {
	pb.UnimplementedTestServiceServer
	errs    map[string]error
	release chan struct{}
}

func (s *named) UnaryCall(_ context.Context, req *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	return nil, s.errs[string(req.GetPayload().GetBody())]
}

func (s *named) FullDuplexCall(stream grpc.BidiStreamingServer[pb.StreamingOutputCallRequest, pb.StreamingOutputCallResponse]) error {
	<-s.release
	return stream.Send(&pb.StreamingOutputCallResponse{})
}

func checkShrunk(t *testing.T, name string, err error) {
	t.Helper()
	e, ok := codetable.FromError(err)
	if !ok {
		t.Errorf("%s: got %.300v, want a code", name, err)
		return
	}
	metadata := e.Metadata()
	few := len(metadata) < 100 // the largest of many entries are dropped first
	if e.Number() != int32(qpsLimit) || metadata["code"] != "1804" || few && metadata["id"] != secretID || !strings.HasPrefix(e.Reason(), "QPS_LIMIT") {
		t.Errorf("%s: got %d %s with %d entries, id %q", name, e.Number(), e.Reason(), len(metadata), metadata["id"])
	}
	if e.Retry().Delay != time.Second {
		t.Errorf("%s: retry advice %v", name, e.Retry())
	}
	message := e.GRPCStatus().Proto()
	if size := proto.Size(message); size > 4096 {
		t.Errorf("%s: %d bytes of status", name, size)
	}
	for key, value := range metadata {
		if !utf8.ValidString(value) {
			t.Errorf("%s: metadata %q holds invalid UTF-8", name, key)
		}
	}
}

// This test shows the loss that the budget prevents.
func TestWithoutTheBudgetTheDetailsAreLost(t *testing.T) {
	t.Parallel()
	err := codetable.NewError(qpsLimit, codetable.WithMetadata("trace", strings.Repeat("x", 7<<10)))
	client := dialWith(t, serve(t, answering(err), interceptor.WithDetailBudget(mebibyte)), grpc.WithMaxHeaderListSize(8<<10))
	if got := kinds["unary"](t.Context(), client); codetable.Is(got, qpsLimit) {
		t.Errorf("got %v, want the loss that the budget prevents", got)
	}
}

// shedOf makes one call and returns the received status and the names of the
// removed parts.
func shedOf(t *testing.T, err error, opts ...interceptor.ServerOption) (*status.Status, []string) {
	t.Helper()
	events := make(chan interceptor.Event, 1)
	got, _ := plain(t, kinds["unary"], answering(err), append(opts, interceptor.WithObserver(func(_ context.Context, e interceptor.Event) { events <- e }))...)
	return got, (<-events).Shed
}

func TestDetailsAreShedInOrder(t *testing.T) {
	t.Parallel()
	pad := strings.Repeat("p", 400)
	details := []codetable.ErrorOption{
		codetable.WithDetail(structpb.NewStringValue(pad)),
		codetable.WithDetail(&errdetails.Help{Links: []*errdetails.Help_Link{{Description: pad}}}),
		codetable.WithDetail(&errdetails.LocalizedMessage{Locale: "en", Message: pad}),
		codetable.WithDetail(&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: pad}}}),
		codetable.WithDetail(&errdetails.RequestInfo{RequestId: pad}),
		codetable.WithMessage(strings.Repeat("w", 200)), codetable.WithMetadata("long", strings.Repeat("m", 2000)), codetable.WithMetadata("id", "1"),
		codetable.WithMetadata("zeta", strings.Repeat("z", 200)), codetable.WithMetadata("content", strings.Repeat("c", 200)),
	}
	err := codetable.NewError(qpsLimit, details...)
	order := []string{
		"google.protobuf.Value", "google.rpc.Help", "google.rpc.LocalizedMessage",
		"google.rpc.BadRequest", "google.rpc.QuotaFailure", "google.rpc.RequestInfo", "metadata",
	}
	var before []string
	for budget := 4096; budget >= 1024; budget -= 16 {
		got, shed := shedOf(t, err, interceptor.WithDetailBudget(budget))
		if proto.Size(got.Proto()) > budget {
			t.Errorf("budget %d: sent %d bytes", budget, proto.Size(got.Proto()))
		}
		sorted := slices.SortedFunc(slices.Values(shed), func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
		if !slices.Equal(shed, sorted) || len(shed) < len(before)-1 {
			t.Errorf("budget %d: shed %q after %q, want the order %q", budget, shed, before, order)
		}
		e, ok := codetable.FromError(got.Err())
		if !ok || e.Retry().Delay != time.Second || e.Metadata()["id"] != "1" {
			t.Fatalf("budget %d: got %v", budget, got.Proto())
		}
		before = shed
	}
	if len(before) != len(order) {
		t.Errorf("the smallest budget shed %q", before)
	}
}

func TestBudgetKeepsSmallStatuses(t *testing.T) {
	t.Parallel()
	long, err := status.New(codes.Aborted, strings.Repeat("a", 1500)).WithDetails(&errdetails.RequestInfo{RequestId: "r"})
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range []*status.Status{long, status.Convert(codetable.NewError(qpsLimit))} {
		got, shed := shedOf(t, st.Err())
		if !proto.Equal(got.Proto(), st.Proto()) || shed != nil {
			t.Errorf("sent %v and shed %q, want it unchanged", got.Proto(), shed)
		}
	}
	// Values that fit are not cut. A longer value is cut at a rune boundary.
	err = codetable.NewError(qpsLimit, codetable.WithMetadata("short", "验证"), codetable.WithMetadata("long", strings.Repeat("验", 2000)))
	got, shed := shedOf(t, err)
	e, _ := codetable.FromError(got.Err())
	if m := e.Metadata(); m["short"] != "验证" || len(m["long"]) != 1023 || !utf8.ValidString(m["long"]) || !slices.Equal(shed, []string{"metadata"}) {
		t.Errorf("metadata %v, shed %q", m, shed)
	}
}

// A status without a code can be too large as well.
func TestBudgetAppliesToStatusesWithoutACode(t *testing.T) {
	t.Parallel()
	st, err := status.New(codes.Aborted, strings.Repeat("信", 2000)).WithDetails(
		&errdetails.DebugInfo{Detail: strings.Repeat("d", mebibyte)}, &errdetails.RequestInfo{RequestId: "r"})
	if err != nil {
		t.Fatal(err)
	}
	got, shed := shedOf(t, st.Err())
	if got.Code() != codes.Aborted || requestID(got) != "r" || !slices.Equal(shed, []string{"message", "google.rpc.DebugInfo"}) {
		t.Errorf("sent %v, shed %q", got.Proto(), shed)
	}
}

// The ErrorInfo of the code is kept, wherever it is.
func TestErrorInfoOfTheCodeIsKept(t *testing.T) {
	t.Parallel()
	other := &errdetails.ErrorInfo{Reason: "OTHER", Domain: "example.com", Metadata: map[string]string{"pad": strings.Repeat("p", 6000)}}
	message := status.Convert(codetable.NewError(qpsLimit, codetable.WithMetadata("trace", strings.Repeat("x", 6000)))).Proto()
	raw, err := anypb.New(other)
	if err != nil {
		t.Fatal(err)
	}
	message.Details = slices.Insert(message.Details, 0, raw)
	got, shed := shedOf(t, status.FromProto(message).Err())
	if !codetable.Is(got.Err(), qpsLimit) || proto.Size(got.Proto()) > 4096 || !slices.Equal(shed, []string{"google.rpc.ErrorInfo", "metadata"}) {
		t.Errorf("sent %v, shed %q", got.Proto(), shed)
	}
	// Without a code the first ErrorInfo is kept.
	message.Details = message.Details[:1]
	got, shed = shedOf(t, status.FromProto(message).Err())
	if info, ok := got.Details()[0].(*errdetails.ErrorInfo); !ok || info.GetReason() != "OTHER" || !slices.Equal(shed, []string{"metadata"}) {
		t.Errorf("sent %v, shed %q", got.Proto(), shed)
	}
}

// The budget applies to a status without details too.
func TestBudgetAppliesWithoutDetails(t *testing.T) {
	t.Parallel()
	for _, text := range []string{strings.Repeat("a", 6400), strings.Repeat("信", 2200), strings.Repeat("%", mebibyte)} {
		for _, budget := range []int{1024, 4096} {
			event := interceptor.NewTranslator(interceptor.WithDetailBudget(budget)).Translate(t.Context(), status.Error(codes.Aborted, text))
			if size := proto.Size(event.Status.Proto()); size > budget || event.Status.Message() == "" || !slices.Equal(event.Shed, []string{"message"}) {
				t.Errorf("%d bytes of text, budget %d: sent %d bytes, shed %q", len(text), budget, size, event.Shed)
			}
		}
	}
}

// A domain is never cut, because a cut domain is another domain.
func TestCodeSurvivesTheLongestDomain(t *testing.T) {
	t.Parallel()
	longest := strings.Repeat("d.", 125) + "com" // 253 characters, the longest that Check accepts
	explicit, _ := inBandMessages(t, longest, codetablev1.GrpcCode_GRPC_CODE_OK)
	spec, _ := codetable.LookupDescriptor(explicit.Fields().ByName("code").Enum(), 7)
	if err := codetable.CheckDescriptor(explicit.Fields().ByName("code").Enum()); err != nil && strings.Contains(err.Error(), "want a lower-case DNS name") {
		t.Fatal(err)
	}
	err := spec.NewError(codetable.WithMetadata("trace", strings.Repeat("x", mebibyte)), codetable.WithMessage(strings.Repeat("m", 2000)), codetable.WithDetail(structpb.NewStringValue(strings.Repeat("x", 5000))))
	each(t, func(t *testing.T, call rpc) {
		for _, budget := range []int{1024, 4096} {
			got := call(t.Context(), dial(t, serve(t, answering(err), interceptor.WithDetailBudget(budget))))
			if e, ok := codetable.FromError(got); !ok || e.Domain() != longest || e.Number() != 7 || proto.Size(e.GRPCStatus().Proto()) > budget {
				t.Errorf("budget %d: got %.300v", budget, got)
			}
		}
	})
}
