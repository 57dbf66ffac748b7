package decode_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/decode"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/term"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// expired returns the status that a server sends for a code.
func expired(tb testing.TB) *spb.Status {
	tb.Helper()
	st, ok := status.FromError(codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST))
	if !ok {
		tb.Fatal("a code has no status")
	}
	return st.Proto()
}

func only(t *testing.T, input string) *decode.Report {
	t.Helper()
	tables := linked(t)
	found := decode.Find(input, tables.Types).Found
	if len(found) != 1 {
		t.Fatalf("%d statuses in %.200q, want 1", len(found), input)
	}
	return decode.Describe(found[0], tables, "")
}

// A log can cut a status anywhere. What stands before is shown, as soon as
// there is a type of a detail, and the cut is reported.
func TestCutStatus(t *testing.T) {
	t.Parallel()
	message, tables := expired(t), linked(t)
	whole := base64.StdEncoding.EncodeToString(binary(message))
	const afterType, afterReason = 120, 170
	for i := afterType; i < len(whole)-4; i++ {
		if raw, err := base64.RawStdEncoding.DecodeString(whole[:i]); err == nil && proto.Unmarshal(raw, &spb.Status{}) == nil {
			continue // the cut is between two details
		}
		for _, input := range []string{whole[:i], wrap(whole[:i], 60, "\n"), "err=" + whole[:i] + "..."} {
			result := decode.Find(input, tables.Types)
			if len(result.Found) != 1 || len(result.Found[0].Warnings) == 0 {
				t.Fatalf("%d statuses in the first %d characters: %q", len(result.Found), i, input)
			}
			if code := decode.Describe(result.Found[0], tables, "").Code; i > afterReason && (code == nil || code.Reason != "TOKEN_EXPIRED_OR_NOT_EXIST") {
				t.Fatalf("the code in the first %d characters is %s", i, marshal(code))
			}
		}
	}
}

// Statuses on lines of their own are not the lines of one wrapped status.
func TestSeveralStatuses(t *testing.T) {
	t.Parallel()
	tables := linked(t)
	for name, encode := range encoders {
		if name == "binary" {
			continue
		}
		one, other := encode(expired(t)), encode(&spb.Status{Code: int32(codes.NotFound), Message: "no such order", Details: expired(t).Details[:1]})
		found := decode.Find(one+"\n"+other+"\n"+one, tables.Types).Found
		var list []codes.Code
		for _, f := range found {
			list = append(list, codes.Code(f.Status.GetCode()))
		}
		if want := []codes.Code{codes.FailedPrecondition, codes.NotFound, codes.FailedPrecondition}; !slices.Equal(list, want) {
			t.Errorf("%s: the codes are %v, want %v", name, list, want)
		}
	}
}

// Wrapped statuses whose last lines are full follow each other without a sign
// of an end. The bytes of both are a valid message too, which would hide one.
func TestWrappedStatusesOfFullLines(t *testing.T) {
	t.Parallel()
	const width, perLine = 76, 57
	message := expired(t)
	for len(binary(message))%perLine != 0 {
		message.Message += "."
	}
	one := wrap(base64.StdEncoding.EncodeToString(binary(message)), width, "\n")
	found := decode.Find(one+"\n"+one+"\n"+one, linked(t).Types).Found
	if len(found) != 3 {
		t.Fatalf("%d statuses, want 3", len(found))
	}
	for _, f := range found {
		if !proto.Equal(f.Status, message) || len(f.Warnings) > 0 {
			t.Errorf("%v, %q", f.Status, f.Warnings)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	types := linked(t).Types
	line := statusJSON(expired(t)) + "\n"
	many := decode.Find(strings.Repeat(line, 1500), types)
	if len(many.Found) != decode.MaxStatuses || !slices.Contains(many.Warnings, "only the first 1000 of 1500 statuses are shown") {
		t.Errorf("%d statuses, %q", len(many.Found), many.Warnings)
	}
	if last := many.Found[decode.MaxStatuses-1]; last.Line != decode.MaxStatuses {
		t.Errorf("the last one is on line %d", last.Line)
	}
	faults := decode.Find(base64.StdEncoding.EncodeToString([]byte("\x08\x05\x12\x01m"+strings.Repeat("\x1a\x01\xff", 1000)+"\x1a\x05\x0a\x03a/b")), types)
	if len(faults.Found) != 1 || len(faults.Found[0].Warnings) != 101 {
		t.Errorf("%d statuses, want one with 101 warnings", len(faults.Found))
	}
	large := decode.Find(strings.Repeat(" ", decode.MaxInput)+line, types)
	if len(large.Found) != 0 || !slices.Contains(large.Warnings, "only the first 16 MiB were read") {
		t.Errorf("%d statuses, %q", len(large.Found), large.Warnings)
	}
}

// Inputs that would cost the square of their size end with a warning, and what
// was found before is shown.
func TestComplexInput(t *testing.T) {
	t.Parallel()
	types := linked(t).Types
	line := statusJSON(expired(t)) + "\n"
	for _, part := range []string{`{"a":`, `{":`, `"\`, `{"a":[{"a":1},`, `{"a":"`, `{"a":1}`} {
		result := decode.Find(line+strings.Repeat(part, (1<<17)/len(part)), types)
		if !slices.Contains(result.Warnings, "the input is too complex: it was not searched to the end") {
			t.Errorf("%q: no warning, but %q", part, result.Warnings)
		}
		if len(result.Found) != 1 {
			t.Errorf("%q: %d statuses, want the one before", part, len(result.Found))
		}
	}
	deep := "x"
	for range 12 {
		deep = marshal(map[string]string{"a": deep})
	}
	if result := decode.Find(line+deep, types); len(result.Warnings) > 0 {
		t.Errorf("honest nesting: %q", result.Warnings)
	}
}

// The figures agree with the interceptor: a status of the default budget passes
// unchanged, and one byte more is shortened. A peer with 8 KiB of headers takes
// about 5800 bytes (docs/design.md).
func TestSize(t *testing.T) {
	t.Parallel()
	ofSize := func(size int) *spb.Status {
		message := expired(t)
		detail := &anypb.Any{TypeUrl: "type.googleapis.com/acme.v1.Padding"}
		message.Details = append(message.Details, detail)
		for proto.Size(message) < size {
			detail.Value = append(detail.Value, 0)
		}
		return message
	}
	translator := interceptor.NewTranslator()
	for size, want := range map[int][2]bool{4000: {true, true}, 4096: {true, true}, 4097: {false, true}, 5800: {false, true}, 6100: {false, false}} {
		message := ofSize(size)
		got := only(t, base64.StdEncoding.EncodeToString(binary(message))).Size
		if got.Status != size || !got.Exact || [2]bool{got.WithinBudget, got.FitsPeer} != want {
			t.Errorf("%d bytes: %+v, want %v", size, got, want)
		}
		sent := translator.Translate(context.Background(), status.ErrorProto(message)).Status.Proto()
		if unchanged := proto.Equal(sent, message); unchanged != got.WithinBudget {
			t.Errorf("%d bytes: the server sends it unchanged: %t, but within the budget: %t", size, unchanged, got.WithinBudget)
		}
	}
}

// The size of the headers is what a server's HTTP/2 stack counts: the message
// is there twice, percent-encoded and in base64.
func TestHeaders(t *testing.T) {
	t.Parallel()
	plain := only(t, statusJSON(&spb.Status{Code: 5, Message: "aaaaaaaaaa"})).Size.Headers
	for message, more := range map[string]int{"aaaaaaaaaaa": 1, "aaaaaaaaa%": 2, "aaaaaaaaa码": 8} {
		if got := only(t, statusJSON(&spb.Status{Code: 5, Message: message})).Size.Headers; got-plain != more {
			t.Errorf("%q costs %d bytes more, want %d", message, got-plain, more)
		}
	}
	const fixed = (7 + 3 + 32) + (12 + 16 + 32) + (11 + 1 + 32) + (12 + 10 + 32)
	if plain != fixed {
		t.Errorf("the headers have %d bytes, want %d", plain, fixed)
	}
}

// Details that can't be read or are too large are raw and bounded.
func TestRawDetails(t *testing.T) {
	t.Parallel()
	nested := &anypb.Any{TypeUrl: "type.googleapis.com/google.rpc.Help"}
	for range 2000 {
		raw, err := anypb.New(nested)
		if err != nil {
			t.Fatal(err)
		}
		nested = raw
	}
	large := &anypb.Any{TypeUrl: "type.googleapis.com/acme.v1.Large", Value: make([]byte, 5000)}
	message := &spb.Status{Code: 3, Message: "m", Details: []*anypb.Any{nested, large, {TypeUrl: "x/google.rpc.Help", Value: []byte{0xff}}}}
	for range 120 {
		message.Details = append(message.Details, &anypb.Any{TypeUrl: "x/acme.v1.A"})
	}
	r := only(t, base64.StdEncoding.EncodeToString(binary(message)))
	if len(r.Details) != 100 || !strings.Contains(strings.Join(r.Warnings, "\n"), "only the first 100 of 123 details are shown") {
		t.Errorf("%d details, %q", len(r.Details), r.Warnings)
	}
	if d := r.Details[0]; d.Value != nil || d.Note != "it is larger than 64 KiB" {
		t.Errorf("the nested detail: %.200s", marshal(d))
	}
	if d := r.Details[1]; d.Size != 5000 || !d.Cut || len(d.Base64) != 1368 || d.Note != "its type is not known" {
		t.Errorf("the large detail: %.200s", marshal(d))
	}
	if d := r.Details[2]; d.Base64 != "/w==" || d.Note == "" {
		t.Errorf("the detail that can't be read: %s", marshal(d))
	}
}

// The names of gRPC codes in any spelling.
func TestCodeNames(t *testing.T) {
	t.Parallel()
	for c := codes.Canceled; c <= codes.Unauthenticated; c++ {
		for _, input := range []string{
			fmt.Sprintf("rpc error: code = %v desc = m", c), fmt.Sprintf("grpc-status: %d", c), fmt.Sprintf(`{"code":%d,"message":"m"}`, c),
			connectJSON(&spb.Status{Code: int32(c), Message: "m"}), fmt.Sprintf("ERROR:\n  Code: %v\n  Message: m\n", c),
		} {
			if r := only(t, input); *r.GRPCNumber != int32(c) {
				t.Errorf("%q: the code is %d", input, *r.GRPCNumber)
			}
		}
	}
	if r := only(t, "rpc error: code = Code(77) desc = m"); *r.GRPCNumber != 77 || r.GRPCCode != "" || len(r.Warnings) == 0 {
		t.Errorf("an unknown code: %s", marshal(r))
	}
}

// All codes of the table, successes too, are found by the fields of their log.
func TestLogFieldsOfEveryCode(t *testing.T) {
	t.Parallel()
	n := 0
	for code, spec := range codetable.All[jverificationv1.ResponseCode]() {
		n++
		line := fmt.Sprintf("level=info codetable.code=%d codetable.reason=%s codetable.domain=%s", code, spec.Reason(), spec.Domain())
		r := only(t, line)
		if r.Code == nil || *r.Code.Number != int32(code) || !r.Code.Listed || r.Code.Refused || r.GRPCCode == "" || codes.Code(*r.GRPCNumber) != spec.GRPCCode() {
			t.Errorf("%s: %s", spec, marshal(r))
		}
	}
	if n != 49 {
		t.Errorf("%d codes, want 49", n)
	}
}

// The output never has a control character of the input, and is the same for
// the same input.
func TestOutputIsSafe(t *testing.T) {
	t.Parallel()
	const evil = "\x1b[31m\u202e\x00\u009b\n"
	message := &spb.Status{Code: 9, Message: evil}
	for _, detail := range []proto.Message{
		&errdetails.ErrorInfo{Reason: evil, Domain: evil, Metadata: map[string]string{"code": evil, evil: evil}},
		&errdetails.LocalizedMessage{Locale: evil, Message: evil}, &errdetails.RequestInfo{RequestId: evil},
	} {
		packed, err := anypb.New(detail)
		if err != nil {
			t.Fatal(err)
		}
		message.Details = append(message.Details, packed)
	}
	message.Details = append(message.Details, &anypb.Any{TypeUrl: evil + "/x", Value: []byte(evil)})
	inputs := []string{
		base64.StdEncoding.EncodeToString(binary(message)), statusJSON(message),
		"grpc-status: 5\ngrpc-message: %1b[31m\ngrpc-retry-pushback-ms: \x1b[31m\ncontent-type: \x1b[31m\n", "rpc error: code = NotFound desc = \x1b[31m",
	}
	for _, input := range inputs {
		text := write(t, input)
		if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsGraphic(r) }); i >= 0 {
			t.Errorf("control character in %q", text[i:])
		}
		if again := write(t, input); again != text {
			t.Errorf("another output:\n%s\n%s", text, again)
		}
	}
}

func write(tb testing.TB, input string) string {
	tb.Helper()
	tables := linked(tb)
	result := decode.Find(input, tables.Types)
	var reports []*decode.Report
	for _, f := range result.Found {
		r := decode.Describe(f, tables, "zh-CN")
		if _, err := json.Marshal(r); err != nil {
			tb.Fatalf("%q: %v", input, err)
		}
		reports = append(reports, r)
	}
	var b strings.Builder
	decode.Write(&b, term.Style(false), reports, result.Warnings)
	return b.String()
}
