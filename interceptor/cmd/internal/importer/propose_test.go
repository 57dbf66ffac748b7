package importer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/importer"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

func TestProposedNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"invalid parameters", "INVALID_PARAMETERS"},
		{"The token is invalid.", "TOKEN_INVALID"},
		{"user doesn't exist", "USER_DOESNT_EXIST"},
		{"signOnce opened", "SIGN_ONCE_OPENED"},
		{"HTTPServer down", "HTTP_SERVER_DOWN"},
		{"captcha_id missing", "CAPTCHA_ID_MISSING"},
		{"no quota (see console)", "NO_QUOTA"},
		{"first; second", "FIRST"},
		{"Café déjà vu", "CAFE_DEJA_VU"},
		{"404 not found", "CODE_404_NOT_FOUND"},
		{"no", "CODE_NO"},
		{"!!!", "CODE_7"},
		{"参数错误", "CODE_7"},
		{"IP 地址 invalid", "IP_INVALID"},
		{"unrecognized code", "UNRECOGNIZED_CODE_7"},
		{strings.Repeat("word ", 40), strings.TrimSuffix(strings.Repeat("WORD_", 12), "_")},
		{strings.Repeat("w", 100), strings.Repeat("W", 63)},
	} {
		r := run(t, importer.Options{Format: "csv"}, "code,msg\n7,"+test.text+"\n", "")
		if got := strings.TrimPrefix(r.names()[1], "RESPONSE_CODE_"); got != test.want {
			t.Errorf("%q is called %s, want %s", test.text, got, test.want)
		}
		if err := codetable.CheckDescriptor(r.enum); err != nil && !strings.Contains(err.Error(), "is already used by enum") {
			t.Errorf("%q: %v", test.text, err)
		}
		lossy := slices.Contains([]string{"!!!", "参数错误", "IP 地址 invalid", "unrecognized code"}, test.text) || len(test.text) > 60
		if got := strings.Contains(r.file, "TODO(codetable): name: "); got != lossy {
			t.Errorf("%q: TODO for the name: %v, want %v", test.text, got, lossy)
		}
	}
}

// appKey is one word if the table also writes appkey.
func TestOneSpellingOfAWord(t *testing.T) {
	t.Parallel()
	r := run(t, importer.Options{Format: "csv"}, "code,msg\n7,appKey gone\n8,no appkey\n9,signOnce gone\n", "")
	if got := strings.Join(r.names()[1:], " "); got != "RESPONSE_CODE_APPKEY_GONE RESPONSE_CODE_NO_APPKEY RESPONSE_CODE_SIGN_ONCE_GONE" {
		t.Errorf("names %s", got)
	}
}

// Names that differ only in underscores are equal for protoc.
func TestEqualNames(t *testing.T) {
	t.Parallel()
	r := run(t, importer.Options{Format: "csv"}, "code,name\n7,BAD_TOKEN\n-8,BADTOKEN\n9,BAD_TOKEN_7\n10,UNSPECIFIED\n11,bad-token\n", "")
	want := "UNSPECIFIED BAD_TOKEN BADTOKEN_MINUS_8 BAD_TOKEN_7 UNSPECIFIED_10 BAD_TOKEN_11"
	if got := strings.ReplaceAll(strings.Join(r.names(), " "), "RESPONSE_CODE_", ""); got != want {
		t.Errorf("names %s, want %s", got, want)
	}
	if !strings.Contains(r.file, "TODO(codetable): name: BADTOKEN is also proposed for 7") {
		t.Errorf("no TODO:\n%s", r.file)
	}
}

// A code is a success only if the source says nothing else.
func TestNoGuessedSuccess(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		header, row string
		success     bool
	}{
		{"code,msg", "0,success", true},
		{"code,msg", "200,OK", true},
		{"code,msg", "5,成功", true},
		{"code,msg,notes", "0,success,Request succeeded", true},
		{"code,msg,http", "0,ok,200", true},
		{"code,name,grpc_code", "5,DONE,OK", true},
		{"code,msg", "0,no error text", false},
		{"code,msg", "0,not success", false},
		{"code,msg", "0,success expected", false},
		{"code,msg", "0,unsuccessful", false},
		{"code,msg", "0,get phone success", false},
		{"code,msg", "0,", false},
		{"code,msg,notes", "0,success,the call failed", false},
		{"code,msg,notes", "0,success,partial success", false},
		{"code,msg,notes", "0,success,see console", false},
		{"code,msg,http", "0,success,500", false},
		{"code,msg,http", "0,success,302", false},
		{"code,msg,http", "0,bad token,200", false},
		{"code,name,grpc_code,http", "5,DONE,OK,500", false},
		{"code,msg,grpc code", "5,success,NO_SUCH", true}, // the column has no gRPC code, so it is not used
	} {
		r := run(t, importer.Options{Format: "csv"}, test.header+"\n"+test.row+"\n", "")
		number := r.numbers()[len(r.numbers())-1]
		code := r.code(t, number)
		if got := code.GetGrpcCode() == codetablev1.GrpcCode_GRPC_CODE_OK; got != test.success || code.GrpcCode == nil {
			t.Errorf("%s: %s: success %v, want %v", test.header, test.row, got, test.success)
		}
		stated := strings.Contains(test.header, "grpc_code") && test.success
		if !stated && !strings.Contains(r.file, "TODO(codetable): grpc_code: ") {
			t.Errorf("%s: no TODO for the gRPC code", test.row)
		}
		if number == 0 && !strings.Contains(r.file, "// buf:lint:ignore ENUM_ZERO_VALUE_SUFFIX") {
			t.Errorf("%s: buf would refuse the name of the zero value", test.row)
		}
	}
}

// The statuses of HTTP are mapped as google.rpc.Code documents, and the words
// of a text propose a code where nothing is stated.
func TestProposedCodes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ http, text, want string }{
		{"400", "x", "INVALID_ARGUMENT"},
		{"401 Unauthorized", "x", "UNAUTHENTICATED"},
		{"403", "x", "PERMISSION_DENIED"},
		{"404", "x", "NOT_FOUND"},
		{"409", "x", "ABORTED"},
		{"429", "x", "RESOURCE_EXHAUSTED"},
		{"499", "x", "UNKNOWN"},
		{"500", "not found", "INTERNAL"},
		{"501", "x", "UNIMPLEMENTED"},
		{"503", "x", "UNAVAILABLE"},
		{"504", "x", "DEADLINE_EXCEEDED"},
		{"418", "x", "UNKNOWN"},
		{"200", "user not found", "NOT_FOUND"},
		{"200", "Payout accepted", "UNKNOWN"},
		{"", "too many requests", "RESOURCE_EXHAUSTED"},
		{"", "system is busy", "UNAVAILABLE"},
		{"", "参数无效", "INVALID_ARGUMENT"},
		{"", "用户不存在", "NOT_FOUND"},
		{"", "verify consistent", "UNKNOWN"},
		{"", "delimiter", "UNKNOWN"},
	} {
		r := run(t, importer.Options{Format: "csv"}, fmt.Sprintf("code,http,msg\n7,%s,%s\n8,404,y y\n", test.http, test.text), "")
		code := r.code(t, 7)
		if got := strings.TrimPrefix(code.GetGrpcCode().String(), "GRPC_CODE_"); got != test.want {
			t.Errorf("%s %q: %s, want %s", test.http, test.text, got, test.want)
		}
		if code.GetFault() != codetablev1.Fault_FAULT_OPERATOR || !slices.Contains([]codetablev1.RetryAction{
			codetablev1.RetryAction_RETRY_ACTION_NEVER, codetablev1.RetryAction_RETRY_ACTION_OPERATOR_ACTION,
		}, code.GetRetry().GetAction()) {
			t.Errorf("%s %q does not fail closed: %v", test.http, test.text, code)
		}
		if err := codetable.CheckDescriptor(r.enum); err != nil && !strings.Contains(err.Error(), "is already used by enum") {
			t.Errorf("%s %q: %v", test.http, test.text, err)
		}
		const nothing = "TODO(codetable): grpc_code: nothing in the source names the gRPC status; if it is a success, set GRPC_CODE_OK and remove notes, fault and retry\n"
		if got := strings.Contains(r.file, nothing); got != (test.want == "UNKNOWN") {
			t.Errorf("%s %q: the TODO of a code that nothing names: %v", test.http, test.text, got)
		}
	}
}

// A retry that the source allows without saying what to repeat stays forbidden.
func TestStatedRetry(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"NEVER": "NEVER", "no": "NEVER", "否": "NEVER", "yes": "NEVER TODO", "true": "NEVER TODO", "": "NEVER TODO",
		"same_request": "SAME_REQUEST", "RETRY_ACTION_NEW_INPUT": "NEW_INPUT", "next window": "NEVER TODO", "unspecified": "NEVER TODO",
	} {
		r := run(t, importer.Options{Format: "csv"}, "code,name,grpc_code,fault,retry\n7,ABC,INTERNAL,CALLER,"+cell+"\n8,DEF,INTERNAL,CALLER,NEVER\n", "")
		got := strings.TrimPrefix(r.code(t, 7).GetRetry().GetAction().String(), "RETRY_ACTION_")
		if strings.Contains(r.file, "TODO(codetable): retry: ") {
			got += " TODO"
		}
		if cell == "next window" && !strings.Contains(r.file, "RETRY_ACTION_NEXT_WINDOW; add window: CALENDAR_WINDOW_DAY or CALENDAR_WINDOW_HOUR, and time_zone in") {
			t.Errorf("the TODO does not name the fields of a window:\n%s", r.file)
		}
		if got != want {
			t.Errorf("retry %q: %s, want %s", cell, got, want)
		}
	}
}

// User messages make a default language and a neutral sentence that someone has
// to write.
func TestUserMessages(t *testing.T) {
	t.Parallel()
	r := run(t, importer.Options{Format: "csv"}, "code,msg,zh-CN,en\n0,success,成功,\n7,bad token,令牌无效,\n8,bad user,用户无效,Bad user.\n", "")
	if got := r.code(t, 8).GetUserMessages(); got["zh-CN"] != "用户无效" || got["en"] != "Bad user." {
		t.Errorf("user messages %v", got)
	}
	if !strings.Contains(r.file, `default_locale: "zh-CN"`) || !strings.Contains(r.file, "TODO(codetable): default_user_messages: ") {
		t.Errorf("no default language:\n%s", r.file)
	}
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0].Text, "0 is a success, which takes no user_messages.zh-CN") {
		t.Errorf("notes %v", r.Notes)
	}
	if err := codetable.CheckDescriptor(r.enum); err != nil {
		t.Error(err)
	}
}

// Without names for the table, all of its names are TODOs.
func TestNothingNamed(t *testing.T) {
	t.Parallel()
	r := run(t, importer.Options{Format: "csv"}, "code,msg\n7,bad token\n", "")
	for _, want := range []string{"TODO(codetable): domain: ", "TODO(codetable): package: ", "TODO(codetable): go_package: "} {
		if !strings.Contains(r.file, want) {
			t.Errorf("no %q in:\n%s", want, r.file)
		}
	}
	if r.Todos != strings.Count(r.file, "TODO(codetable): ") {
		t.Errorf("%d TODOs in the summary, want %d", r.Todos, strings.Count(r.file, "TODO(codetable): "))
	}
}

func TestWrongOptions(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]importer.Options{
		`enum "response_code": want a name`:    {Enum: "response_code"},
		`enum "A}": want a name`:               {Enum: "A}"},
		`domain "Acme": want a lower-case`:     {Domain: "Acme"},
		`package "Acme.V1": want a`:            {Package: "Acme.V1"},
		"go_package \"a\\nb\": want an import": {GoPackage: "a\nb"},
		"table -1: want a number from 1":       {Table: -1},
		"delimiter ';': md has none, only csv": {Format: "md", Delimiter: ';'},
	} {
		if err := o.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
