package tablediff_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/durationpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/enumtest"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/tablediff"
)

const domain = "codes.example.com"

func declares(domain string, reasons ...string) *codetablev1.Method {
	return &codetablev1.Method{Codes: []*codetablev1.MethodCodes{{Domain: domain, Reasons: reasons}}}
}

// testFile contains every kind of content that a document can have.
func testFile() enumtest.File {
	return enumtest.File{
		Table: &codetablev1.Table{
			Domain: domain, TimeZone: "Asia/Shanghai", HelpUrl: "https://example.com/<{reason}>", DefaultLocale: "en",
			DefaultUserMessages: map[string]string{"en": "Later.", "zh-CN": "稍后。"},
		},
		Values: []enumtest.Value{
			{Name: "TEST_CODE_DONE", Number: 0, Code: &codetablev1.Code{GrpcCode: new(codetablev1.GrpcCode_GRPC_CODE_OK), Description: "done"}},
			{Name: "TEST_CODE_BUSY", Number: 7, Code: &codetablev1.Code{
				GrpcCode: new(codetablev1.GrpcCode_GRPC_CODE_ABORTED), Description: "busy", Notes: "Too many calls", Resolution: "Wait.",
				Fault: codetablev1.Fault_FAULT_UPSTREAM, UserMessages: map[string]string{"en": "Busy."},
				Retry: &codetablev1.Retry{
					Action: codetablev1.RetryAction_RETRY_ACTION_NEW_INPUT, After: &codetablev1.Retry_Delay{Delay: durationpb.New(1500e6)},
				},
				Detail: &codetablev1.Detail{Type: codetablev1.DetailType_DETAIL_TYPE_QUOTA_FAILURE, Subject: "calls"},
			}},
			{Name: "TEST_CODE_OLD_NAME", Number: 7},
			{Name: "TEST_CODE_DAILY", Number: -3, Code: &codetablev1.Code{
				GrpcCode: new(codetablev1.GrpcCode_GRPC_CODE_RESOURCE_EXHAUSTED), Fault: codetablev1.Fault_FAULT_OPERATOR,
				Retry: &codetablev1.Retry{
					Action: codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW, After: &codetablev1.Retry_Window{Window: codetablev1.CalendarWindow_CALENDAR_WINDOW_DAY},
				},
			}},
		},
		Methods: []enumtest.Method{
			{Name: "Call", Options: declares(domain, "OLD_NAME", "DONE", "BUSY", "NOBODY_KNOWS")},
			{Name: "Other", Options: declares("other.example.com", "DONE")},
			{Name: "Silent"},
		},
	}
}

const golden = `{
  "domain": "codes.example.com",
  "timeZone": "Asia/Shanghai",
  "unrecognizedGrpcCode": "UNKNOWN",
  "helpUrl": "https://example.com/<{reason}>",
  "defaultLocale": "en",
  "defaultUserMessages": {
    "en": "Later.",
    "zh-CN": "稍后。"
  },
  "codes": [
    {
      "number": -3,
      "reason": "DAILY",
      "domain": "codes.example.com",
      "listed": true,
      "grpcCode": "RESOURCE_EXHAUSTED",
      "fault": "OPERATOR",
      "retry": {
        "action": "NEXT_WINDOW",
        "window": "DAY"
      },
      "helpUrl": "https://example.com/<DAILY>",
      "userMessages": {
        "en": "Later.",
        "zh-CN": "稍后。"
      }
    },
    {
      "number": 0,
      "reason": "DONE",
      "domain": "codes.example.com",
      "listed": true,
      "grpcCode": "OK",
      "description": "done",
      "helpUrl": "https://example.com/<DONE>"
    },
    {
      "number": 7,
      "reason": "BUSY",
      "domain": "codes.example.com",
      "listed": true,
      "grpcCode": "ABORTED",
      "description": "busy",
      "notes": "Too many calls",
      "resolution": "Wait.",
      "fault": "UPSTREAM",
      "retry": {
        "action": "NEW_INPUT",
        "delay": "1.5s"
      },
      "detail": {
        "type": "QUOTA_FAILURE",
        "subject": "calls"
      },
      "helpUrl": "https://example.com/<BUSY>",
      "userMessages": {
        "en": "Busy.",
        "zh-CN": "稍后。"
      }
    }
  ],
  "aliases": {
    "OLD_NAME": 7
  },
  "methods": {
    "codetable.test.TestService.Call": [
      "BUSY",
      "DONE"
    ]
  }
}
`

func setOf(tb testing.TB, enums ...protoreflect.EnumDescriptor) *table.Set {
	tb.Helper()
	files := new(protoregistry.Files)
	for _, enum := range enums {
		if err := files.RegisterFile(enum.ParentFile()); err != nil {
			tb.Fatal(err)
		}
	}
	set, err := table.NewSet(files)
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

func describe(tb testing.TB, file enumtest.File) *tablediff.Document {
	tb.Helper()
	enum := file.Build(tb)
	return tablediff.Describe(setOf(tb, enum), enum)
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	if got := string(describe(t, testFile()).Encode()); got != golden {
		t.Errorf("got\n%s\nwant\n%s", got, golden)
	}
	decoded, err := tablediff.Decode([]byte(golden))
	if err != nil || string(decoded.Encode()) != golden {
		t.Errorf("decoded %+v, %v", decoded, err)
	}
}

// A document does not depend on how the options are stored.
func TestDescribeOptionsInUnknownFields(t *testing.T) {
	t.Parallel()
	raw, err := proto.Marshal(protodesc.ToFileDescriptorProto(testFile().Build(t).ParentFile()))
	if err != nil {
		t.Fatal(err)
	}
	var file descriptorpb.FileDescriptorProto
	if err := (proto.UnmarshalOptions{Resolver: new(protoregistry.Types)}).Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	desc, err := protodesc.NewFile(&file, nil)
	if err != nil {
		t.Fatal(err)
	}
	enum := desc.Enums().Get(0)
	if got := string(tablediff.Describe(setOf(t, enum), enum).Encode()); got != golden {
		t.Errorf("got\n%s\nwant\n%s", got, golden)
	}
}

// A document contains each key of the JSON of a Spec.
func TestCodeIsTheJSONOfASpec(t *testing.T) {
	t.Parallel()
	d := tablediff.Describe(table.Linked, jverificationv1.ResponseCode(0).Descriptor())
	for _, code := range d.Codes {
		spec, _ := codetable.Lookup(jverificationv1.ResponseCode(code.Number))
		want, err := json.Marshal(spec)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(code); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: got\n%s\nwant\n%s\n%v", code.Reason, got, want, err)
		}
	}
	if len(d.Codes) != 49 || len(d.Methods) != 6 || !slices.Contains(d.Methods["jiguang.jverification.v1.VerificationService.VerifyNumber"], "VERIFY_CONSISTENT") {
		t.Errorf("%d codes, methods %v", len(d.Codes), d.Methods)
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"nothing": "", "no JSON": "domain: x", "unknown key": strings.Replace(golden, "timeZone", "zone", 1), "cut": golden[:100], "other type": `{"codes": 1}`,
		"two": golden + golden, "number twice": strings.Replace(golden, `"number": 7`, `"number": -3`, 1),
		"alias of nothing": strings.Replace(golden, `"OLD_NAME": 7`, `"OLD_NAME": 8`, 1), "alias of two": strings.Replace(golden, `"OLD_NAME": 7`, `"DAILY": 7`, 1),
		"declares nothing": strings.Replace(golden, `"BUSY",`, `"BUSY", "NEW",`, 1),
	} {
		if d, err := tablediff.Decode([]byte(raw)); err == nil {
			t.Errorf("%s: decoded %+v", name, d)
		}
	}
}

// The order of the codes in a file has no meaning.
func TestDecodeSortsCodes(t *testing.T) {
	t.Parallel()
	d := describe(t, testFile())
	slices.Reverse(d.Codes)
	decoded, err := tablediff.Decode(d.Encode())
	if err != nil || string(decoded.Encode()) != golden {
		t.Errorf("decoded %+v, %v", decoded, err)
	}
}
