package table_test

import (
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/internal/enumtest"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

func TestDocument(t *testing.T) {
	t.Parallel()
	busy := failing(codetablev1.GrpcCode_GRPC_CODE_RESOURCE_EXHAUSTED)
	busy.Description, busy.Notes, busy.Resolution, busy.Fault = "busy", "Too many calls", "Wait.", codetablev1.Fault_FAULT_UPSTREAM
	busy.Retry = &codetablev1.Retry{
		Action: codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST, After: &codetablev1.Retry_Delay{Delay: durationpb.New(1500 * time.Millisecond)},
	}
	busy.Detail = &codetablev1.Detail{Type: codetablev1.DetailType_DETAIL_TYPE_QUOTA_FAILURE, Subject: "calls"}
	busy.UserMessages = map[string]string{"de": "Belegt.", "not a tag": "?"}
	daily := &codetablev1.Code{Fault: codetablev1.Fault_FAULT_OPERATOR, Retry: &codetablev1.Retry{
		Action: codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW, After: &codetablev1.Retry_Window{Window: codetablev1.CalendarWindow_CALENDAR_WINDOW_DAY},
	}}
	tbl := table.For(enumtest.File{
		Table: &codetablev1.Table{
			Domain: "codes.example.com", HelpUrl: "https://codes.example.com/{reason}?n={number}", DefaultUserMessages: map[string]string{"en": "Later."},
		},
		Values: []enumtest.Value{
			{Name: "TEST_CODE_DONE", Number: 0, Code: failing(codetablev1.GrpcCode_GRPC_CODE_OK)},
			{Name: "TEST_CODE_BUSY", Number: 1, Code: busy},
			{Name: "TEST_CODE_DAILY", Number: 2, Code: daily},
		},
	}.Build(t))
	later := map[string]string{"en": "Later."}
	for _, want := range []table.Document{
		{Number: 0, Reason: "DONE", Domain: "codes.example.com", Listed: true, GRPCCode: "OK", HelpURL: "https://codes.example.com/DONE?n=0"},
		{
			Number: 1, Reason: "BUSY", Domain: "codes.example.com", Listed: true, GRPCCode: "RESOURCE_EXHAUSTED",
			Description: "busy", Notes: "Too many calls", Resolution: "Wait.", Fault: "UPSTREAM",
			Retry: table.RetryDocument{Action: "SAME_REQUEST", Delay: "1.5s"}, Detail: table.DetailDocument{Type: "QUOTA_FAILURE", Subject: "calls"},
			HelpURL: "https://codes.example.com/BUSY?n=1", UserMessages: map[string]string{"de": "Belegt.", "en": "Later."},
		},
		{
			Number: 2, Reason: "DAILY", Domain: "codes.example.com", Listed: true, GRPCCode: "UNKNOWN", Fault: "OPERATOR",
			Retry: table.RetryDocument{Action: "NEXT_WINDOW", Window: "DAY"}, HelpURL: "https://codes.example.com/DAILY?n=2", UserMessages: later,
		},
		{
			Number: -7, Reason: "UNRECOGNIZED_CODE", Domain: "codes.example.com", GRPCCode: "UNKNOWN",
			HelpURL: "https://codes.example.com/UNRECOGNIZED_CODE?n=-7", UserMessages: later,
		},
	} {
		if diff := gocmp.Diff(want, tbl.Entry(want.Number).Document(want.Number)); diff != "" {
			t.Errorf("document of %d (-want +got):\n%s", want.Number, diff)
		}
	}
	if diff := gocmp.Diff(table.Document{GRPCCode: "UNKNOWN"}, table.Nothing().Document(0)); diff != "" {
		t.Errorf("document of Nothing (-want +got):\n%s", diff)
	}
}

// The delay is a google.protobuf.Duration in JSON: exact, with at most nine
// decimals.
func TestDelayDocument(t *testing.T) {
	t.Parallel()
	for delay, want := range map[time.Duration]string{
		0: "", time.Nanosecond: "0.000000001s", time.Millisecond: "0.001s", time.Second: "1s", 10 * time.Second: "10s",
		38*time.Second + 987268126: "38.987268126s", 1000 * time.Hour: "3600000s", 1<<63 - 1: "9223372036.854775807s",
	} {
		if got := (table.Retry{Delay: delay}).Document().Delay; got != want {
			t.Errorf("%v is written as %q, want %q", delay, got, want)
		}
	}
}

// The names are those of google.rpc.Code and of codetable.v1 without the
// prefix, and the number of an unknown one.
func TestNames(t *testing.T) {
	t.Parallel()
	for code, want := range map[codes.Code]string{codes.OK: "OK", codes.Canceled: "CANCELLED", codes.NotFound: "NOT_FOUND", 17: "17"} {
		if got := table.CodeName(code); got != want {
			t.Errorf("CodeName(%d) = %q, want %q", code, got, want)
		}
	}
	for fault, want := range map[codetablev1.Fault]string{0: "UNSPECIFIED", codetablev1.Fault_FAULT_END_USER: "END_USER", 99: "99"} {
		if got := table.FaultName(fault); got != want {
			t.Errorf("FaultName(%d) = %q, want %q", fault, got, want)
		}
	}
	for action, want := range map[codetablev1.RetryAction]string{0: "UNSPECIFIED", codetablev1.RetryAction_RETRY_ACTION_NEW_INPUT: "NEW_INPUT", 99: "99"} {
		if got := (table.Retry{Action: action}).ActionName(); got != want {
			t.Errorf("ActionName of %d = %q, want %q", action, got, want)
		}
	}
}

func TestTakesDelay(t *testing.T) {
	t.Parallel()
	for action, want := range map[codetablev1.RetryAction]bool{
		codetablev1.RetryAction_RETRY_ACTION_UNSPECIFIED: false, 99: false,
		codetablev1.RetryAction_RETRY_ACTION_NEVER:           false,
		codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW:     false,
		codetablev1.RetryAction_RETRY_ACTION_OPERATOR_ACTION: false,
		codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST:    true,
		codetablev1.RetryAction_RETRY_ACTION_NEW_INPUT:       true,
		codetablev1.RetryAction_RETRY_ACTION_CONFIRM_OUTCOME: true,
	} {
		if got := (table.Retry{Action: action}).TakesDelay(); got != want {
			t.Errorf("%v takes a delay: %t, want %t", action, got, want)
		}
	}
}

func TestHelpURL(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ url, listed, unlisted string }{
		"none":         {"", "", ""},
		"plain":        {"https://example.com/help", "https://example.com/help", "https://example.com/help"},
		"number":       {"https://example.com/{number}", "https://example.com/1", "https://example.com/-7"},
		"reason":       {"https://example.com/?q={reason}", "https://example.com/?q=BUSY", "https://example.com/?q=UNRECOGNIZED_CODE"},
		"both, twice":  {"https://{number}.a/{reason}/{number}", "https://1.a/BUSY/1", "https://-7.a/UNRECOGNIZED_CODE/-7"},
		"other braces": {"https://example.com/{code}", "https://example.com/{code}", "https://example.com/{code}"},
	} {
		tbl := table.For(enumtest.File{
			Table: &codetablev1.Table{HelpUrl: tt.url}, Values: []enumtest.Value{{Name: "TEST_CODE_BUSY", Number: 1}},
		}.Build(t))
		for number, want := range map[int32]string{1: tt.listed, -7: tt.unlisted} {
			if got := tbl.Entry(number).HelpURL(number); got != want {
				t.Errorf("%s: %d has %q, want %q", name, number, got, want)
			}
		}
	}
}
