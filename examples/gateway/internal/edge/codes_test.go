package edge_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// TestEveryCode calls every method with every code over every protocol. An
// answer is judged by the table, and has to be what native gRPC answers.
func TestEveryCode(t *testing.T) {
	t.Parallel()
	for _, public := range []bool{false, true} {
		s := simulate(t, public)
		native := map[string]*statuspb.Status{}
		everyCall(func(name string, m method, _ codetable.Spec, req proto.Message) {
			_, native[name] = callNative(t, s, newWire(t, false), m, req)
		})
		for _, p := range protocols {
			t.Run(fmt.Sprintf("%s, public %t", p.name, public), func(t *testing.T) {
				t.Parallel()
				w, masked := newWire(t, p.http2), 0
				everyCall(func(name string, m method, spec codetable.Spec, req proto.Message) {
					w.received.Reset()
					resp, st := p.call(t, s, w, m, req)
					if diff := cmp.Diff(native[name], st, protocmp.Transform(), volatile); diff != "" {
						t.Errorf("%s (-native +got):\n%s", name, diff)
					}
					switch {
					case spec.Number() == int32(m.success):
						checkSuccess(t, name, m.success, resp, st)
					case spec.GRPCCode() == codes.OK:
						if st.GetCode() == 0 {
							t.Errorf("%s: the success of another method is one", name)
						}
					case public && spec.Fault() == codetablev1.Fault_FAULT_OPERATOR:
						checkMasked(t, name, spec, st, w.received.String())
						masked++
					default:
						checkFailure(t, name, spec, st)
					}
				})
				if public != (masked > 0) {
					t.Errorf("%d masked", masked)
				}
			})
		}
	}
}

// everyCall visits each pair of a method and a code.
func everyCall(visit func(name string, m method, spec codetable.Spec, req proto.Message)) {
	for _, m := range methods {
		for code, spec := range codetable.All[jverificationv1.ResponseCode]() {
			visit(fmt.Sprintf("%s with %d", m.procedure, code), m, spec, m.request(fmt.Sprintf("code-%d", code)))
		}
	}
}

// volatile is what differs from one call to the next.
var volatile = cmp.Options{
	protocmp.IgnoreFields(&errdetails.RetryInfo{}, "retry_delay"), // the time left of a window
	protocmp.IgnoreFields(&errdetails.RequestInfo{}, "request_id"),
	cmp.FilterPath(func(p cmp.Path) bool {
		key, ok := p.Last().(cmp.MapIndex)
		return ok && key.Key().String() == "id" // the upstream's serial, in the metadata
	}, cmp.Ignore()),
}

func checkSuccess(t *testing.T, name string, code jverificationv1.ResponseCode, msg proto.Message, st *statuspb.Status) {
	t.Helper()
	resp, ok := msg.(response)
	if st.GetCode() != 0 || !ok {
		t.Errorf("%s failed: %v", name, st)
		return
	}
	field := resp.ProtoReflect().Descriptor().Fields().ByName("code")
	if resp.GetCode() != code || !resp.ProtoReflect().Has(field) {
		t.Errorf("%s has the code %d", name, resp.GetCode())
	}
	// A float64 on the way would round an odd number of this size. The
	// activation has none.
	numbered := code != jverificationv1.ResponseCode_RESPONSE_CODE_SIGN_ONCE_OPEN_SUCCESS
	if id := resp.GetId(); numbered && (id <= 1<<53 || id%2 == 0) {
		t.Errorf("%s has the serial %d", name, id)
	}
}

// find returns the details of one type.
func find[M proto.Message](st *statuspb.Status) []M {
	var found []M
	for _, detail := range status.FromProto(st).Details() {
		if m, ok := detail.(M); ok {
			found = append(found, m)
		}
	}
	return found
}

func checkFailure(t *testing.T, name string, spec codetable.Spec, st *statuspb.Status) {
	t.Helper()
	if got := codes.Code(st.GetCode()); got != spec.GRPCCode() {
		t.Errorf("%s: gRPC code %v, want %v", name, got, spec.GRPCCode())
	}
	infos := find[*errdetails.ErrorInfo](st)
	if len(infos) != 1 {
		t.Fatalf("%s: %d ErrorInfo in %v", name, len(infos), st)
	}
	info := infos[0]
	if info.GetReason() != spec.Reason() || info.GetDomain() != spec.Domain() ||
		info.GetMetadata()["code"] != strconv.Itoa(int(spec.Number())) {
		t.Errorf("%s: %v", name, info)
	}
	message, _ := spec.UserMessage(locale)
	if texts := find[*errdetails.LocalizedMessage](st); len(texts) != 1 || texts[0].GetLocale() != locale || texts[0].GetMessage() != message {
		t.Errorf("%s: user messages %v, want %q", name, texts, message)
	}
	retry, retries := spec.Retry(), find[*errdetails.RetryInfo](st)
	windowed := retry.Window != codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED
	switch {
	case windowed && (len(retries) != 1 || retries[0].GetRetryDelay().AsDuration() <= 0):
		t.Errorf("%s: no time left of a window: %v", name, retries)
	case !windowed && retry.Delay > 0 && (len(retries) != 1 || retries[0].GetRetryDelay().AsDuration() != retry.Delay):
		t.Errorf("%s: %v, want a delay of %v", name, retries, retry.Delay)
	}
	if kind, _ := spec.Detail(); !carries(st, kind) {
		t.Errorf("%s: no %v in %v", name, kind, st)
	}
}

var detailName = map[codetablev1.DetailType]string{
	codetablev1.DetailType_DETAIL_TYPE_BAD_REQUEST:          "BadRequest",
	codetablev1.DetailType_DETAIL_TYPE_PRECONDITION_FAILURE: "PreconditionFailure",
	codetablev1.DetailType_DETAIL_TYPE_QUOTA_FAILURE:        "QuotaFailure",
	codetablev1.DetailType_DETAIL_TYPE_RESOURCE_INFO:        "ResourceInfo",
}

// carries reports whether st has the detail that the table names.
func carries(st *statuspb.Status, kind codetablev1.DetailType) bool {
	want, named := detailName[kind]
	for _, detail := range st.GetDetails() {
		if string(detail.MessageName().Name()) == want {
			return true
		}
	}
	return !named
}

// checkMasked wants nothing of the code in what was received, as it came and
// decoded.
func checkMasked(t *testing.T, name string, spec codetable.Spec, st *statuspb.Status, received string) {
	t.Helper()
	if got := codes.Code(st.GetCode()); got != codes.Internal && got != codes.Unavailable {
		t.Errorf("%s: gRPC code %v", name, got)
	}
	ids := find[*errdetails.RequestInfo](st)
	if len(ids) != 1 || ids[0].GetRequestId() == "" {
		t.Errorf("%s: no correlation id in %v", name, st)
	}
	message, _ := spec.NeutralMessage(locale)
	texts := find[*errdetails.LocalizedMessage](st)
	if len(texts) != 1 || texts[0].GetLocale() != locale || texts[0].GetMessage() != message {
		t.Errorf("%s: user messages %v, want %q", name, texts, message)
	}
	// Beside the id a caller may know how long to wait. Both are numbers that
	// can look like a code, and neither is one.
	if waits := find[*errdetails.RetryInfo](st); len(ids)+len(texts)+len(waits) != len(st.GetDetails()) {
		t.Errorf("%s: other details in %v", name, st)
	}
	if strings.Contains(st.GetMessage(), strconv.Itoa(int(spec.Number()))) {
		t.Errorf("%s: the number is told in %q", name, st.GetMessage())
	}
	if !strings.Contains(received, st.GetMessage()) {
		t.Errorf("%s: %q does not hold the message, so that nothing was looked at", name, received)
	}
	decoded := prototext.Format(st)
	for _, secret := range []string{spec.Reason(), spec.Domain(), spec.Description(), spec.Notes(), phone} {
		if secret != "" && strings.Contains(strings.ToLower(received+decoded), strings.ToLower(secret)) {
			t.Errorf("%s: %q is told in %s\n%s", name, secret, received, decoded)
		}
	}
}
