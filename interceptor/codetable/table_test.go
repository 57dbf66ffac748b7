package codetable_test

import (
	"cmp"
	"encoding/csv"
	"maps"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"weak"

	gocmp "github.com/google/go-cmp/cmp"
	rpccode "google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/codetable/codetabletest"
)

const tableData = "../../proto/jiguang/jverification/v1/testdata/"

// row is one code with the values of response_codes.csv.
type row struct {
	Number, Description, Notes, Name, GRPCCode, Fault, Action, After, Detail, Subject string
}

func readRows(t *testing.T) map[string]row {
	t.Helper()
	f, err := os.Open(tableData + "response_codes.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	header := []string{"number", "description", "notes", "name", "grpc_code", "fault", "retry_action", "retry_after", "detail", "detail_subject"}
	if diff := gocmp.Diff(header, records[0]); diff != "" {
		t.Fatalf("columns (-want +got):\n%s", diff)
	}
	rows := map[string]row{}
	for _, r := range records[1:] {
		rows[r[0]] = row{r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9]}
	}
	if len(rows) != len(records)-1 {
		t.Fatalf("the file repeats a number: %d rows, %d numbers", len(records)-1, len(rows))
	}
	return rows
}

func rowOf(code responseCode, spec codetable.Spec) row {
	detail, subject := spec.Detail()
	return row{
		Number:      strconv.Itoa(int(spec.Number())),
		Description: spec.Description(),
		Notes:       spec.Notes(),
		Name:        strings.TrimPrefix(code.String(), "RESPONSE_CODE_"),
		GRPCCode:    rpccode.Code(spec.GRPCCode()).String(),
		Fault:       short(spec.Fault().String(), "FAULT_"),
		Action:      short(spec.Retry().Action.String(), "RETRY_ACTION_"),
		After:       after(spec.Retry()),
		Detail:      detailMessages[detail],
		Subject:     subject,
	}
}

// short returns a name without its prefix, and "" for the unspecified value.
func short(name, prefix string) string {
	name = strings.TrimPrefix(name, prefix)
	if name == "UNSPECIFIED" {
		return ""
	}
	return name
}

func after(retry codetable.Retry) string {
	delay := ""
	if retry.Delay != 0 {
		delay = retry.Delay.String()
	}
	return cmp.Or(delay, short(retry.Window.String(), "CALENDAR_WINDOW_"))
}

var detailMessages = map[codetablev1.DetailType]string{
	codetablev1.DetailType_DETAIL_TYPE_UNSPECIFIED:          "",
	codetablev1.DetailType_DETAIL_TYPE_BAD_REQUEST:          "BadRequest",
	codetablev1.DetailType_DETAIL_TYPE_PRECONDITION_FAILURE: "PreconditionFailure",
	codetablev1.DetailType_DETAIL_TYPE_QUOTA_FAILURE:        "QuotaFailure",
	codetablev1.DetailType_DETAIL_TYPE_RESOURCE_INFO:        "ResourceInfo",
}

func TestTableEqualsPublishedOne(t *testing.T) {
	t.Parallel()
	want := readRows(t)
	got := map[string]row{}
	for code, spec := range codetable.All[responseCode]() {
		got[strconv.Itoa(int(code))] = rowOf(code, spec)
	}
	// The maps are compared in both directions: an additional code fails too.
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("the enum differs from response_codes.csv (-file +enum):\n%s", diff)
	}
	if len(got) != 49 {
		t.Errorf("got %d codes, want the 49 published ones", len(got))
	}
}

func TestLookupAgreesWithAll(t *testing.T) {
	t.Parallel()
	var numbers []int32
	for code, spec := range codetable.All[responseCode]() {
		numbers = append(numbers, int32(code))
		got, listed := codetable.Lookup(code)
		if got != spec || !listed || !spec.Listed() {
			t.Errorf("Lookup(%v) = %v, %t; All has %v", code, got, listed, spec)
		}
		byDescriptor, listed := codetable.LookupDescriptor(code.Descriptor(), code.Number())
		if byDescriptor != spec || !listed {
			t.Errorf("LookupDescriptor(%v) = %v, %t; All has %v", code, byDescriptor, listed, spec)
		}
		if spec.Number() != int32(code) || spec.Domain() != domain || "RESPONSE_CODE_"+spec.Reason() != code.String() {
			t.Errorf("%v: number %d, domain %q, reason %q", code, spec.Number(), spec.Domain(), spec.Reason())
		}
	}
	if !slices.IsSorted(numbers) {
		t.Errorf("All is not in number order: %v", numbers)
	}
}

func TestAllStops(t *testing.T) {
	t.Parallel()
	seen := 0
	for range codetable.All[responseCode]() {
		seen++
		if seen == 3 {
			break
		}
	}
	if seen != 3 {
		t.Errorf("went through %d codes, want 3", seen)
	}
}

func TestLookupOfUnlistedCode(t *testing.T) {
	t.Parallel()
	for _, code := range []responseCode{unlisted, -1, 1 << 30, -1 << 31, 1<<31 - 1} {
		spec, listed := codetable.Lookup(code)
		if listed || spec.Listed() {
			t.Errorf("Lookup(%d) reports that the code is listed", code)
		}
		if spec.Number() != int32(code) || spec.Reason() != "UNRECOGNIZED_CODE" || spec.GRPCCode() != codes.Unknown || spec.Domain() != domain {
			t.Errorf("Lookup(%d) = %d %q %v %q", code, spec.Number(), spec.Reason(), spec.GRPCCode(), spec.Domain())
		}
		if spec.Retry() != (codetable.Retry{}) || spec.Fault() != codetablev1.Fault_FAULT_UNSPECIFIED {
			t.Errorf("Lookup(%d): retry %v, fault %v, want none", code, spec.Retry(), spec.Fault())
		}
	}
}

func TestZeroSpec(t *testing.T) {
	t.Parallel()
	var spec codetable.Spec
	text, locale := spec.UserMessage("en")
	detail, subject := spec.Detail()
	got := []any{
		spec.Number(), spec.Reason(), spec.Domain(), spec.Listed(), spec.GRPCCode(), spec.Description(), spec.Notes(), spec.HelpURL(),
		spec.Fault(), spec.Retry(), detail, subject, len(spec.Locales()), text, locale,
	}
	want := []any{
		int32(0), "", "", false, codes.Unknown, "", "", "",
		codetablev1.Fault_FAULT_UNSPECIFIED,
		codetable.Retry{},
		codetablev1.DetailType_DETAIL_TYPE_UNSPECIFIED, "", 0, "", "",
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("zero Spec (-want +got):\n%s", diff)
	}
	if err := asError(t, spec.NewError()); err.GRPCStatus().Code() != codes.Unknown || err.GRPCStatus().Message() == "" {
		t.Errorf("status of the zero Spec is %v, want Unknown with a message", err.GRPCStatus())
	}
}

func TestHelpURL(t *testing.T) {
	t.Parallel()
	table := testTable()
	table.HelpUrl = "https://example.com/{reason}/{number}"
	desc := newEnum(t, table, value("TEST_CODE_BUSY", 1, testCode()))
	for number, want := range map[protoreflect.EnumNumber]string{
		1: "https://example.com/BUSY/1", -7: "https://example.com/UNRECOGNIZED_CODE/-7",
	} {
		if spec, _ := codetable.LookupDescriptor(desc, number); spec.HelpURL() != want {
			t.Errorf("%d: %q, want %q", number, spec.HelpURL(), want)
		}
	}
}

// The reason in the option replaces the name everywhere.
func TestStatedReason(t *testing.T) {
	t.Parallel()
	desc := newEnum(t, testTable(), value("TEST_CODE_BUSY", 1, withReason("ISO_CALLS_EXCEEDED")), value("TEST_CODE_FULL", 2, testCode()))
	withEnum(desc, func() {
		err := asError(t, codetable.NewError(dynCode(1)))
		sent, _ := findDetail[*errdetails.ErrorInfo](t, err)
		if err.Reason() != "ISO_CALLS_EXCEEDED" || err.Spec().Reason() != "ISO_CALLS_EXCEEDED" || sent.GetReason() != "ISO_CALLS_EXCEEDED" {
			t.Errorf("reason %q, on the wire %q, want the reason in the option", err.Reason(), sent.GetReason())
		}
		for reason, want := range map[string]dynCode{"ISO_CALLS_EXCEEDED": 1, "FULL": 2, "BUSY": math.MinInt32} {
			if code, ok := codetable.CodeOf[dynCode](failure(t, info(testDomain, reason, nil))); !ok || code != want {
				t.Errorf("reason %s decodes to %d, %t, want %d", reason, code, ok, want)
			}
		}
	})
}

// Each code tells an on-call engineer what to do.
func TestEveryCodeHasAResolution(t *testing.T) {
	t.Parallel()
	for code, spec := range codetable.All[responseCode]() {
		if spec.Resolution() == "" || strings.ContainsAny(spec.Resolution(), "\r\n") {
			t.Errorf("%v: resolution %q, want one sentence", code, spec.Resolution())
		}
	}
}

// alias is a descriptor with an identity of its own.
type alias struct{ protoreflect.EnumDescriptor }

// A proxy can build any number of descriptors. Their tables are garbage
// collected with them.
//
//nolint:paralleltest // it counts what the whole process keeps
func TestTablesOfDynamicDescriptorsAreNotKept(t *testing.T) {
	const built, kept = 500, 64
	var refs []weak.Pointer[alias]
	for range built {
		desc := &alias{newEnum(t, testTable(), value("TEST_CODE_BUSY", 1, testCode()))}
		refs = append(refs, weak.Make(desc))
		spec, _ := codetable.LookupDescriptor(desc, 1)
		if spec.NewError() == nil || spec != lookupAgain(desc) {
			t.Fatal("the table is not kept while it is in use")
		}
	}
	runtime.GC()
	alive := 0
	for _, ref := range refs {
		if ref.Value() != nil {
			alive++
		}
	}
	if alive > kept {
		t.Errorf("%d of %d descriptors are still alive, want at most %d", alive, built, kept)
	}
}

func lookupAgain(desc protoreflect.EnumDescriptor) codetable.Spec {
	spec, _ := codetable.LookupDescriptor(desc, 1)
	return spec
}

// The golden file holds the resolved table, because the breaking-change check
// of buf does not compare options.
func TestGoldenTable(t *testing.T) {
	t.Parallel()
	codetabletest.Golden[responseCode](t, tableData+"response_code.golden.json")
}

// The extension numbers are wire contract between compiled descriptors and
// their readers.
func TestExtensionNumbers(t *testing.T) {
	t.Parallel()
	for extension, extended := range map[protoreflect.ExtensionType]protoreflect.FullName{
		codetablev1.E_Table:  "google.protobuf.EnumOptions",
		codetablev1.E_Code:   "google.protobuf.EnumValueOptions",
		codetablev1.E_Method: "google.protobuf.MethodOptions",
	} {
		if d := extension.TypeDescriptor(); d.Number() != 79142 || d.ContainingMessage().FullName() != extended {
			t.Errorf("%s extends %s by %d, want %s by 79142", d.FullName(), d.ContainingMessage().FullName(), d.Number(), extended)
		}
	}
}

func TestRetryString(t *testing.T) {
	t.Parallel()
	tests := []struct {
		retry codetable.Retry
		want  string
	}{
		{codetable.Retry{}, "UNSPECIFIED"},
		{codetable.Retry{Action: codetablev1.RetryAction_RETRY_ACTION_NEVER}, "NEVER"},
		{codetable.Retry{Action: codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST, Delay: time.Second}, "SAME_REQUEST after 1s"},
	}
	for _, tt := range tests {
		if got := tt.retry.String(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// operatorWords must not appear in a sentence for end users: they tell how the
// operator of the service stands with the upstream.
var operatorWords = []string{
	"balance", "credit", "money", "pay", "fee", "credential", "password", "secret", "key", "configur", "config", "setting",
	"account", "quota", "auth", "permission", "token", "server",
	"余额", "欠费", "费用", "充值", "凭证", "凭据", "密钥", "密码", "公钥", "配置", "设置", "账户", "账号", "帐户", "额度", "配额", "鉴权", "认证", "授权", "权限", "令牌", "服务器",
}

func TestUserMessages(t *testing.T) {
	t.Parallel()
	general := map[string]string{}
	for _, locale := range []string{"en", "zh-CN"} {
		spec, _ := codetable.Lookup(unlisted)
		general[locale], _ = spec.UserMessage(locale)
	}
	for _, code := range failing() {
		spec, _ := codetable.Lookup(code)
		if diff := gocmp.Diff([]string{"en", "zh-CN"}, spec.Locales()); diff != "" {
			t.Errorf("%v: locales (-want +got):\n%s", code, diff)
		}
		for locale := range general {
			checkUserMessage(t, spec, locale, general[locale])
		}
	}
}

func checkUserMessage(t *testing.T, spec codetable.Spec, locale, general string) {
	t.Helper()
	text, got := spec.UserMessage(locale)
	if text == "" || got != locale {
		t.Errorf("%s: message %q in %q, want one in %q", spec.Reason(), text, got, locale)
	}
	lower := strings.ToLower(text)
	for _, word := range operatorWords {
		if strings.Contains(lower, word) {
			t.Errorf("%s: message %q names %q", spec.Reason(), text, word)
		}
	}
	byOperator := spec.Retry().Action == codetablev1.RetryAction_RETRY_ACTION_OPERATOR_ACTION
	if byOperator != (text == general) {
		t.Errorf("%s: message %q; only an operator can act: %t, so the general sentence: %[3]t", spec.Reason(), text, byOperator)
	}
}

func TestSuccessSaysNothingToUsers(t *testing.T) {
	t.Parallel()
	got := []int32{}
	for code, spec := range codetable.All[responseCode]() {
		if spec.GRPCCode() == codes.OK {
			got = append(got, int32(code))
		}
	}
	if diff := gocmp.Diff([]int32{0, 8000, 9000, 9200}, got); diff != "" {
		t.Errorf("success codes (-want +got):\n%s", diff)
	}
}

// The subject of a detail is sent to every client, so it must be one of these
// names.
func TestSubjectsAreNames(t *testing.T) {
	t.Parallel()
	names := []string{
		"account", "app_key", "captcha_content", "captcha_id", "config", "lot_number", "one_click_login", "phone", "risk_type", "rsa_public_key", "token",
	}
	got := map[string]bool{}
	for _, spec := range codetable.All[responseCode]() {
		if _, subject := spec.Detail(); subject != "" {
			got[subject] = true
		}
	}
	if diff := gocmp.Diff(names, slices.Sorted(maps.Keys(got))); diff != "" {
		t.Errorf("subjects (-want +got):\n%s", diff)
	}
}

func TestGrpcCodeEqualsGoogleRpcCode(t *testing.T) {
	t.Parallel()
	got := map[int32]string{}
	for number, name := range codetablev1.GrpcCode_name {
		got[number] = strings.TrimPrefix(name, "GRPC_CODE_")
	}
	if diff := gocmp.Diff(rpccode.Code_name, got); diff != "" {
		t.Errorf("codetable.v1.GrpcCode differs from google.rpc.Code (-google +ours):\n%s", diff)
	}
}
