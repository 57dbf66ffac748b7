package tablediff_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/reflect/protoreflect"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/internal/enumtest"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/tablediff"
)

func enumIn(pkg, domain string, change func(*enumtest.File)) func(testing.TB) protoreflect.EnumDescriptor {
	return func(tb testing.TB) protoreflect.EnumDescriptor {
		tb.Helper()
		file := testFile()
		file.Package, file.Table.Domain = pkg, domain
		file.Methods = []enumtest.Method{{Name: "Call", Options: declares(domain, "DONE", "BUSY")}}
		if change != nil {
			change(&file)
		}
		return file.Build(tb)
	}
}

func setOfEnums(tb testing.TB, enums ...func(testing.TB) protoreflect.EnumDescriptor) *table.Set {
	tb.Helper()
	var built []protoreflect.EnumDescriptor
	for _, enum := range enums {
		built = append(built, enum(tb))
	}
	return setOf(tb, built...)
}

func nameOf(desc protoreflect.Descriptor) string {
	if desc == nil {
		return "-"
	}
	return string(desc.FullName())
}

// located returns for each change its rule and the descriptors of both versions.
func located(tables []tablediff.TableChanges) (list []string) {
	for _, t := range tables {
		for _, c := range t.Changes {
			list = append(list, fmt.Sprintf("%s %s -> %s", c.Rule.ID, nameOf(c.Before), nameOf(c.After)))
		}
	}
	return list
}

// Each case produces a change of each rule that it names. The descriptors are in
// both versions what the change is about, or else the enum.
var ruleCases = map[string]struct {
	change func(*enumtest.File)
	want   []string
}{
	"nothing": {nil, nil},
	"domain": {func(f *enumtest.File) {
		f.Table.Domain, f.Methods[0].Options.Codes[0].Domain = "new.example.com", "new.example.com"
	}, []string{"CODETABLE_BREAKING_DOMAIN p.TestCode -> p.TestCode"}},
	"code removed": {func(f *enumtest.File) { f.Values = f.Values[:3] }, []string{"CODETABLE_BREAKING_CODE_REMOVED p.TEST_CODE_DAILY -> p.TestCode"}},
	"code renumbered": {func(f *enumtest.File) { f.Values[3].Number = -4 }, []string{
		"CODETABLE_BREAKING_CODE_RENUMBERED p.TEST_CODE_DAILY -> p.TEST_CODE_DAILY",
	}},
	"code added": {func(f *enumtest.File) {
		f.Values = append(f.Values, enumtest.Value{Name: "TEST_CODE_NEW", Number: 99})
	}, []string{"CODETABLE_BEHAVIOUR_CODE_ADDED p.TestCode -> p.TEST_CODE_NEW"}},
	"reason":        {func(f *enumtest.File) { f.Values[3].Code.Reason = "PER_DAY" }, []string{"CODETABLE_BREAKING_REASON p.TEST_CODE_DAILY -> p.TEST_CODE_DAILY"}},
	"alias removed": {func(f *enumtest.File) { f.Values = slices.Delete(f.Values, 2, 3) }, []string{"CODETABLE_BREAKING_REASON p.TEST_CODE_BUSY -> p.TEST_CODE_BUSY"}},
	"alias added": {func(f *enumtest.File) {
		f.Values = append(f.Values, enumtest.Value{Name: "TEST_CODE_EVERY_DAY", Number: -3})
	}, []string{"CODETABLE_BEHAVIOUR_REASON p.TestCode -> p.TEST_CODE_DAILY"}},
	"status":       {func(f *enumtest.File) { f.Values[3].Code.GrpcCode = new(codetablev1.GrpcCode_GRPC_CODE_ABORTED) }, []string{"CODETABLE_BREAKING_GRPC_CODE p.TEST_CODE_DAILY -> p.TEST_CODE_DAILY"}},
	"public fault": {func(f *enumtest.File) { f.Values[3].Code.Fault = codetablev1.Fault_FAULT_CALLER }, []string{"CODETABLE_BREAKING_FAULT p.TEST_CODE_DAILY -> p.TEST_CODE_DAILY"}},
	"hidden fault": {func(f *enumtest.File) { f.Values[1].Code.Fault = codetablev1.Fault_FAULT_OPERATOR }, []string{"CODETABLE_BEHAVIOUR_FAULT p.TEST_CODE_BUSY -> p.TEST_CODE_BUSY"}},
	"may be sent": {func(f *enumtest.File) {
		f.Values[1].Code.Retry.Action = codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST
	}, []string{"CODETABLE_BREAKING_RETRY p.TEST_CODE_BUSY -> p.TEST_CODE_BUSY"}},
	"not be sent":   {func(f *enumtest.File) { f.Values[1].Code.Retry = nil }, []string{"CODETABLE_BEHAVIOUR_RETRY p.TEST_CODE_BUSY -> p.TEST_CODE_BUSY", "CODETABLE_BEHAVIOUR_RETRY p.TEST_CODE_BUSY -> p.TEST_CODE_BUSY"}},
	"detail":        {func(f *enumtest.File) { f.Values[1].Code.Detail = nil }, []string{"CODETABLE_BEHAVIOUR_DETAIL p.TEST_CODE_BUSY -> p.TEST_CODE_BUSY"}},
	"code dropped":  {func(f *enumtest.File) { f.Methods[0].Options = declares("t.example.com", "DONE") }, []string{"CODETABLE_BREAKING_METHOD p.TestService.Call -> p.TestService.Call"}},
	"no contract":   {func(f *enumtest.File) { f.Methods = nil }, []string{"CODETABLE_BREAKING_METHOD p.TestService.Call -> p.TestCode"}},
	"code declared": {func(f *enumtest.File) { f.Methods[0].Options = declares("t.example.com", "DONE", "BUSY", "DAILY") }, []string{"CODETABLE_BEHAVIOUR_METHOD p.TestService.Call -> p.TestService.Call"}},
	"time zone":     {func(f *enumtest.File) { f.Table.TimeZone = "UTC" }, []string{"CODETABLE_BEHAVIOUR_TABLE p.TestCode -> p.TestCode"}},
	"notes":         {func(f *enumtest.File) { f.Values[1].Code.Notes = "" }, []string{"CODETABLE_TEXT_DEVELOPERS p.TEST_CODE_BUSY -> p.TEST_CODE_BUSY"}},
	"sentence":      {func(f *enumtest.File) { f.Values[1].Code.UserMessages["en"] = "Full." }, []string{"CODETABLE_TEXT_USER_MESSAGES p.TEST_CODE_BUSY -> p.TEST_CODE_BUSY"}},
}

func TestCompareSets(t *testing.T) {
	t.Parallel()
	for name, tt := range ruleCases {
		tables := tablediff.CompareSets(setOfEnums(t, enumIn("p", "t.example.com", nil)), setOfEnums(t, enumIn("p", "t.example.com", tt.change)))
		if diff := gocmp.Diff(tt.want, located(tables)); diff != "" || len(tables) != 1 {
			t.Errorf("%s: %d tables (-want +got):\n%s", name, len(tables), diff)
		}
	}
}

// Tables are matched by the name of the enum, or else by domain.
func TestCompareSetsMatchesTables(t *testing.T) {
	t.Parallel()
	texts := func(f *enumtest.File) { f.Values[1].Code.Notes = "Changed" }
	before := setOfEnums(t, enumIn("gone", "gone.example.com", nil), enumIn("same", "same.example.com", nil),
		enumIn("old", "moved.example.com", nil), enumIn("first", "x.example.com", nil), enumIn("second", "y.example.com", nil))
	after := setOfEnums(t, enumIn("same", "same.example.com", texts), enumIn("fresh", "moved.example.com", texts),
		enumIn("added", "added.example.com", nil), enumIn("first", "y.example.com", nil), enumIn("second", "x.example.com", nil))
	want := []string{
		"CODETABLE_BREAKING_TABLE gone.TestCode -> -",
		"CODETABLE_TEXT_DEVELOPERS old.TEST_CODE_BUSY -> fresh.TEST_CODE_BUSY",
		"CODETABLE_TEXT_DEVELOPERS same.TEST_CODE_BUSY -> same.TEST_CODE_BUSY",
		"CODETABLE_BREAKING_DOMAIN first.TestCode -> first.TestCode", // the two enums have swapped their domains
		"CODETABLE_BREAKING_DOMAIN second.TestCode -> second.TestCode",
		"CODETABLE_BEHAVIOUR_TABLE_ADDED - -> added.TestCode",
	}
	got := located(tablediff.CompareSets(before, after))
	got = slices.DeleteFunc(got, func(line string) bool { return strings.Contains(line, "METHOD") }) // the methods have moved too
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestEveryRuleHasACase(t *testing.T) {
	t.Parallel()
	got := []string{"CODETABLE_BREAKING_TABLE", "CODETABLE_BEHAVIOUR_TABLE_ADDED"} // a test of their own
	for _, tt := range ruleCases {
		for _, line := range tt.want {
			id, _, _ := strings.Cut(line, " ")
			got = append(got, id)
		}
	}
	slices.Sort(got)
	var want []string
	for _, rule := range tablediff.Rules() {
		want = append(want, rule.ID)
		if !strings.HasPrefix(rule.ID, "CODETABLE_"+strings.ToUpper(rule.Class.String())+"_") || !strings.HasSuffix(rule.Purpose, ".") {
			t.Errorf("rule %+v, want its class in the ID and a sentence", rule)
		}
	}
	slices.Sort(want)
	if diff := gocmp.Diff(want, slices.Compact(got)); diff != "" {
		t.Errorf("rules (-want +with a case):\n%s", diff)
	}
}
