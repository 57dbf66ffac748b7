package codetable_test

import (
	"strings"
	"testing"
	_ "time/tzdata" // for machines without time zones

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/durationpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

func TestCheckResponseCode(t *testing.T) {
	t.Parallel()
	if err := codetable.Check[responseCode](); err != nil {
		t.Errorf("Check: %v", err)
	}
}

func checkEnum(desc protoreflect.EnumDescriptor) (err error) {
	withEnum(desc, func() { err = codetable.Check[dynCode]() })
	return err
}

func TestCheckAcceptsTheFaultlessTable(t *testing.T) {
	t.Parallel()
	desc := newEnum(t, testTable(), value("TEST_CODE_DONE", 0, successCode()), value("TEST_CODE_BUSY", 1, testCode()))
	if err := checkEnum(desc); err != nil {
		t.Errorf("Check: %v", err)
	}
}

const (
	enumPlace  = "enum codetable.test.TestCode: "
	valuePlace = "value codetable.test.TEST_CODE_BUSY: "
)

// Each case adds one fault to a faultless table.
func TestCheckReportsFaultOfTable(t *testing.T) {
	t.Parallel()
	unknownZone := func(table *codetablev1.Table) { table.TimeZone = "Mars/Olympus" }
	tests := []struct {
		name   string
		change func(*codetablev1.Table)
		want   string
	}{
		{"no domain", func(table *codetablev1.Table) { table.Domain = "" }, `domain "": want a lower-case DNS name`},
		{"upper case", func(table *codetablev1.Table) { table.Domain = "Codes.example.com" }, `domain "Codes.example.com": want`},
		{"one label", func(table *codetablev1.Table) { table.Domain = "codes" }, `domain "codes": want`},
		{"URL", func(table *codetablev1.Table) { table.Domain = "https://example.com" }, `domain "https://example.com": want`},
		{"long domain", func(table *codetablev1.Table) { table.Domain = strings.Repeat("a.", 126) + "com" }, "of at most 253 characters"},
		{"domain of another enum", func(table *codetablev1.Table) { table.Domain = domain }, `domain "` + domain + `" is already used by enum jiguang.jverification.v1.ResponseCode`},
		{"unknown zone", unknownZone, `time_zone "Mars/Olympus": unknown time zone Mars/Olympus`},
		{"unlisted codes succeed", func(table *codetablev1.Table) {
			table.UnrecognizedGrpcCode = new(codetablev1.GrpcCode_GRPC_CODE_OK)
		}, "unrecognized_grpc_code GRPC_CODE_OK: want a failing gRPC code"},
		{"unlisted codes have an unknown status", func(table *codetablev1.Table) {
			table.UnrecognizedGrpcCode = new(codetablev1.GrpcCode(17))
		}, "unrecognized_grpc_code 17: want a failing gRPC code"},
		{"help without TLS", func(table *codetablev1.Table) { table.HelpUrl = "http://example.com" }, `help_url "http://example.com": want an absolute https URL`},
		{"help without host", func(table *codetablev1.Table) { table.HelpUrl = "https:/help" }, `help_url "https:/help": want`},
		{"unknown placeholder in the path", func(table *codetablev1.Table) { table.HelpUrl = "https://example.com/{code}" }, `help_url "https://example.com/{code}": want an absolute https URL, with no placeholder but {reason} and {number}`},
		{"unknown placeholder in the query", func(table *codetablev1.Table) { table.HelpUrl = "https://example.com/?c={Number}" }, `help_url "https://example.com/?c={Number}": want`},
		{"unknown placeholder in the fragment", func(table *codetablev1.Table) { table.HelpUrl = "https://example.com/{reason}#{}" }, `help_url "https://example.com/{reason}#{}": want`},
		{"help is no URL", func(table *codetablev1.Table) { table.HelpUrl = "https://%zz" }, `help_url "https://%zz": want`},
		{"bad locale", func(table *codetablev1.Table) { table.DefaultUserMessages["not a tag"] = "x" }, `default_user_messages: locale "not a tag": want a BCP 47 language tag`},
		{"root locale", func(table *codetablev1.Table) { table.DefaultUserMessages["und"] = "x" }, `default_user_messages: locale "und": want`},
		{"blank sentence", func(table *codetablev1.Table) { table.DefaultUserMessages["en"] = " \n" }, `default_user_messages: the sentence for locale "en" is empty`},
		{"no default locale", func(table *codetablev1.Table) { table.DefaultLocale = "" }, "default_locale is missing: readers of languages that the table lacks get no sentence"},
		{"unknown default locale", func(table *codetablev1.Table) { table.DefaultLocale = "en-US" }, `default_locale "en-US": default_user_messages has no sentence for it`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			table, code := testTable(), testCode()
			tt.change(table)
			code.UserMessages = nil // the messages of the table are used instead
			wantFault(t, newEnum(t, table, value("TEST_CODE_BUSY", 1, code)), enumPlace+tt.want)
		})
	}
}

// wantFault demands that this fault, and no other, is reported.
func wantFault(t *testing.T, desc protoreflect.EnumDescriptor, want string) {
	t.Helper()
	err := checkEnum(desc)
	got := each(err)
	place, fault, _ := strings.Cut(want, ": ")
	if len(got) != 1 || !strings.HasPrefix(got[0], place+": ") || !strings.Contains(got[0], fault) {
		t.Errorf("Check reports\n%v\nwant one fault:\n%s", err, want)
	}
}

func TestCheckReportsFaultOfCode(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*codetablev1.Code)
		want   string
	}{
		{"no status", func(c *codetablev1.Code) { c.GrpcCode = nil }, "grpc_code is missing: the code is sent as UNKNOWN"},
		{"unknown status", func(c *codetablev1.Code) { c.GrpcCode = new(codetablev1.GrpcCode(17)); c.Retry = never() }, "grpc_code 17: want a code of gRPC"},
		{"cancelled", func(c *codetablev1.Code) {
			c.GrpcCode = new(codetablev1.GrpcCode_GRPC_CODE_CANCELLED)
			c.Retry = never()
		}, "grpc_code CANCELLED means that the caller cancelled the call"},
		{"success with advice", func(c *codetablev1.Code) { c.GrpcCode = new(codetablev1.GrpcCode_GRPC_CODE_OK) }, "a success takes no fault, retry, detail or user_messages"},
		{"no fault", func(c *codetablev1.Code) { c.Fault = 0 }, "fault is missing"},
		{"no notes", func(c *codetablev1.Code) { c.Notes = "" }, `notes are missing: the message of the status is "busy"`},
		{"no notes, no description", func(c *codetablev1.Code) { c.Notes, c.Description = "", "" }, `notes are missing: the message of the status is "BUSY"`},
		{"no retry", func(c *codetablev1.Code) { c.Retry = nil }, "retry.action is missing"},
		{"unknown retry", func(c *codetablev1.Code) { c.Retry = &codetablev1.Retry{Action: 99} }, "retry.action is missing"},
		{"detail without type", func(c *codetablev1.Code) { c.Detail.Type = 0 }, `detail with subject "calls" has no type`},
		{"detail without subject", func(c *codetablev1.Code) { c.Detail.Subject = "" }, "detail DETAIL_TYPE_QUOTA_FAILURE has no subject"},
		{"subject is a value", func(c *codetablev1.Code) { c.Detail.Subject = "+8613800138000" }, `detail subject "+8613800138000": want a name`},
		{"bad locale", func(c *codetablev1.Code) { c.UserMessages["en_US!"] = "x" }, `user_messages: locale "en_US!": want a BCP 47 language tag`},
		{"blank sentence", func(c *codetablev1.Code) { c.UserMessages["en"] = "" }, `user_messages: the sentence for locale "en" is empty`},
		{"missing language", func(c *codetablev1.Code) { c.UserMessages = map[string]string{"de": "Der Dienst ist belegt."} }, `user_messages: no sentence for locale "en", which default_user_messages has`},
		{"stated reason", func(c *codetablev1.Code) { c.Reason = "Busy" }, `reason "Busy": want a match of`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code := testCode()
			tt.change(code)
			wantFault(t, newEnum(t, testTable(), value("TEST_CODE_BUSY", 1, code)), valuePlace+tt.want)
		})
	}
}

// This action is valid with each of these gRPC codes.
func TestCheckAcceptsConfirmOutcome(t *testing.T) {
	t.Parallel()
	for _, c := range []codetablev1.GrpcCode{
		codetablev1.GrpcCode_GRPC_CODE_UNKNOWN, codetablev1.GrpcCode_GRPC_CODE_DEADLINE_EXCEEDED, codetablev1.GrpcCode_GRPC_CODE_ABORTED,
		codetablev1.GrpcCode_GRPC_CODE_INTERNAL, codetablev1.GrpcCode_GRPC_CODE_UNAVAILABLE,
	} {
		for _, delay := range []*durationpb.Duration{nil, {Seconds: 30}} {
			code := testCode()
			code.GrpcCode, code.Retry = &c, confirmOutcome(delay)
			if err := checkEnum(newEnum(t, testTable(), value("TEST_CODE_LATE", 1, code))); err != nil {
				t.Errorf("%v after %v: %v", c, delay, err)
			}
		}
	}
}

func TestCheckAcceptsStatedReason(t *testing.T) {
	t.Parallel()
	table := testTable()
	table.HelpUrl = "https://codes.example.com/{reason}?n={number}#{reason}"
	if err := checkEnum(newEnum(t, table, value("BUSY", 1, withReason("CALLS_EXCEEDED")))); err != nil {
		t.Errorf("Check: %v", err)
	}
}

// A table without sentences needs no default locale. A table that has sentences
// only for single codes needs one.
func TestCheckDefaultLocaleWithoutDefaultMessages(t *testing.T) {
	t.Parallel()
	table, code := testTable(), testCode()
	table.DefaultLocale, table.DefaultUserMessages, code.UserMessages = "", nil, nil
	if err := checkEnum(newEnum(t, table, value("TEST_CODE_BUSY", 1, code))); err != nil {
		t.Errorf("Check of a table without sentences: %v", err)
	}
	wantFault(t, newEnum(t, table, value("TEST_CODE_BUSY", 1, testCode())), enumPlace+"default_locale is missing")
}

func withReason(reason string) *codetablev1.Code {
	code := testCode()
	code.Reason = reason
	return code
}

func confirmOutcome(delay *durationpb.Duration) *codetablev1.Retry {
	retry := sameRequest(delay)
	retry.Action = codetablev1.RetryAction_RETRY_ACTION_CONFIRM_OUTCOME
	return retry
}

func never() *codetablev1.Retry {
	return &codetablev1.Retry{Action: codetablev1.RetryAction_RETRY_ACTION_NEVER}
}

func TestCheckReportsFaultOfRetry(t *testing.T) {
	t.Parallel()
	const (
		notFound    = codetablev1.GrpcCode_GRPC_CODE_NOT_FOUND
		exhausted   = codetablev1.GrpcCode_GRPC_CODE_RESOURCE_EXHAUSTED
		unavailable = codetablev1.GrpcCode_GRPC_CODE_UNAVAILABLE
		day         = codetablev1.CalendarWindow_CALENDAR_WINDOW_DAY
	)
	second := &durationpb.Duration{Seconds: 1}
	afterDelay := func(action codetablev1.RetryAction) *codetablev1.Retry {
		return &codetablev1.Retry{Action: action, After: &codetablev1.Retry_Delay{Delay: second}}
	}
	inWindow := nextWindow(day)
	inWindow.Action = codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST
	tests := []struct {
		name  string
		code  codetablev1.GrpcCode
		retry *codetablev1.Retry
		want  string
	}{
		{"same request", notFound, sameRequest(second), "retry RETRY_ACTION_SAME_REQUEST contradicts GRPC_CODE_NOT_FOUND"},
		{"next window", notFound, nextWindow(day), "retry RETRY_ACTION_NEXT_WINDOW contradicts GRPC_CODE_NOT_FOUND"},
		{"confirm outcome", notFound, confirmOutcome(nil), "retry RETRY_ACTION_CONFIRM_OUTCOME contradicts GRPC_CODE_NOT_FOUND: a call that fails with it had no effect"},
		{"confirm outcome, no time", exhausted, confirmOutcome(&durationpb.Duration{}), "retry delay 0s: want a time above 0"},
		{"window of confirm outcome", exhausted, &codetablev1.Retry{
			Action: codetablev1.RetryAction_RETRY_ACTION_CONFIRM_OUTCOME, After: &codetablev1.Retry_Window{Window: day},
		}, "retry window CALENDAR_WINDOW_DAY needs RETRY_ACTION_NEXT_WINDOW, not RETRY_ACTION_CONFIRM_OUTCOME"},
		{"never", unavailable, never(), "retry RETRY_ACTION_NEVER contradicts GRPC_CODE_UNAVAILABLE"},
		{"no window", exhausted, &codetablev1.Retry{Action: codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW}, "retry RETRY_ACTION_NEXT_WINDOW names no window"},
		{"unknown window", exhausted, nextWindow(99), "retry RETRY_ACTION_NEXT_WINDOW names no window"},
		{"window of another action", exhausted, inWindow, "retry window CALENDAR_WINDOW_DAY needs RETRY_ACTION_NEXT_WINDOW, not RETRY_ACTION_SAME_REQUEST"},
		{"no time", exhausted, sameRequest(&durationpb.Duration{}), "retry delay 0s: want a time above 0"},
		{"negative", exhausted, sameRequest(&durationpb.Duration{Seconds: -1}), "retry delay -1s: want a time above 0"},
		{"not a duration", exhausted, sameRequest(&durationpb.Duration{Seconds: 1, Nanos: -1}), "retry delay 999.999999ms: want a time above 0"},
		{"delay of never", exhausted, afterDelay(codetablev1.RetryAction_RETRY_ACTION_NEVER), "retry RETRY_ACTION_NEVER takes no delay"},
		{"delay of operator", exhausted, afterDelay(codetablev1.RetryAction_RETRY_ACTION_OPERATOR_ACTION), "retry RETRY_ACTION_OPERATOR_ACTION takes no delay"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code := testCode()
			code.GrpcCode, code.Retry = &tt.code, tt.retry
			wantFault(t, newEnum(t, testTable(), value("TEST_CODE_BUSY", 1, code)), valuePlace+tt.want)
		})
	}
}

func TestCheckWindowNeedsZone(t *testing.T) {
	t.Parallel()
	table, code := testTable(), testCode()
	table.TimeZone = ""
	code.Retry = nextWindow(codetablev1.CalendarWindow_CALENDAR_WINDOW_DAY)
	wantFault(t, newEnum(t, table, value("TEST_CODE_BUSY", 1, code)), valuePlace+"retry RETRY_ACTION_NEXT_WINDOW needs the time_zone of the table")
}

func TestCheckReportsFaultOfName(t *testing.T) {
	t.Parallel()
	long := "TEST_CODE_" + strings.Repeat("L", 64)
	const place = "value codetable.test."
	tests := []struct {
		name   string
		values []*descriptorpb.EnumValueDescriptorProto
		want   string
	}{
		{"no option", []*descriptorpb.EnumValueDescriptorProto{value("TEST_CODE_BUSY", 1, nil)}, valuePlace + "option (codetable.v1.code) is missing"},
		{"lower case", []*descriptorpb.EnumValueDescriptorProto{value("TEST_CODE_busy", 1, testCode())}, place + `TEST_CODE_busy: reason "busy": want a match of`},
		{"too short", []*descriptorpb.EnumValueDescriptorProto{value("TEST_CODE_AB", 1, testCode())}, place + `TEST_CODE_AB: reason "AB": want a match of`},
		{"nothing but the prefix", []*descriptorpb.EnumValueDescriptorProto{value("TEST_CODE_", 1, testCode())}, place + `TEST_CODE_: reason "TEST_CODE_": want a match of`},
		{"too long", []*descriptorpb.EnumValueDescriptorProto{value(long, 1, testCode())}, place + long + `: reason "` + long[len("TEST_CODE_"):] + `" has 64 characters: want at most 63 (AIP-193)`},
		{"no prefix", []*descriptorpb.EnumValueDescriptorProto{value("BUSY", 1, testCode())}, place + `BUSY: does not begin with "TEST_CODE_": its reason is the whole name; rename it, or state the reason`},
		{"prefix of another word", []*descriptorpb.EnumValueDescriptorProto{value("TEST_CODEBUSY", 1, testCode())}, place + `TEST_CODEBUSY: does not begin with "TEST_CODE_"`},
		{"reserved", []*descriptorpb.EnumValueDescriptorProto{value("TEST_CODE_UNRECOGNIZED_CODE", 1, testCode())}, place + `TEST_CODE_UNRECOGNIZED_CODE: reason "UNRECOGNIZED_CODE" is reserved for codes that the table does not list`},
		{
			"one reason for two codes",
			[]*descriptorpb.EnumValueDescriptorProto{value("TEST_CODE_BUSY", 1, testCode()), value("TEST_CODE_FULL", 2, withReason("BUSY"))},
			place + `TEST_CODE_FULL: reason "BUSY" is already used by TEST_CODE_BUSY`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			wantFault(t, newEnum(t, testTable(), tt.values...), tt.want)
		})
	}
}

func TestCheckLooksAtOneNameOfANumber(t *testing.T) {
	t.Parallel()
	desc := newEnum(t, testTable(), value("TEST_CODE_BUSY", 1, testCode()), value("TEST_CODE_OLD_NAME", 1, nil))
	if err := checkEnum(desc); err != nil {
		t.Errorf("Check of an alias without an option: %v", err)
	}
	withEnum(desc, func() {
		for _, reason := range []string{"BUSY", "OLD_NAME"} {
			code, ok := codetable.CodeOf[dynCode](failure(t, info("codes.example.com", reason, nil)))
			if code != 1 || !ok {
				t.Errorf("reason %s decodes to %d, %t, want 1", reason, code, ok)
			}
		}
		if spec, _ := codetable.Lookup(dynCode(1)); spec.Reason() != "BUSY" {
			t.Errorf("reason %q, want the first name of the number", spec.Reason())
		}
	})
}

// One report contains every fault, no matter how the options are stored.
func TestCheckReportsEveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	for _, s := range storages() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			desc := newEnumStored(t, s, &codetablev1.Table{
				Domain:              "NO DOMAIN",
				TimeZone:            "Mars/Olympus",
				HelpUrl:             "ftp://example.com",
				DefaultUserMessages: map[string]string{"!": ""},
			},
				value("TEST_CODE_ZERO", 0, nil),
				value("TEST_CODE_busy", 1, &codetablev1.Code{Detail: &codetablev1.Detail{Subject: "13800138000"}}),
			)
			want := []string{
				"domain", "time_zone", "help_url", "default_user_messages: locale", "default_user_messages: the sentence", "default_locale",
				"option (codetable.v1.code) is missing",
				"reason", "grpc_code", "fault", "notes", "retry.action", "detail",
			}
			got := each(checkEnum(desc))
			if len(got) != len(want) {
				t.Fatalf("got %d faults, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
			}
			for i, word := range want {
				if !strings.Contains(got[i], ": "+word) {
					t.Errorf("fault %d is %q, want one about %q", i, got[i], word)
				}
			}
		})
	}
}

// A table has the same content no matter how its options are stored.
func TestOptionsFromEveryStorage(t *testing.T) {
	t.Parallel()
	for _, s := range storages() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			desc := newEnumStored(t, s, testTable(), value("TEST_CODE_DONE", 0, successCode()), value("TEST_CODE_BUSY", 7, testCode()))
			requireStorage(t, s, desc)
			if err := checkEnum(desc); err != nil {
				t.Errorf("Check: %v", err)
			}
			spec, listed := codetable.LookupDescriptor(desc, 7)
			detail, subject := spec.Detail()
			got := []any{listed, spec.Domain(), spec.Reason(), spec.GRPCCode(), spec.Notes(), spec.Fault(), spec.Retry().String(), detail, subject, spec.Locales()}
			want := []any{
				true, "codes.example.com", "BUSY", codes.ResourceExhausted, "Too many calls", codetablev1.Fault_FAULT_UPSTREAM, "SAME_REQUEST after 1s",
				codetablev1.DetailType_DETAIL_TYPE_QUOTA_FAILURE, "calls",
				[]string{"en"},
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("code 7 (-want +got):\n%s", diff)
			}
			if !codetable.IsTable(desc) {
				t.Error("IsTable is false")
			}
		})
	}
}

// requireStorage proves that the fixture is of the claimed kind: the usual way
// of reading the option misses it or panics.
func requireStorage(t *testing.T, s storage, desc protoreflect.EnumDescriptor) {
	t.Helper()
	read := func() (outcome string) {
		defer func() {
			if recover() != nil {
				outcome = "dynamic extensions"
			}
		}()
		if table := proto.GetExtension(desc.Options(), codetablev1.E_Table).(*codetablev1.Table); table.GetDomain() == "" {
			return "unknown fields"
		}
		return "generated extensions"
	}
	if got := read(); got != s.name {
		t.Fatalf("the options are stored as %s, want %s", got, s.name)
	}
}

func TestEnumWithoutOptions(t *testing.T) {
	t.Parallel()
	desc := newEnum(t, nil, value("TEST_CODE_ZERO", 0, nil), value("TEST_CODE_ONE", 1, nil))
	if codetable.IsTable(desc) {
		t.Error("IsTable is true for an enum without the option")
	}
	withEnum(desc, func() {
		for _, code := range []dynCode{0, 1, 2, -1} {
			err := asError(t, codetable.NewError(code))
			if err.GRPCStatus().Code() != codes.Unknown || err.Domain() != "codetable.test.TestCode" {
				t.Errorf("%d: status %v, domain %q", code, err.GRPCStatus(), err.Domain())
			}
			if got, ok := codetable.CodeOf[dynCode](wire(t, err)); !ok || got != code {
				t.Errorf("CodeOf gives %d, %t, want %d", got, ok, code)
			}
		}
	})
	want := []string{
		enumPlace + "option (codetable.v1.table) is missing",
		"value codetable.test.TEST_CODE_ZERO: option (codetable.v1.code) is missing",
		"value codetable.test.TEST_CODE_ONE: option (codetable.v1.code) is missing",
	}
	if diff := gocmp.Diff(want, each(checkEnum(desc))); diff != "" {
		t.Errorf("Check (-want +got):\n%s", diff)
	}
}

// Zero is also the value of an unset field.
func TestZeroWithoutStatusIsNoSuccess(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]*codetablev1.Code{
		"no option":      nil,
		"empty option":   {},
		"unknown status": {GrpcCode: new(codetablev1.GrpcCode(-1))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec, _ := codetable.LookupDescriptor(newEnum(t, testTable(), value("TEST_CODE_ZERO", 0, code)), 0)
			if err := asError(t, spec.NewError()); spec.GRPCCode() != codes.Unknown || err.GRPCStatus().Code() != codes.Unknown {
				t.Errorf("zero has status %v, want Unknown", spec.GRPCCode())
			}
		})
	}
}

func TestUnrecognizedStatusNeverSucceeds(t *testing.T) {
	t.Parallel()
	for code, want := range map[codetablev1.GrpcCode]codes.Code{
		codetablev1.GrpcCode_GRPC_CODE_OK:          codes.Unknown,
		codetablev1.GrpcCode_GRPC_CODE_UNAVAILABLE: codes.Unavailable,
		codetablev1.GrpcCode(17):                   codes.Unknown,
	} {
		table := testTable()
		table.UnrecognizedGrpcCode = &code
		spec, _ := codetable.LookupDescriptor(newEnum(t, table, value("TEST_CODE_BUSY", 1, testCode())), 404)
		if got := asError(t, spec.NewError()).GRPCStatus().Code(); got != want {
			t.Errorf("unrecognized_grpc_code %v: unlisted codes have status %v, want %v", code, got, want)
		}
	}
}

func TestReasonLosesThePrefixOfTheEnum(t *testing.T) {
	t.Parallel()
	for enum, prefix := range map[string]string{
		"TestCode": "TEST_CODE_", "HTTPCode": "HTTP_CODE_", "CodeV2": "CODE_V2_", "snake_Code": "SNAKE_CODE_", "X": "X_",
		"A2AError": "A2A_ERROR_", "IPv4Code": "I_PV4_CODE_", "Oauth2Token": "OAUTH2_TOKEN_", "X509": "X509_",
	} {
		desc := newEnumNamed(t, enum, value(prefix+"BUSY", 1, testCode()), value("OTHER_NAME", 2, testCode()))
		for number, want := range map[protoreflect.EnumNumber]string{1: "BUSY", 2: "OTHER_NAME"} {
			if spec, _ := codetable.LookupDescriptor(desc, number); spec.Reason() != want {
				t.Errorf("enum %s: reason %q, want %q", enum, spec.Reason(), want)
			}
		}
	}
}

func TestCheckReportsLocalZone(t *testing.T) {
	t.Parallel()
	table := testTable()
	table.TimeZone = "Local"
	wantFault(t, newEnum(t, table, value("TEST_CODE_BUSY", 1, testCode())), enumPlace+"time_zone \"Local\" differs from machine to machine")
}

func TestCheckReportsUnknownEnumNumbers(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*codetablev1.Code){
		"fault is missing":            func(c *codetablev1.Code) { c.Fault = 99 },
		"detail type 99 is not known": func(c *codetablev1.Code) { c.Detail.Type = 99 },
	}
	for want, change := range tests {
		code := testCode()
		change(code)
		wantFault(t, newEnum(t, testTable(), value("TEST_CODE_BUSY", 1, code)), valuePlace+want)
	}
}
