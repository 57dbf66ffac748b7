package tablecheck_test

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/durationpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/internal/enumtest"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/tablecheck"
)

// testTable and testCode have no fault. Each test case changes one part of
// them.
func testTable() *codetablev1.Table {
	return &codetablev1.Table{
		Domain: "codes.example.com", TimeZone: "Asia/Shanghai", HelpUrl: "https://codes.example.com/help",
		DefaultUserMessages: map[string]string{"en": "Please try again later."}, DefaultLocale: "en",
	}
}

func testCode() *codetablev1.Code {
	return &codetablev1.Code{
		GrpcCode: new(codetablev1.GrpcCode_GRPC_CODE_RESOURCE_EXHAUSTED), Description: "busy", Notes: "Too many calls",
		Fault: codetablev1.Fault_FAULT_UPSTREAM, Retry: after(codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST, &durationpb.Duration{Seconds: 1}),
		Detail:       &codetablev1.Detail{Type: codetablev1.DetailType_DETAIL_TYPE_QUOTA_FAILURE, Subject: "calls"},
		UserMessages: map[string]string{"en": "The service is busy."},
	}
}

func after(action codetablev1.RetryAction, delay *durationpb.Duration) *codetablev1.Retry {
	return &codetablev1.Retry{Action: action, After: &codetablev1.Retry_Delay{Delay: delay}}
}

func within(action codetablev1.RetryAction, window codetablev1.CalendarWindow) *codetablev1.Retry {
	return &codetablev1.Retry{Action: action, After: &codetablev1.Retry_Window{Window: window}}
}

func busy(code *codetablev1.Code) enumtest.Value {
	return enumtest.Value{Name: "TEST_CODE_BUSY", Number: 1, Code: code}
}

// wantFaults demands that these faults of the enum, and no others, are found.
func wantFaults(t *testing.T, file enumtest.File, want ...string) {
	t.Helper()
	if diff := gocmp.Diff(want, lines(tablecheck.Enum(table.Linked, file.Build(t)))); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestFaultOfTable(t *testing.T) {
	t.Parallel()
	const (
		domainWant = ": want a lower-case DNS name of at most 253 characters"
		helpWant   = ": want an absolute https URL, with no placeholder but {reason} and {number}"
	)
	longest := strings.Repeat("a.", 126) + "com"
	tests := map[string]struct {
		change func(*codetablev1.Table)
		want   string
	}{
		"no domain":   {func(t *codetablev1.Table) { t.Domain = "" }, `DOMAIN domain ""` + domainWant},
		"one label":   {func(t *codetablev1.Table) { t.Domain = "codes" }, `DOMAIN domain "codes"` + domainWant},
		"URL":         {func(t *codetablev1.Table) { t.Domain = "https://example.com" }, `DOMAIN domain "https://example.com"` + domainWant},
		"long domain": {func(t *codetablev1.Table) { t.Domain = longest }, `DOMAIN domain "` + longest + `"` + domainWant},
		"local zone":  {func(t *codetablev1.Table) { t.TimeZone = "Local" }, `TIME_ZONE time_zone "Local" differs from machine to machine`},
		"unknown status of unlisted codes": {
			func(t *codetablev1.Table) { t.UnrecognizedGrpcCode = new(codetablev1.GrpcCode(17)) },
			"GRPC_CODE unrecognized_grpc_code 17: want a failing gRPC code",
		},
		"help without host":              {func(t *codetablev1.Table) { t.HelpUrl = "https:/help" }, `HELP_URL help_url "https:/help"` + helpWant},
		"help is no URL":                 {func(t *codetablev1.Table) { t.HelpUrl = "https://%zz" }, `HELP_URL help_url "https://%zz"` + helpWant},
		"unknown placeholder, path":      {func(t *codetablev1.Table) { t.HelpUrl = "https://a.bc/{code}" }, `HELP_URL help_url "https://a.bc/{code}"` + helpWant},
		"unknown placeholder, query":     {func(t *codetablev1.Table) { t.HelpUrl = "https://a.bc/?c={Number}" }, `HELP_URL help_url "https://a.bc/?c={Number}"` + helpWant},
		"unknown placeholder, fragment":  {func(t *codetablev1.Table) { t.HelpUrl = "https://a.bc/{reason}#{}" }, `HELP_URL help_url "https://a.bc/{reason}#{}"` + helpWant},
		"locale that is no language tag": {func(t *codetablev1.Table) { t.DefaultUserMessages["not a tag"] = "x" }, `USER_MESSAGES default_user_messages: locale "not a tag": want a BCP 47 language tag`},
		"root locale":                    {func(t *codetablev1.Table) { t.DefaultUserMessages["und"] = "x" }, `USER_MESSAGES default_user_messages: locale "und": want a BCP 47 language tag`},
		"blank sentence":                 {func(t *codetablev1.Table) { t.DefaultUserMessages["en"] = " \n" }, `USER_MESSAGES default_user_messages: the sentence for locale "en" is empty`},
		"no default locale":              {func(t *codetablev1.Table) { t.DefaultLocale = "" }, "USER_MESSAGES default_locale is missing: readers of languages that the table lacks get no sentence"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options, code := testTable(), testCode()
			tt.change(options)
			code.UserMessages = nil // the code has the sentences of the table in any language
			rule, text, _ := strings.Cut(tt.want, " ")
			wantFaults(t, enumtest.File{Table: options, Values: []enumtest.Value{busy(code)}}, "CODETABLE_"+rule+" enum codetable.test.TestCode: "+text)
		})
	}
}

func TestFaultOfCode(t *testing.T) {
	t.Parallel()
	const success = "SUCCESS a success takes no fault, retry, detail or user_messages"
	never := &codetablev1.Retry{Action: codetablev1.RetryAction_RETRY_ACTION_NEVER}
	done := func(code *codetablev1.Code) func(*codetablev1.Code) {
		return func(c *codetablev1.Code) {
			c.GrpcCode, c.Fault, c.Retry, c.Detail, c.UserMessages = new(codetablev1.GrpcCode_GRPC_CODE_OK), code.GetFault(), code.GetRetry(), code.GetDetail(), code.GetUserMessages()
		}
	}
	tests := map[string]struct {
		change func(*codetablev1.Code)
		want   string
	}{
		"unknown status": {func(c *codetablev1.Code) { c.GrpcCode, c.Retry = new(codetablev1.GrpcCode(17)), never }, "GRPC_CODE grpc_code 17: want a code of gRPC"},
		"cancelled": {
			func(c *codetablev1.Code) {
				c.GrpcCode, c.Retry = new(codetablev1.GrpcCode_GRPC_CODE_CANCELLED), never
			},
			"GRPC_CODE grpc_code CANCELLED means that the caller cancelled the call, which an upstream can't know",
		},
		"success with retry":    {done(&codetablev1.Code{Retry: never}), success},
		"success with detail":   {done(&codetablev1.Code{Detail: &codetablev1.Detail{}}), success},
		"success with sentence": {done(&codetablev1.Code{UserMessages: map[string]string{"en": "Done."}}), success},
		"unknown fault":         {func(c *codetablev1.Code) { c.Fault = 99 }, "FAULT fault is missing"},
		"description instead of notes": {
			func(c *codetablev1.Code) { c.Notes = "" },
			`NOTES notes are missing: the message of the status is "busy"`,
		},
		"unknown detail":      {func(c *codetablev1.Code) { c.Detail.Type = 99 }, "DETAIL detail type 99 is not known"},
		"detail without type": {func(c *codetablev1.Code) { c.Detail.Type = 0 }, `DETAIL detail with subject "calls" has no type`},
		"subject is a value": {
			func(c *codetablev1.Code) { c.Detail.Subject = "+8613800138000" },
			`DETAIL detail subject "+8613800138000": want a name that matches ^[a-z][a-zA-Z0-9_.]*$, never a value`,
		},
		"locale that is no language tag": {
			func(c *codetablev1.Code) { c.UserMessages["en_US!"] = "x" },
			`USER_MESSAGES user_messages: locale "en_US!": want a BCP 47 language tag`,
		},
		"missing language": {
			func(c *codetablev1.Code) { c.UserMessages = map[string]string{"de": "Der Dienst ist belegt."} },
			`USER_MESSAGES user_messages: no sentence for locale "en", which default_user_messages has`,
		},
		"stated reason": {func(c *codetablev1.Code) { c.Reason = "Busy" }, `REASON reason "Busy": want a match of ^[A-Z][A-Z0-9_]+[A-Z0-9]$ (AIP-193)`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code := testCode()
			tt.change(code)
			wantFaultOfBusy(t, testTable(), code, tt.want)
		})
	}
}

// wantFaultOfBusy demands one fault of the code BUSY. want begins with the rule.
func wantFaultOfBusy(t *testing.T, options *codetablev1.Table, code *codetablev1.Code, want string) {
	t.Helper()
	rule, text, _ := strings.Cut(want, " ")
	wantFaults(t, enumtest.File{Table: options, Values: []enumtest.Value{busy(code)}}, "CODETABLE_"+rule+" value codetable.test.TEST_CODE_BUSY: "+text)
}

func TestFaultOfRetry(t *testing.T) {
	t.Parallel()
	const (
		notFound    = codetablev1.GrpcCode_GRPC_CODE_NOT_FOUND
		exhausted   = codetablev1.GrpcCode_GRPC_CODE_RESOURCE_EXHAUSTED
		unavailable = codetablev1.GrpcCode_GRPC_CODE_UNAVAILABLE

		never    = codetablev1.RetryAction_RETRY_ACTION_NEVER
		same     = codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST
		next     = codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW
		operator = codetablev1.RetryAction_RETRY_ACTION_OPERATOR_ACTION
		confirm  = codetablev1.RetryAction_RETRY_ACTION_CONFIRM_OUTCOME

		day = codetablev1.CalendarWindow_CALENDAR_WINDOW_DAY

		noWindow = "retry RETRY_ACTION_NEXT_WINDOW names no window: want CALENDAR_WINDOW_HOUR or CALENDAR_WINDOW_DAY"
	)
	second := &durationpb.Duration{Seconds: 1}
	tests := map[string]struct {
		code  codetablev1.GrpcCode
		retry *codetablev1.Retry
		want  string
	}{
		"missing":                    {exhausted, nil, "retry.action is missing"},
		"unknown":                    {exhausted, &codetablev1.Retry{Action: 99}, "retry.action is missing"},
		"window, no effect":          {notFound, within(next, day), "retry RETRY_ACTION_NEXT_WINDOW contradicts GRPC_CODE_NOT_FOUND: the same request would fail again"},
		"confirm outcome, no effect": {notFound, &codetablev1.Retry{Action: confirm}, "retry RETRY_ACTION_CONFIRM_OUTCOME contradicts GRPC_CODE_NOT_FOUND: a call that fails with it had no effect"},
		"never, unavailable":         {unavailable, &codetablev1.Retry{Action: never}, "retry RETRY_ACTION_NEVER contradicts GRPC_CODE_UNAVAILABLE: this code means that a retry may help"},
		"no window":                  {exhausted, &codetablev1.Retry{Action: next}, noWindow},
		"unknown window":             {exhausted, within(next, 99), noWindow},
		"window of same request":     {exhausted, within(same, day), "retry window CALENDAR_WINDOW_DAY needs RETRY_ACTION_NEXT_WINDOW, not RETRY_ACTION_SAME_REQUEST"},
		"window of confirm outcome":  {exhausted, within(confirm, day), "retry window CALENDAR_WINDOW_DAY needs RETRY_ACTION_NEXT_WINDOW, not RETRY_ACTION_CONFIRM_OUTCOME"},
		"no time":                    {exhausted, after(same, &durationpb.Duration{}), "retry delay 0s: want a time above 0"},
		"no time to confirm outcome": {exhausted, after(confirm, &durationpb.Duration{}), "retry delay 0s: want a time above 0"},
		"negative delay":             {exhausted, after(same, &durationpb.Duration{Seconds: -1}), "retry delay -1s: want a time above 0"},
		"invalid delay":              {exhausted, after(same, &durationpb.Duration{Seconds: 1, Nanos: -1}), "retry delay 999.999999ms: want a time above 0"},
		"delay of never":             {exhausted, after(never, second), "retry RETRY_ACTION_NEVER takes no delay"},
		"delay of operator":          {exhausted, after(operator, second), "retry RETRY_ACTION_OPERATOR_ACTION takes no delay"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code := testCode()
			code.GrpcCode, code.Retry = &tt.code, tt.retry
			wantFaultOfBusy(t, testTable(), code, "RETRY "+tt.want)
		})
	}
	t.Run("window without a time zone", func(t *testing.T) {
		t.Parallel()
		options, code := testTable(), testCode()
		options.TimeZone, code.Retry = "", within(next, day)
		wantFaultOfBusy(t, options, code, "RETRY retry RETRY_ACTION_NEXT_WINDOW needs the time_zone of the table")
	})
}

func TestFaultOfReason(t *testing.T) {
	t.Parallel()
	const (
		match  = ": want a match of ^[A-Z][A-Z0-9_]+[A-Z0-9]$ (AIP-193)"
		prefix = `does not begin with "TEST_CODE_": its reason is the whole name; rename it, or state the reason`
	)
	long := strings.Repeat("L", 64)
	for name, want := range map[string]string{
		"TEST_CODE_AB":                `reason "AB"` + match,
		"TEST_CODE_":                  `reason "TEST_CODE_"` + match,
		"TEST_CODE_" + long:           `reason "` + long + `" has 64 characters: want at most 63 (AIP-193)`,
		"BUSY":                        prefix,
		"TEST_CODEBUSY":               prefix,
		"TEST_CODE_UNRECOGNIZED_CODE": `reason "UNRECOGNIZED_CODE" is reserved for codes that the table does not list`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := enumtest.File{Table: testTable(), Values: []enumtest.Value{{Name: name, Number: 1, Code: testCode()}}}
			wantFaults(t, file, "CODETABLE_REASON value codetable.test."+name+": "+want)
		})
	}
	t.Run("one reason for two codes", func(t *testing.T) {
		t.Parallel()
		full := testCode()
		full.Reason = "BUSY"
		file := enumtest.File{Table: testTable(), Values: []enumtest.Value{busy(testCode()), {Name: "TEST_CODE_FULL", Number: 2, Code: full}}}
		wantFaults(t, file, `CODETABLE_REASON value codetable.test.TEST_CODE_FULL: reason "BUSY" is already used by TEST_CODE_BUSY`)
	})
}

func codesOf(domain string, reasons ...string) *codetablev1.MethodCodes {
	return &codetablev1.MethodCodes{Domain: domain, Reasons: reasons}
}

func TestFaultOfMethod(t *testing.T) {
	t.Parallel()
	const own, linked = "codes.example.com", "jverification.jiguang.cn"
	tests := map[string]struct {
		codes []*codetablev1.MethodCodes
		want  string // "" for no fault
	}{
		"no codes":                         {nil, ""},
		"known reasons":                    {[]*codetablev1.MethodCodes{codesOf(own, "DONE", "BUSY")}, ""},
		"reasons of a linked table":        {[]*codetablev1.MethodCodes{codesOf(linked, "QPS_LIMIT")}, ""},
		"unknown reason of a linked table": {[]*codetablev1.MethodCodes{codesOf(linked, "NOBODY_KNOWS")}, ""}, // a fault of the linked table
		"whole name of the value":          {[]*codetablev1.MethodCodes{codesOf(own, "TEST_CODE_BUSY")}, `domain "codes.example.com" has no reason "TEST_CODE_BUSY"`},
		"reason twice":                     {[]*codetablev1.MethodCodes{codesOf(own, "BUSY", "DONE", "BUSY")}, `reason "BUSY" is listed twice`},
		"no reason":                        {[]*codetablev1.MethodCodes{codesOf(own)}, `names no reason of domain "codes.example.com"`},
		"unknown domain after a known one": {[]*codetablev1.MethodCodes{codesOf(own, "BUSY"), codesOf("nobody.example.com", "BUSY")}, `no known table has domain "nobody.example.com"`},
		"no domain":                        {[]*codetablev1.MethodCodes{codesOf("", "BUSY")}, `no known table has domain ""`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want []string
			if tt.want != "" {
				want = []string{"CODETABLE_METHOD method codetable.test.TestService.Call: " + tt.want}
			}
			wantFaults(t, enumtest.File{
				Table: testTable(), Values: []enumtest.Value{
					{Name: "TEST_CODE_DONE", Number: 0, Code: &codetablev1.Code{GrpcCode: new(codetablev1.GrpcCode_GRPC_CODE_OK)}}, busy(testCode()),
				},
				Methods: []enumtest.Method{{Name: "Silent"}, {Name: "Call", Options: &codetablev1.Method{Codes: tt.codes}}},
			}, want...)
		})
	}
}

func TestNoFault(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*codetablev1.Table, *enumtest.Value){
		"nothing changed": func(*codetablev1.Table, *enumtest.Value) {},
		"stated reason": func(_ *codetablev1.Table, v *enumtest.Value) {
			v.Name, v.Code.Reason = "BUSY", "CALLS_EXCEEDED"
		},
		"placeholders": func(t *codetablev1.Table, _ *enumtest.Value) {
			t.HelpUrl = "https://codes.example.com/{reason}?n={number}#{reason}"
		},
		"no detail":         func(_ *codetablev1.Table, v *enumtest.Value) { v.Code.Detail = nil },
		"neutral sentences": func(_ *codetablev1.Table, v *enumtest.Value) { v.Code.UserMessages = nil },
		"no sentences at all": func(t *codetablev1.Table, v *enumtest.Value) {
			t.DefaultLocale, t.DefaultUserMessages, v.Code.UserMessages = "", nil, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options, value := testTable(), busy(testCode())
			change(options, &value)
			wantFaults(t, enumtest.File{Table: options, Values: []enumtest.Value{value}})
		})
	}
}

func TestEnumWithoutOptions(t *testing.T) {
	t.Parallel()
	wantFaults(t, enumtest.File{Values: []enumtest.Value{{Name: "TEST_CODE_ZERO", Number: 0}, {Name: "TEST_CODE_ONE", Number: 1}}},
		"CODETABLE_OPTIONS enum codetable.test.TestCode: option (codetable.v1.table) is missing",
		"CODETABLE_OPTIONS value codetable.test.TEST_CODE_ZERO: option (codetable.v1.code) is missing",
		"CODETABLE_OPTIONS value codetable.test.TEST_CODE_ONE: option (codetable.v1.code) is missing")
}

// The outcome of a call can be unknown after each of these gRPC codes.
func TestNoFaultOfConfirmOutcome(t *testing.T) {
	t.Parallel()
	for _, c := range []codetablev1.GrpcCode{
		codetablev1.GrpcCode_GRPC_CODE_UNKNOWN, codetablev1.GrpcCode_GRPC_CODE_DEADLINE_EXCEEDED, codetablev1.GrpcCode_GRPC_CODE_ABORTED,
		codetablev1.GrpcCode_GRPC_CODE_INTERNAL, codetablev1.GrpcCode_GRPC_CODE_UNAVAILABLE,
	} {
		for _, retry := range []*codetablev1.Retry{
			{Action: codetablev1.RetryAction_RETRY_ACTION_CONFIRM_OUTCOME},
			after(codetablev1.RetryAction_RETRY_ACTION_CONFIRM_OUTCOME, &durationpb.Duration{Seconds: 30}),
		} {
			code := testCode()
			code.GrpcCode, code.Retry = &c, retry
			wantFaults(t, enumtest.File{Table: testTable(), Values: []enumtest.Value{busy(code)}})
		}
	}
}

// A table that has sentences only for single codes needs a default locale too.
func TestDefaultLocaleWithoutNeutralSentences(t *testing.T) {
	t.Parallel()
	options := testTable()
	options.DefaultLocale, options.DefaultUserMessages = "", nil
	wantFaults(t, enumtest.File{Table: options, Values: []enumtest.Value{busy(testCode())}},
		"CODETABLE_USER_MESSAGES enum codetable.test.TestCode: default_locale is missing: readers of languages that the table lacks get no sentence")
}
