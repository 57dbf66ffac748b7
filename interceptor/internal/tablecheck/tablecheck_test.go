package tablecheck_test

import (
	"slices"
	"strings"
	"testing"
	_ "time/tzdata" // for machines without time zones

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	_ "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1" // a table without a fault
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/tablecheck"
)

// pay is a module without a fault, as text descriptors. Each test case replaces
// one part of it.
const pay = `file {
  name: "pay.proto" package: "pay" syntax: "proto3"
  enum_type {
    name: "PayCode"
    options { allow_alias: true [codetable.v1.table] {
      domain: "pay.example.com" time_zone: "Asia/Shanghai" help_url: "https://pay.example.com/{reason}" default_locale: "en"
      default_user_messages { key: "en" value: "Please try again later." }
    } }
    value { name: "PAY_CODE_PAID" number: 0 options { [codetable.v1.code] { grpc_code: GRPC_CODE_OK } } }
    value { name: "PAY_CODE_EXPIRED" number: 31 options { [codetable.v1.code] {
      grpc_code: GRPC_CODE_FAILED_PRECONDITION notes: "The card has expired" fault: FAULT_END_USER
      retry { action: RETRY_ACTION_NEW_INPUT } detail { type: DETAIL_TYPE_PRECONDITION_FAILURE subject: "card" }
      user_messages { key: "en" value: "Your card has expired." }
    } } }
    value { name: "PAY_CODE_OLD_NAME" number: 31 }
  }
  message_type {
    name: "Reply"
    field { name: "code" number: 1 type: TYPE_ENUM type_name: ".pay.PayCode" label: LABEL_OPTIONAL oneof_index: 1 proto3_optional: true }
    field { name: "all" number: 2 type: TYPE_ENUM type_name: ".pay.PayCode" label: LABEL_REPEATED }
    field { name: "one" number: 3 type: TYPE_ENUM type_name: ".pay.PayCode" label: LABEL_OPTIONAL oneof_index: 0 }
    field { name: "by_id" number: 4 type: TYPE_MESSAGE type_name: ".pay.Reply.ByIdEntry" label: LABEL_REPEATED }
    field { name: "other" number: 5 type: TYPE_ENUM type_name: ".pay.Other" label: LABEL_OPTIONAL }
    oneof_decl { name: "choice" }
    oneof_decl { name: "_code" }
    nested_type {
      name: "ByIdEntry" options { map_entry: true }
      field { name: "key" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
      field { name: "value" number: 2 type: TYPE_ENUM type_name: ".pay.PayCode" label: LABEL_OPTIONAL }
    }
  }
  enum_type { name: "Other" value { name: "OTHER_UNSPECIFIED" number: 0 } }
  service {
    name: "PayService"
    method { name: "Pay" input_type: ".pay.Reply" output_type: ".pay.Reply"
      options { [codetable.v1.method] { codes { domain: "pay.example.com" reasons: "PAID" reasons: "EXPIRED" } } } }
  }
}`

func load(tb testing.TB, text string) (*table.Set, []protoreflect.FileDescriptor) {
	tb.Helper()
	var descriptors descriptorpb.FileDescriptorSet
	if err := prototext.Unmarshal([]byte(text), &descriptors); err != nil {
		tb.Fatal(err)
	}
	files, err := protodesc.NewFiles(&descriptors)
	if err != nil {
		tb.Fatal(err)
	}
	set, err := table.NewSet(files)
	if err != nil {
		tb.Fatal(err)
	}
	var own []protoreflect.FileDescriptor
	for _, file := range descriptors.GetFile() {
		desc, err := files.FindFileByPath(file.GetName())
		if err != nil {
			tb.Fatal(err)
		}
		own = append(own, desc)
	}
	return set, own
}

func lines(faults []*tablecheck.Fault) (list []string) {
	for _, fault := range faults {
		list = append(list, fault.Rule.ID+" "+fault.Error())
	}
	return list
}

// Each case makes one fault of one rule.
var cases = map[string]struct {
	old, new string
	want     string
}{
	"table option missing": {`name: "OTHER_UNSPECIFIED" number: 0`, `name: "OTHER_UNSPECIFIED" number: 0 options { [codetable.v1.code] { grpc_code: GRPC_CODE_OK } }`, `CODETABLE_OPTIONS enum pay.Other: option (codetable.v1.table) is missing`},
	"code option missing":  {`options { [codetable.v1.code] { grpc_code: GRPC_CODE_OK } }`, ``, `CODETABLE_OPTIONS value pay.PAY_CODE_PAID: option (codetable.v1.code) is missing`},
	"domain":               {`domain: "pay.example.com"`, `domain: "Pay"`, `CODETABLE_DOMAIN enum pay.PayCode: domain "Pay": want a lower-case DNS name of at most 253 characters`},
	"time zone":            {`Asia/Shanghai`, `Mars/\033[31mOlympus`, `CODETABLE_TIME_ZONE enum pay.PayCode: time_zone "Mars/\x1b[31mOlympus": unknown time zone Mars/ [31mOlympus (a program can embed the zones with a blank import of time/tzdata)`},
	"help link":            {`https://pay`, `http://pay`, `CODETABLE_HELP_URL enum pay.PayCode: help_url "http://pay.example.com/{reason}": want an absolute https URL, with no placeholder but {reason} and {number}`},
	"default locale":       {`default_locale: "en"`, `default_locale: "de"`, `CODETABLE_USER_MESSAGES enum pay.PayCode: default_locale "de": default_user_messages has no sentence for it`},
	"empty sentence":       {`"Your card has expired."`, `" "`, `CODETABLE_USER_MESSAGES value pay.PAY_CODE_EXPIRED: user_messages: the sentence for locale "en" is empty`},
	"reason":               {`PAY_CODE_OLD_NAME`, `PAY_CODE_old`, `CODETABLE_REASON value pay.PAY_CODE_old: reason "old": want a match of ^[A-Z][A-Z0-9_]+[A-Z0-9]$ (AIP-193)`},
	"unlisted succeed":     {`time_zone`, `unrecognized_grpc_code: GRPC_CODE_OK time_zone`, `CODETABLE_GRPC_CODE enum pay.PayCode: unrecognized_grpc_code GRPC_CODE_OK: want a failing gRPC code`},
	"no status":            {`grpc_code: GRPC_CODE_FAILED_PRECONDITION`, ``, `CODETABLE_GRPC_CODE value pay.PAY_CODE_EXPIRED: grpc_code is missing: the code is sent as UNKNOWN`},
	"success with advice":  {`grpc_code: GRPC_CODE_OK`, `grpc_code: GRPC_CODE_OK fault: FAULT_CALLER`, `CODETABLE_SUCCESS value pay.PAY_CODE_PAID: a success takes no fault, retry, detail or user_messages`},
	"fault":                {`fault: FAULT_END_USER`, ``, `CODETABLE_FAULT value pay.PAY_CODE_EXPIRED: fault is missing`},
	"notes":                {`notes: "The card has expired"`, ``, `CODETABLE_NOTES value pay.PAY_CODE_EXPIRED: notes are missing: the message of the status is "EXPIRED"`},
	"retry":                {`RETRY_ACTION_NEW_INPUT`, `RETRY_ACTION_SAME_REQUEST`, `CODETABLE_RETRY value pay.PAY_CODE_EXPIRED: retry RETRY_ACTION_SAME_REQUEST contradicts GRPC_CODE_FAILED_PRECONDITION: the same request would fail again`},
	"detail":               {`subject: "card"`, ``, `CODETABLE_DETAIL value pay.PAY_CODE_EXPIRED: detail DETAIL_TYPE_PRECONDITION_FAILURE has no subject`},
	"unknown reason":       {`reasons: "PAID"`, `reasons: "NOBODY_KNOWS"`, `CODETABLE_METHOD method pay.PayService.Pay: domain "pay.example.com" has no reason "NOBODY_KNOWS"`},
	"unknown domain":       {`domain: "pay.example.com" reasons`, `domain: "nobody.example.com" reasons`, `CODETABLE_METHOD method pay.PayService.Pay: no known table has domain "nobody.example.com"`},
	"domain of linked":     {`domain: "pay.example.com" reasons: "PAID" reasons: "EXPIRED"`, `domain: "jverification.jiguang.cn" reasons: "SUCCESS"`, `CODETABLE_METHOD method pay.PayService.Pay: no known table has domain "jverification.jiguang.cn"`},
	"field without presence": {
		`label: LABEL_OPTIONAL oneof_index: 0 }`, `label: LABEL_OPTIONAL } field { name: "unused" number: 9 type: TYPE_BOOL label: LABEL_OPTIONAL oneof_index: 0 }`,
		`CODETABLE_FIELD_PRESENCE field pay.Reply.one: has no presence: an unset field reads as PAY_CODE_PAID; declare it optional, or with EXPLICIT presence in an edition`,
	},
}

func TestFiles(t *testing.T) {
	t.Parallel()
	set, own := load(t, pay)
	if faults := tablecheck.Files(set, own, []string{"en", "EN"}); len(faults) != 0 {
		t.Errorf("faults of a module without a fault:\n%s", strings.Join(lines(faults), "\n"))
	}
	for name, tt := range cases {
		text := strings.ReplaceAll(pay, tt.old, tt.new)
		if text == pay {
			t.Fatalf("%s: the module has no %q", name, tt.old)
		}
		set, own := load(t, text)
		if got := lines(tablecheck.Files(set, own, nil)); !slices.Equal(got, []string{tt.want}) {
			t.Errorf("%s: got\n%s\nwant one fault:\n%s", name, strings.Join(got, "\n"), tt.want)
		}
	}
}

// Enum reports the same faults as Files, without the optional rules and without
// those of other enums and methods.
func TestEnum(t *testing.T) {
	t.Parallel()
	for name, tt := range cases {
		set, own := load(t, strings.ReplaceAll(pay, tt.old, tt.new))
		want := lines(slices.DeleteFunc(tablecheck.Files(set, own, nil), func(f *tablecheck.Fault) bool {
			return f.Rule.Optional || f.Descriptor.Name() == "Other"
		}))
		if diff := gocmp.Diff(want, lines(tablecheck.Enum(set, own[0].Enums().Get(0)))); diff != "" {
			t.Errorf("%s (-Files +Enum):\n%s", name, diff)
		}
	}
}

func TestEveryRuleHasACase(t *testing.T) {
	t.Parallel()
	var got []string
	for _, tt := range cases {
		id, _, _ := strings.Cut(tt.want, " ")
		got = append(got, id)
	}
	got = append(got, "CODETABLE_OPEN_ENUM", "CODETABLE_REQUIRED_LOCALES") // tests of their own
	slices.Sort(got)
	var want []string
	for _, rule := range tablecheck.Rules() {
		want = append(want, rule.ID)
		if !strings.HasPrefix(rule.ID, "CODETABLE_") || !strings.HasSuffix(rule.Purpose, ".") {
			t.Errorf("rule %+v, want a sentence", rule)
		}
	}
	slices.Sort(want)
	if diff := gocmp.Diff(want, slices.Compact(got)); diff != "" {
		t.Errorf("rules (-want +with a case):\n%s", diff)
	}
}

func TestOpenEnum(t *testing.T) {
	t.Parallel()
	const text = `file { name: "a.proto" package: "a" message_type { name: "M" enum_type {
		name: "ACode" options { FEATURES [codetable.v1.table] { domain: "a.example.com" } }
		value { name: "A_CODE_DONE" number: 0 options { [codetable.v1.code] { grpc_code: GRPC_CODE_OK } } }
	} } SYNTAX }`
	for name, tt := range map[string]struct {
		syntax, features string
		closed           bool
	}{
		"proto2":           {`syntax: "proto2"`, ``, true},
		"proto3":           {`syntax: "proto3"`, ``, false},
		"edition":          {`syntax: "editions" edition: EDITION_2023`, ``, false},
		"edition, closed":  {`syntax: "editions" edition: EDITION_2023`, `features { enum_type: CLOSED }`, true},
		"edition, by file": {`syntax: "editions" edition: EDITION_2023 options { features { enum_type: CLOSED } }`, ``, true},
	} {
		set, own := load(t, strings.NewReplacer("SYNTAX", tt.syntax, "FEATURES", tt.features).Replace(text))
		var want []string
		if tt.closed {
			want = []string{"CODETABLE_OPEN_ENUM enum a.M.ACode: is closed: a reader loses numbers that it does not list; declare it in proto3, or as OPEN in an edition"}
		}
		if diff := gocmp.Diff(want, lines(tablecheck.Files(set, own, nil))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestPresenceInEditions(t *testing.T) {
	t.Parallel()
	const text = `file { name: "a.proto" package: "a" syntax: "editions" edition: EDITION_2023
		enum_type {
			name: "ACode" options { [codetable.v1.table] { domain: "a.example.com" } }
			value { name: "A_CODE_DONE" number: 0 options { [codetable.v1.code] { grpc_code: GRPC_CODE_OK } } }
		}
		message_type { name: "M"
			field { name: "explicit" number: 1 type: TYPE_ENUM type_name: ".a.ACode" label: LABEL_OPTIONAL }
			field { name: "implicit" number: 2 type: TYPE_ENUM type_name: ".a.ACode" label: LABEL_OPTIONAL options { features { field_presence: IMPLICIT } } }
		}
	}`
	set, own := load(t, text)
	faults := tablecheck.Files(set, own, nil)
	if len(faults) != 1 || faults[0].Descriptor.FullName() != "a.M.implicit" {
		t.Errorf("faults %v, want one of a.M.implicit", lines(faults))
	}
}

// The neutral sentence of the table counts for a code without one of its own.
func TestRequiredLocales(t *testing.T) {
	t.Parallel()
	const missing = `no sentence for locale "zh-CN", which is required`
	neutral := `default_user_messages { key: "zh-cn" value: "请稍后再试。" } default_user_messages`
	for name, tt := range map[string]struct {
		old, new string
		want     []string
	}{
		"none": {"", "", []string{
			"CODETABLE_REQUIRED_LOCALES enum pay.PayCode: default_user_messages: " + missing,
			"CODETABLE_REQUIRED_LOCALES value pay.PAY_CODE_EXPIRED: user_messages: " + missing,
		}},
		"code alone": {`user_messages { key: "en" value: "Your`, `user_messages { key: "zh-CN" value: "过期" } user_messages { key: "en" value: "Your`, []string{
			"CODETABLE_REQUIRED_LOCALES enum pay.PayCode: default_user_messages: " + missing,
		}},
		"table alone": {`default_user_messages`, neutral, []string{
			`CODETABLE_USER_MESSAGES value pay.PAY_CODE_EXPIRED: user_messages: no sentence for locale "zh-cn", which default_user_messages has`,
		}},
	} {
		set, own := load(t, strings.Replace(pay, tt.old, tt.new, 1))
		if diff := gocmp.Diff(tt.want, lines(tablecheck.Files(set, own, []string{"en", "zh-CN"}))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// The files of the program itself have no fault, not even of an optional rule.
func TestLinkedFiles(t *testing.T) {
	t.Parallel()
	var own []protoreflect.FileDescriptor
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		own = append(own, file)
		return true
	})
	if faults := tablecheck.Files(table.Linked, own, []string{"en", "zh-CN"}); len(faults) != 0 {
		t.Errorf("faults:\n%s", strings.Join(lines(faults), "\n"))
	}
	if len(table.Linked.Tables()) == 0 {
		t.Error("the test links no table")
	}
}

// Enums with one domain do not multiply the faults.
func TestSharedDomain(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	const enums = 50
	for i := range enums {
		name := string(rune('a'+i/26)) + string(rune('a'+i%26))
		text.WriteString(`file { name: "` + name + `.proto" package: "` + name + `" syntax: "proto3" enum_type { name: "ACode"
			options { [codetable.v1.table] { domain: "one.example.com" } }
			value { name: "A_CODE_DONE" number: 0 options { [codetable.v1.code] { grpc_code: GRPC_CODE_OK } } } } }` + "\n")
	}
	set, own := load(t, text.String())
	faults := lines(tablecheck.Files(set, own, nil))
	if len(faults) != enums || !strings.HasSuffix(faults[0], "by enum ab.ACode") || !strings.HasSuffix(faults[enums-1], "by enum aa.ACode") {
		t.Errorf("%d faults, want one for each enum: %q", len(faults), faults)
	}
}
