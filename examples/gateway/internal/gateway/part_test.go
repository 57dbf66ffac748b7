package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// TestItemsFailAsCallsDo wants the same class of failure for an item as for a
// call of its own, whatever the upstream does.
func TestItemsFailAsCallsDo(t *testing.T) {
	t.Parallel()
	failing := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
	}
	upstreams := map[string]http.HandlerFunc{
		"reset":                   func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"malformed":               saying(`{"code":90`),
		"success of another call": saying(`{"code":8000}`),
		"redirected":              failing(http.StatusFound),
	}
	for _, code := range []int{401, 404, 429, 502} {
		upstreams[fmt.Sprint("HTTP ", code)] = failing(code)
	}
	for _, code := range []int{9001, 9007, 9018, 77} {
		upstreams[fmt.Sprint("code ", code)] = saying(fmt.Sprintf(`{"code":%d}`, code))
	}
	for name, answer := range upstreams {
		for _, public := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, public %t", name, public), func(t *testing.T) {
				t.Parallel()
				config := configFor(newStub(t, answer).URL, io.Discard)
				config.PublicBoundary = public
				client := dial(t, config)
				err := verify(t.Context(), client)
				got := ask(t, client, []*jverificationv1.VerifyNumberRequest{{Phone: phone, Token: token}})
				if len(got) != 1 || err == nil {
					t.Fatalf("answers %v, error %v", got, err)
				}
				if diff := cmp.Diff(itemOf(err), got[0], protocmp.Transform()); diff != "" {
					t.Errorf("the call failed with %v, the item (-want +got):\n%s", err, diff)
				}
			})
		}
	}
}

// itemOf is the item that fails as a call.
func itemOf(err error) *jverificationv1.VerifyNumbersResponse {
	if code, ok := codetable.CodeOf[jverificationv1.ResponseCode](err); ok {
		return answer{code: code.Enum()}.message()
	}
	item := answer{grpc: codetablev1.GrpcCode(status.Code(err)).Enum()}.message()
	if code, ok := codetable.CodeOf[jverificationv1.GatewayCode](err); ok {
		item.GatewayCode = code.Enum()
	}
	return item
}

// TestMaskInTheCallersLanguage wants all that a caller may know of a fault of
// the operator.
func TestMaskInTheCallersLanguage(t *testing.T) {
	t.Parallel()
	config := configFor(newStub(t, saying(`{"code":9007}`)).URL, io.Discard)
	config.PublicBoundary = true
	client := dial(t, config)
	spec, _ := codetable.Lookup(jverificationv1.ResponseCode_RESPONSE_CODE_BEYOND_DAILY_FREQUENCY_LIMIT)
	for _, locale := range []string{"en", "zh-CN", "tlh"} {
		err := verify(metadata.AppendToOutgoingContext(t.Context(), "accept-language", locale), client)
		mask, ok := codetable.Masked(err)
		sentence, _ := spec.NeutralMessage(locale)
		if !ok || mask.UserMessage() != sentence || mask.RequestID() == "" || mask.RequestID() != codetable.RequestID(err) {
			t.Errorf("%s: mask %+v of %v, want %q", locale, mask, err, sentence)
		}
		if got := mask.Retry(); got.Action != codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW || got.Delay%1e9 != 0 {
			t.Errorf("%s: retry %v", locale, got)
		}
	}
}

// TestContentStaysHere wants the serial and the caller's mark on the wire, and
// not the upstream's text.
func TestContentStaysHere(t *testing.T) {
	t.Parallel()
	config := configFor(newStub(t, saying(`{"id":117270465679982593,"exID":"mark","code":9001,"content":"not that of Ms Li"}`)).URL, io.Discard)
	_, err := dial(t, config).VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token, ExId: "mark"})
	e, ok := codetable.FromError(err)
	if !ok {
		t.Fatal("no code")
	}
	want := map[string]string{"code": "9001", "id": "117270465679982593", "exId": "mark"}
	if diff := cmp.Diff(want, e.Metadata()); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	if strings.Contains(fmt.Sprint(e, e.GRPCStatus().Proto()), "Ms Li") {
		t.Errorf("the text of the upstream crossed the wire: %v", e)
	}
}
