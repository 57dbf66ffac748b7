package codetable_test

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/anypb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

func FuzzDecodeStatus(f *testing.F) {
	seed := func(err error) {
		raw, marshalErr := proto.Marshal(status.Convert(err).Proto())
		if marshalErr != nil {
			f.Fatal(marshalErr)
		}
		f.Add(raw)
	}
	for _, raw := range vectors(f) {
		f.Add(raw)
	}
	for _, code := range append(failing(), unlisted, -1, math.MinInt32) {
		seed(codetable.NewError(code, codetable.WithMetadata("id", "1")))
	}
	for _, number := range []string{"0", "-0", "+9003", "9003 ", "", "99999999999", "08000"} {
		seed(failure(f, info(domain, "SUCCESS", withCode(number))))
		seed(failure(f, info(domain, "NEW_REASON", withCode(number)), info(domain, "", nil)))
		seed(failure(f, info(domain, "QPS_LIMIT", withCode(number)), info(domain, "", withCode("9003"))))
	}
	seed(failure(f, info("other.example.com", "QPS_LIMIT", nil), info(domain, "QPS_LIMIT", nil)))
	seed(failure(f, &anypb.Any{TypeUrl: "google.rpc.ErrorInfo", Value: []byte{0x1a, 2, 0x0a, 9}}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		message := &spb.Status{}
		if proto.Unmarshal(raw, message) != nil {
			return
		}
		err := holder{status.FromProto(message)}
		code, ok := codetable.CodeOf[responseCode](err)
		checkDecoded(t, err, code, ok)
		if !ok && code != math.MinInt32 {
			t.Errorf("CodeOf = %d without a code, want a number that is not listed", code)
		}
		checkReference(t, err, message)
	})
}

func checkDecoded(t *testing.T, err error, code responseCode, ok bool) {
	t.Helper()
	if spec, _ := codetable.Lookup(code); spec.GRPCCode() == codes.OK {
		t.Errorf("CodeOf reads %v, a success, from a failure", code)
	}
	e, found := codetable.FromError(err)
	if ok && !found {
		t.Errorf("CodeOf finds %v, FromError nothing", code)
	}
	if !found {
		return
	}
	if e.GRPCStatus().Code() == codes.OK || e.Spec().GRPCCode() == codes.OK {
		t.Errorf("FromError reads a success: %v", e)
	}
	if e.Domain() == domain && !ok {
		t.Errorf("FromError finds %v, CodeOf nothing", e)
	}
	if again, sure := codetable.CodeOf[responseCode](e); e.Domain() == domain && (!sure || int32(again) != e.Number()) {
		t.Errorf("CodeOf the decoded error is %d, %t, its number %d", again, sure, e.Number())
	}
	for key, v := range e.Metadata() {
		if !utf8.ValidString(key) || !utf8.ValidString(v) {
			t.Errorf("metadata %q: %q is not valid UTF-8", key, v)
		}
	}
	if strings.ContainsAny(e.Error(), "\r\n") {
		t.Errorf("Error has two lines: %q", e.Error())
	}
	if again, _ := codetable.FromError(err); !e.Equal(again) {
		t.Errorf("%v and %v differ", e, again)
	}
	if e.Retry().Delay < 0 || len(document(t, e)) == 0 {
		t.Errorf("%v waits for %v", e, e.Retry().Delay)
	}
	_, _, _ = e.Details(), e.UserMessage("en"), e.LogValue()
}

// FuzzTableOptions reads options that no generated type knows.
func FuzzTableOptions(f *testing.F) {
	marshal := func(m proto.Message) []byte {
		raw, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		return raw
	}
	window := testCode()
	window.Retry = nextWindow(day)
	faulty := &codetablev1.Table{Domain: "?", TimeZone: "../etc", HelpUrl: ":", DefaultUserMessages: map[string]string{"x-": "", "und": "?"}}
	f.Add(marshal(testTable()), marshal(testCode()), int32(1), "en")
	f.Add(marshal(testTable()), marshal(window), int32(1), "zh-Hans-CN, *;q=0.1")
	f.Add(marshal(faulty), marshal(&codetablev1.Code{Detail: &codetablev1.Detail{Type: 9, Subject: "+86"}}), int32(-1), "\xff")
	f.Add(marshal(testTable()), marshal(successCode()), int32(1), "")
	f.Add([]byte{0xff}, []byte{0x08}, int32(0), ";q=")
	f.Fuzz(func(t *testing.T, table, code []byte, number int32, locale string) {
		v := value("TEST_CODE_BUSY", 1, nil)
		v.Options = &descriptorpb.EnumValueOptions{}
		v.Options.ProtoReflect().SetUnknown(optionField(code))
		options := &descriptorpb.EnumOptions{}
		options.ProtoReflect().SetUnknown(optionField(table))
		desc := newFile(t, "codetable.test", &descriptorpb.EnumDescriptorProto{
			Name: new("TestCode"), Options: options, Value: []*descriptorpb.EnumValueDescriptorProto{v},
		})
		withEnum(desc, func() { checkAnyTable(t, number, locale) })
	})
}

func optionField(raw []byte) []byte {
	number := codetablev1.E_Table.TypeDescriptor().Number()
	return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), raw)
}

func checkAnyTable(t *testing.T, number int32, locale string) {
	t.Helper()
	_ = codetable.Check[dynCode]()
	for _, code := range []dynCode{1, dynCode(number)} {
		spec, _ := codetable.Lookup(code)
		if text, language := spec.UserMessage(locale); (text == "") != (language == "") {
			t.Errorf("sentence %q in language %q", text, language)
		}
		if len(document(t, spec)) == 0 || spec.Retry().Delay < 0 {
			t.Errorf("%v waits for %v", spec, spec.Retry().Delay)
		}
		err := spec.NewError()
		if (err == nil) != (spec.GRPCCode() == codes.OK) {
			t.Errorf("%d has status %v, and its error is %v", code, spec.GRPCCode(), err)
		}
		if err == nil {
			continue
		}
		if asError(t, err).GRPCStatus().Message() == "" {
			t.Errorf("%d has an empty message", code)
		}
		if got, ok := codetable.CodeOf[dynCode](wire(t, err)); !ok || got != code {
			t.Errorf("%d comes back as %d, %t", code, got, ok)
		}
	}
}

func FuzzNewError(f *testing.F) {
	f.Add(int32(9003), "message", "id", "1", "request", int64(time.Second))
	f.Add(int32(4242), "two\nlines \xff", "content", "\xc3\x28", "\xff", int64(-1))
	f.Add(int32(1804), strings.Repeat("码", 9), "code", "0", "", int64(math.MaxInt64))
	f.Add(int32(9006), "", "", "", "", int64(0))
	f.Add(int32(0), "success", "Key", "v", "r", int64(1))
	f.Fuzz(func(t *testing.T, number int32, message, key, v, detail string, delay int64) {
		code := responseCode(number)
		err := codetable.NewError(code,
			codetable.WithMessage(message), codetable.WithMetadata(key, v), codetable.WithCause(errCause),
			codetable.WithDetail(&errdetails.RequestInfo{RequestId: detail}), codetable.WithRetryAfter(time.Duration(delay)))
		if spec, _ := codetable.Lookup(code); (err == nil) != (spec.GRPCCode() == codes.OK) {
			t.Fatalf("%v has status %v, and its error is %v", code, spec.GRPCCode(), err)
		}
		if err == nil {
			return
		}
		got, ok := codetable.CodeOf[responseCode](wire(t, err))
		if !ok || got != code {
			t.Fatalf("%d comes back as %d, %t", code, got, ok)
		}
		checkDecoded(t, wire(t, err), got, ok)
		if sent := asError(t, err).Message(); !utf8.ValidString(sent) || sent == "" {
			t.Errorf("message %q is empty or not valid UTF-8", sent)
		}
		if decoded, _ := codetable.FromError(wire(t, err)); !asError(t, err).Equal(decoded) {
			t.Errorf("%v and what is received of it, %v, differ", err, decoded)
		}
	})
}

// FuzzResolver reads descriptors and statuses from outside.
func FuzzResolver(f *testing.F) {
	marshal := func(m proto.Message) []byte {
		raw, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		return raw
	}
	for _, file := range []*descriptorpb.FileDescriptorProto{
		fileOf("a", withAliases(runtimeTable(runtimeDomain))), nested("b", withAliases(runtimeTable(runtimeDomain))), fileOf("c"),
	} {
		for _, s := range storages() {
			f.Add(marshal(restored(f, file, s)), marshal(status.Convert(failure(f, info(runtimeDomain, "BUSY", withCode("1")))).Proto()))
		}
	}
	f.Fuzz(func(t *testing.T, file, received []byte) {
		message, desc := &spb.Status{}, &descriptorpb.FileDescriptorProto{}
		if proto.Unmarshal(received, message) != nil || proto.Unmarshal(file, desc) != nil {
			return
		}
		files, err := protodesc.FileOptions{AllowUnresolvable: true}.NewFiles(&descriptorpb.FileDescriptorSet{File: []*descriptorpb.FileDescriptorProto{desc}})
		if err != nil {
			return
		}
		r, err := codetable.NewResolver(files)
		if err != nil {
			return
		}
		for _, enum := range r.Tables() {
			_ = r.CheckDescriptor(enum)
			for spec := range r.All(enum) {
				if found, listed := r.LookupDescriptor(enum, protoreflect.EnumNumber(spec.Number())); found != spec || !listed || len(document(t, spec)) == 0 {
					t.Errorf("%v is found as %v, %t", spec, found, listed)
				}
			}
		}
		e, ok := r.FromError(holder{status.FromProto(message)})
		if !ok {
			return
		}
		if found, _ := r.Lookup(e.Domain(), e.Number()); found != e.Spec() || found.GRPCCode() == codes.OK || e.GRPCStatus().Code() == codes.OK {
			t.Errorf("%v has %v in the table", e, found)
		}
	})
}
