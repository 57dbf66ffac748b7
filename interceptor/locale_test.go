package interceptor_test

import (
	"context"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

func localized(st *status.Status) []*errdetails.LocalizedMessage {
	var list []*errdetails.LocalizedMessage
	for _, detail := range st.Details() {
		if message, ok := detail.(*errdetails.LocalizedMessage); ok {
			list = append(list, message)
		}
	}
	return list
}

func TestAcceptLanguageSelectsTheUserMessage(t *testing.T) {
	t.Parallel()
	spec, _ := codetable.Lookup(tokenExpired)
	tests := map[string]string{
		"zh": "zh-CN", "zh-CN": "zh-CN", "zh-Hans-CN": "zh-CN", "zh-Hans": "zh-CN", "ZH-cn": "zh-CN",
		"en": "en", "en-GB,en;q=0.9": "en", "fr;q=1, zh;q=0.5, en;q=0.4": "zh-CN", "en;q=0.1, zh;q=0.2": "zh-CN",
		"fr": "en", "": "", "*": "en", ";;;": "en", "zh;q=x": "en",
	}
	each(t, func(t *testing.T, call func(context.Context, pb.TestServiceClient, ...grpc.CallOption) error) {
		client := dialWith(t, serve(t, answering(codetable.NewError(tokenExpired))))
		for header, want := range tests {
			got := localized(status.Convert(call(metadata.AppendToOutgoingContext(t.Context(), "accept-language", header), client)))
			if want == "" {
				if len(got) != 0 {
					t.Errorf("%q: sent %v, want none", header, got)
				}
				continue
			}
			text, locale := spec.UserMessage(want)
			if len(got) != 1 || got[0].GetLocale() != want || locale != want || got[0].GetMessage() != text {
				t.Errorf("%q: sent %v, want %s %q", header, got, want, text)
			}
		}
		if got := localized(status.Convert(call(t.Context(), client))); len(got) != 0 {
			t.Errorf("sent %v to a caller of no language", got)
		}
	})
}

func TestWithLocale(t *testing.T) {
	t.Parallel()
	option := interceptor.WithLocale(func(context.Context) string { return "zh-CN" })
	client := dial(t, serve(t, answering(codetable.NewError(tokenExpired)), option))
	err := kinds["unary"](metadata.AppendToOutgoingContext(t.Context(), "accept-language", "en"), client)
	e, ok := codetable.FromError(err)
	if got := localized(status.Convert(err)); !ok || len(got) != 1 || got[0].GetLocale() != "zh-CN" {
		t.Fatalf("sent %v", got)
	}
	// The client has the same sentence in its own table. It uses the received
	// sentence if its table does not list the code.
	if e.UserMessage("zh") != localized(e.GRPCStatus())[0].GetMessage() || e.UserMessage() != e.UserMessage("zh") {
		t.Errorf("UserMessage %q, sent %q", e.UserMessage("zh"), localized(e.GRPCStatus()))
	}
}

// The sentence of another server is sent on, and no second one is added.
func TestLocalizedMessageOfAnotherServerStays(t *testing.T) {
	t.Parallel()
	sentence := &errdetails.LocalizedMessage{Locale: "fr", Message: "Le jeton a expiré."}
	got, _ := plainIn(t, "zh-CN", answering(status.Convert(codetable.NewError(tokenExpired, codetable.WithDetail(sentence))).Err()))
	if list := localized(got); len(list) != 1 || list[0].GetMessage() != sentence.GetMessage() {
		t.Errorf("sent %v, want %v alone", list, sentence)
	}
}

func plainIn(t *testing.T, language string, srv pb.TestServiceServer) (*status.Status, error) {
	t.Helper()
	client := dialWith(t, serve(t, srv))
	err := kinds["unary"](metadata.AppendToOutgoingContext(t.Context(), "accept-language", language), client)
	return status.Convert(err), err
}
