package codetable_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	list := append(failing(), unlisted, 1, -1, -9001, math.MinInt32, math.MaxInt32)
	if len(list) != 45+6 {
		t.Fatalf("%d failing codes, want 45", len(list)-6)
	}
	for _, code := range list {
		t.Run(fmt.Sprint(int32(code)), func(t *testing.T) {
			t.Parallel()
			sent := asError(t, codetable.NewError(code, codetable.WithMetadata("id", "117270465679982592")))
			received := wire(t, sent)
			if got, ok := codetable.CodeOf[responseCode](received); !ok || got != code {
				t.Errorf("CodeOf the status is %d, %t", got, ok)
			}
			err, ok := codetable.FromError(received)
			if !ok {
				t.Fatalf("FromError(%v) finds nothing", received)
			}
			if got, ok := codetable.CodeOf[responseCode](err); !ok || got != code {
				t.Errorf("CodeOf the decoded error is %d, %t", got, ok)
			}
			got := []any{err.Number(), err.Reason(), err.Domain(), err.Message(), err.Fault(), err.Metadata(), err.Remote(), err.Spec().Listed()}
			want := []any{sent.Number(), sent.Reason(), sent.Domain(), sent.Message(), sent.Fault(), sent.Metadata(), true, sent.Spec().Listed()}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("decoded (-sent +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeTrustsDomainThenCodeThenReason(t *testing.T) {
	t.Parallel()
	const (
		none   = -1            // no code is found
		absent = math.MinInt32 // the reason is unknown and there is no number
	)
	quoted := func(number string) error { return failure(t, info(domain, "", withCode(number))) }
	tests := map[string]struct {
		err  error
		want responseCode
	}{
		"code over reason":            {failure(t, info(domain, "QPS_LIMIT", withCode("9003"))), 9003},
		"unlisted code over reason":   {failure(t, info(domain, "QPS_LIMIT", withCode("4242"))), 4242},
		"number only":                 {quoted("9003"), 9003},
		"reason only":                 {failure(t, info(domain, "QPS_LIMIT", nil)), 1804},
		"reason beside other keys":    {failure(t, info(domain, "QPS_LIMIT", map[string]string{"id": "1"})), 1804},
		"unknown reason":              {failure(t, info(domain, "NEW_REASON", nil)), absent},
		"unknown reason, no number":   {failure(t, info(domain, "NEW_REASON", withCode("nine"))), absent},
		"unknown reason and number":   {failure(t, info(domain, "NEW_REASON", withCode("4242"))), 4242},
		"unknown reason of a success": {failure(t, info(domain, "NEW_REASON", withCode("9000"))), none},
		"nothing":                     {failure(t, info(domain, "", nil)), none},
		"unknown domain":              {failure(t, info("other.example.com", "QPS_LIMIT", withCode("1804"))), none},
		"empty domain":                {failure(t, info("", "QPS_LIMIT", withCode("1804"))), none},
		"domain in other case":        {failure(t, info("JVerification.jiguang.cn", "QPS_LIMIT", nil)), none},
		"success code":                {quoted("0"), none},
		"success code over reason":    {failure(t, info(domain, "QPS_LIMIT", withCode("9000"))), none},
		"success reason":              {failure(t, info(domain, "VERIFY_CONSISTENT", nil)), none},
		"minus zero":                  {quoted("-0"), none},
		"plus":                        {failure(t, info(domain, "QPS_LIMIT", withCode("+9003"))), 1804},
		"space":                       {failure(t, info(domain, "QPS_LIMIT", withCode("9003 "))), 1804},
		"over int32":                  {failure(t, info(domain, "QPS_LIMIT", withCode("99999999999"))), 1804},
		"empty code":                  {failure(t, info(domain, "QPS_LIMIT", withCode(""))), 1804},
		"hexadecimal":                 {failure(t, info(domain, "QPS_LIMIT", withCode("0x10"))), 1804},
		"underscore":                  {failure(t, info(domain, "QPS_LIMIT", withCode("9_003"))), 1804},
		"plus and no reason":          {quoted("+9003"), none},
		"first of two":                {failure(t, info(domain, "QPS_LIMIT", withCode("1804")), info(domain, "", withCode("9003"))), 1804},
		"first that is known":         {failure(t, info("other.example.com", "X", nil), &errdetails.Help{}, info(domain, "", withCode("9003"))), 9003},
		"first that is a failure":     {failure(t, info(domain, "SUCCESS", withCode("0")), info(domain, "", withCode("9003"))), 9003},
		"no details":                  {failure(t), none},
		"another message":             {failure(t, &anypb.Any{TypeUrl: "x/google.rpc.NotErrorInfo", Value: packed(t, info(domain, "QPS_LIMIT", nil)).Value}), none},
		"name with the same ending":   {failure(t, &anypb.Any{TypeUrl: "x/my.google.rpc.ErrorInfo", Value: packed(t, info(domain, "QPS_LIMIT", nil)).Value}), none},
		"type URL of another host":    {failure(t, &anypb.Any{TypeUrl: "example.com/google.rpc.ErrorInfo", Value: packed(t, info(domain, "QPS_LIMIT", nil)).Value}), 1804},
		"type URL without host":       {failure(t, &anypb.Any{TypeUrl: "google.rpc.ErrorInfo", Value: packed(t, info(domain, "QPS_LIMIT", nil)).Value}), 1804},
		"not a status":                {errCause, none},
		"no error":                    {nil, none},
		"other message":               {status.FromProto(&spb.Status{Code: 2, Message: "new wording", Details: []*anypb.Any{packed(t, info(domain, "", withCode("9003")))}}).Err(), 9003},
		"other status than the table": {status.FromProto(&spb.Status{Code: 14, Details: []*anypb.Any{packed(t, info(domain, "", withCode("9003")))}}).Err(), 9003},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, ok := codetable.CodeOf[responseCode](tt.err)
			want := tt.want
			if want == none {
				want = absent
			}
			if ok != (tt.want != none) || code != want {
				t.Errorf("CodeOf = %d, %t, want %d", code, ok, want)
			}
			err, found := codetable.FromError(tt.err)
			if found != ok || ok && err.Number() != int32(code) {
				t.Errorf("FromError = %v, %t; CodeOf has %d, %t", err, found, code, ok)
			}
		})
	}
}

func TestDecodeMalformedBytes(t *testing.T) {
	t.Parallel()
	good := packed(t, info(domain, "QPS_LIMIT", withCode("1804"))).GetValue()
	group := protowire.AppendTag(nil, 9, protowire.StartGroupType)
	emptyEntry := protowire.AppendBytes(protowire.AppendTag(nil, 3, protowire.BytesType), nil)
	badEntry := protowire.AppendBytes(protowire.AppendTag(nil, 3, protowire.BytesType), []byte{0x0a, 9})
	tests := map[string]struct {
		value []byte
		want  bool
	}{
		"cut":               {good[:len(good)-1], false},
		"no tag":            {append([]byte{0xff}, good...), false},
		"field 0":           {append([]byte{0x02, 0}, good...), false},
		"open group":        {append(group, good...), false},
		"bad entry":         {append(badEntry, good...), false},
		"empty entry":       {append(emptyEntry, good...), true},
		"number for reason": {append([]byte{0x08, 5}, good...), true},
		"unknown fields":    {append([]byte{0x40, 1, 0x4a, 1, 'x'}, good...), true},
		"closed group":      {append(protowire.AppendTag(group, 9, protowire.EndGroupType), good...), true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			detail := &anypb.Any{TypeUrl: "type.googleapis.com/google.rpc.ErrorInfo", Value: tt.value}
			// proto.Unmarshal decides whether the fixture is valid.
			if got := proto.Unmarshal(tt.value, &errdetails.ErrorInfo{}) == nil; got != tt.want {
				t.Fatalf("proto.Unmarshal takes it: %t, want %t", got, tt.want)
			}
			if got := codetable.Is(failure(t, detail), qpsLimit); got != tt.want {
				t.Errorf("QPS_LIMIT is found: %t, want %t", got, tt.want)
			}
		})
	}
}

func TestSuccessfulStatusHoldsNoError(t *testing.T) {
	t.Parallel()
	ok := status.FromProto(&spb.Status{Details: []*anypb.Any{packed(t, info(domain, "QPS_LIMIT", withCode("1804")))}})
	for name, err := range map[string]error{"OK": holder{ok}, "nil": holder{nil}} {
		if code, found := codetable.CodeOf[responseCode](err); found {
			t.Errorf("%s: CodeOf finds %v", name, code)
		}
		if e, found := codetable.FromError(err); found {
			t.Errorf("%s: FromError finds %v", name, e)
		}
	}
}

// holder is a foreign error with a status of its own.
type holder struct{ st *status.Status }

func (holder) Error() string                { return "holder" }
func (h holder) GRPCStatus() *status.Status { return h.st }

func TestDecodeInTreeOfErrors(t *testing.T) {
	t.Parallel()
	own := codetable.NewError(tokenExpired)
	received := wire(t, codetable.NewError(tooSoon))
	desc := newEnum(t, testTable(), value("TEST_CODE_BUSY", 1, testCode()))
	foreign, _ := codetable.LookupDescriptor(desc, 1)
	other := foreign.NewError()
	var typedNil *codetable.Error
	tests := map[string]struct {
		err  error
		want responseCode
	}{
		"wrapped":              {fmt.Errorf("a: %w", fmt.Errorf("b: %w", own)), tokenExpired},
		"wrapped status":       {fmt.Errorf("a: %w", received), tooSoon},
		"joined":               {errors.Join(errCause, own), tokenExpired},
		"first of two errors":  {errors.Join(own, codetable.NewError(qpsLimit)), tokenExpired},
		"typed error first":    {errors.Join(received, own), tokenExpired},
		"behind another table": {errors.Join(other, own), tokenExpired},
		"behind a status":      {errors.Join(status.Error(codes.Aborted, "x"), received), tooSoon},
		"behind a typed nil":   {errors.Join(typedNil, received), tooSoon},
		"behind a zero error":  {errors.Join(&codetable.Error{}, received), tooSoon},
		"status as a cause":    {codetable.NewError(tokenExpired, codetable.WithCause(received)), tokenExpired},
		"cause of other table": {foreign.NewError(codetable.WithCause(received)), tooSoon},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, ok := codetable.CodeOf[responseCode](tt.err); !ok || got != tt.want {
				t.Errorf("CodeOf = %v, %t, want %v", got, ok, tt.want)
			}
		})
	}
	two := errors.Join(own, other)
	withEnum(desc, func() {
		if got, ok := codetable.CodeOf[dynCode](two); !ok || got != 1 {
			t.Errorf("CodeOf the second table = %v, %t, want 1", got, ok)
		}
	})
	if e, ok := codetable.FromError(two); !ok || e != own {
		t.Errorf("FromError = %v, want the first error", e)
	}
}

func TestDecodedErrorKeepsTheStatus(t *testing.T) {
	t.Parallel()
	received := failure(t,
		&errdetails.Help{Links: []*errdetails.Help_Link{{Url: "https://example.com"}}},
		info(domain, "TOKEN_EXPIRED_OR_NOT_EXIST", map[string]string{"code": "9003", "b": "2", "a": "1", "Not-AIP": "kept"}),
		&anypb.Any{TypeUrl: "example.com/not.linked.Type", Value: []byte("any bytes")},
		info(domain, "QPS_LIMIT", withCode("1804")))
	st, _ := status.FromError(received)
	tests := map[string]struct {
		err  error
		text string
	}{
		"direct": {received, "jverification.jiguang.cn 9003 TOKEN_EXPIRED_OR_NOT_EXIST: " + received.Error()},
		"after grpc-go's retries": {
			fmt.Errorf("max retries exhausted: failed after %d attempts: %w", 5, received),
			"jverification.jiguang.cn 9003 TOKEN_EXPIRED_OR_NOT_EXIST: max retries exhausted: failed after 5 attempts: " + received.Error(),
		},
		"joined": {
			errors.Join(errCause, received),
			"jverification.jiguang.cn 9003 TOKEN_EXPIRED_OR_NOT_EXIST: " + errCause.Error() + " " + received.Error(),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err, ok := codetable.FromError(tt.err)
			if !ok {
				t.Fatal("FromError finds nothing")
			}
			if diff := gocmp.Diff(st.Proto(), err.GRPCStatus().Proto(), protocmp.Transform()); diff != "" {
				t.Errorf("status (-received +held):\n%s", diff)
			}
			if err.Error() != tt.text || err.Message() != "as received" || !err.Remote() {
				t.Errorf("Error %q\nwant  %q\nMessage %q, Remote %t", err.Error(), tt.text, err.Message(), err.Remote())
			}
			if err.Unwrap() != tt.err {
				t.Errorf("Unwrap gives %v", err.Unwrap())
			}
			want := map[string]string{"code": "9003", "b": "2", "a": "1", "Not-AIP": "kept"}
			if diff := gocmp.Diff(want, err.Metadata()); diff != "" {
				t.Errorf("Metadata (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStatusOfDecodedErrorIsTheReceivedOne(t *testing.T) {
	t.Parallel()
	want := status.FromProto(&spb.Status{Code: 9, Details: []*anypb.Any{packed(t, info(domain, "QPS_LIMIT", nil))}})
	for name, err := range map[string]error{"direct": holder{want}, "wrapped": fmt.Errorf("w: %w", holder{want})} {
		decoded, ok := codetable.FromError(err)
		if !ok || decoded.GRPCStatus() != want {
			t.Errorf("%s: the status is %p, want %p", name, decoded.GRPCStatus(), want)
		}
	}
}

// A hop sends on what it received byte for byte, even what it can't read. The
// fields are in an unusual order, so that the test notices a detail that was
// marshalled again.
func TestHopsChangeNoByte(t *testing.T) {
	t.Parallel()
	code := packed(t, info("", "", withCode("4242")))
	code.Value = append(code.Value, packed(t, info(domain, "", nil)).Value...)
	code.Value = append(code.Value, 0x4a, 1, 'x') // an unknown field
	err := failure(t, code, &anypb.Any{TypeUrl: "example.com/not.linked.Type", Value: []byte{0xff, 0xfe}}, &errdetails.RequestInfo{RequestId: "r"})
	want := rawDetails(err)
	for range 3 {
		decoded, ok := codetable.FromError(wire(t, err))
		if !ok {
			t.Fatal("the code is lost")
		}
		err = decoded
	}
	if diff := gocmp.Diff(want, rawDetails(err)); diff != "" {
		t.Errorf("details after three hops (-first +last):\n%s", diff)
	}
	if got := status.Convert(err); got.Code() != codes.FailedPrecondition || got.Message() != "as received" {
		t.Errorf("status after three hops is %v", got)
	}
}

// rawDetails returns the bytes of the details; protocmp would compare their
// meaning.
func rawDetails(err error) []string {
	var list []string
	for _, detail := range status.Convert(err).Proto().GetDetails() {
		list = append(list, detail.GetTypeUrl()+" "+string(detail.GetValue()))
	}
	return list
}

// The parsers of protobuf refuse a message with a string that is not valid
// UTF-8, so all languages ignore such an ErrorInfo.
func TestInvalidUTF8IsUnreadable(t *testing.T) {
	t.Parallel()
	entry := func(key, value string) []byte {
		b := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), key)
		return protowire.AppendString(protowire.AppendTag(b, 2, protowire.BytesType), value)
	}
	good := info(domain, "TOKEN_EXPIRED_OR_NOT_EXIST", withCode("9003"))
	for key, v := range map[string]string{"content": "a\xffb", "k\xfe": "v", "code": "\xff"} {
		raw := protowire.AppendBytes(protowire.AppendTag(packed(t, good).GetValue(), 3, protowire.BytesType), entry(key, v))
		bad := &anypb.Any{TypeUrl: "type.googleapis.com/google.rpc.ErrorInfo", Value: raw}
		if err, ok := codetable.FromError(failure(t, bad)); ok {
			t.Errorf("%q %q: read as %v", key, v, err)
		}
		if err := failure(t, bad, good); !codetable.Is(err, tokenExpired) {
			t.Errorf("%q %q: the second ErrorInfo of %v is not read", key, v, err)
		}
	}
}

// A status that was made in this process can hold a type URL that gRPC can't
// send. The code in another detail is decoded nevertheless.
func TestCodeSurvivesDetailWithInvalidTypeURL(t *testing.T) {
	t.Parallel()
	code := info(domain, "TOKEN_EXPIRED_OR_NOT_EXIST", withCode("9003"))
	for name, url := range map[string]string{
		"no UTF-8": "type.googleapis.com/\xff", "no name": "a/b/", "empty": "", "only slashes": "///", "ends alike": "\xff/google.rpc.ErrorInfo",
	} {
		for place, details := range map[string][]proto.Message{
			"before": {&anypb.Any{TypeUrl: url, Value: []byte("\xff")}, code},
			"behind": {code, &anypb.Any{TypeUrl: url, Value: []byte("\xff")}},
		} {
			received := failure(t, details...)
			err, ok := codetable.FromError(received)
			if !ok || !codetable.Is(received, tokenExpired) || !codetable.Is(err, tokenExpired) {
				t.Errorf("%s, %s: the code is lost: %v", name, place, err)
				continue
			}
			if again, _ := codetable.FromError(received); len(err.Details()) != 2 || !err.Equal(again) || codetable.RequestID(err) != "" || len(document(t, err)) == 0 {
				t.Errorf("%s, %s: %v does not hold what was received", name, place, err)
			}
		}
	}
}

// Every domain that Check accepts can be sent.
func TestEveryDomainThatCheckAcceptsIsSent(t *testing.T) {
	t.Parallel()
	label := strings.Repeat("a", 63)
	for _, domain := range []string{
		"a.bc", "x-1.example.com", label + "." + label + "." + label + "." + label[:61], strings.Repeat("a.", 125) + "com",
	} {
		table := testTable()
		table.Domain = domain
		desc := newEnum(t, table, value("TEST_CODE_BUSY", 1, testCode()))
		if err := checkEnum(desc); err != nil {
			t.Fatalf("Check: %v", err)
		}
		withEnum(desc, func() {
			received := wire(t, codetable.NewError(dynCode(1)))
			if code, ok := codetable.CodeOf[dynCode](received); code != 1 || !ok {
				t.Errorf("%d bytes of domain: CodeOf = %d, %t, want 1", len(domain), code, ok)
			}
		})
	}
}

// A caller that ignores the second result must not read a success.
func TestCodeOfWithoutCodeIsNotListed(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"nil": nil, "another error": errCause, "status": status.Error(codes.NotFound, "x"), "joined": errors.Join(errCause, io.EOF),
		"success": statusError(t, codes.OK, info(domain, "QPS_LIMIT", nil)), "nil error": (*codetable.Error)(nil), "wrapped": fmt.Errorf("a: %w", errCause),
		"success code": failure(t, info(domain, "SUCCESS", withCode("0"))),
	} {
		code, ok := codetable.CodeOf[responseCode](err)
		if spec, listed := codetable.Lookup(code); ok || listed || spec.GRPCCode() == codes.OK || code != math.MinInt32 {
			t.Errorf("%s: CodeOf = %v, %t, want a number that is not listed", name, code, ok)
		}
	}
}

// A table may list the smallest numbers.
func TestCodeOfAvoidsEveryListedNumber(t *testing.T) {
	t.Parallel()
	desc := newEnum(t, testTable(), value("TEST_CODE_LEAST", math.MinInt32, successCode()), value("TEST_CODE_NEXT", math.MinInt32+1, testCode()))
	withEnum(desc, func() {
		if code, ok := codetable.CodeOf[dynCode](nil); ok || code != math.MinInt32+2 {
			t.Errorf("CodeOf = %d, %t, want %d", code, ok, math.MinInt32+2)
		}
		unknown := failure(t, info(testDomain, "NEW_REASON", nil))
		if code, ok := codetable.CodeOf[dynCode](unknown); !ok || code != math.MinInt32+2 {
			t.Errorf("CodeOf an unknown reason = %d, %t, want %d", code, ok, math.MinInt32+2)
		}
	})
}

// A client meets a code that its older table does not list.
func TestUnlistedCodeKeepsItsReason(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("LONG_", 20)
	tests := map[string]struct {
		info   *errdetails.ErrorInfo
		number int32
		reason string
		want   map[string]string // metadata
	}{
		"number and reason":       {info(domain, "NEW_REASON", map[string]string{"code": "4242", "id": "1"}), 4242, "NEW_REASON", map[string]string{"code": "4242", "id": "1"}},
		"number alone":            {info(domain, "", withCode("4242")), 4242, "UNRECOGNIZED_CODE", withCode("4242")},
		"reason alone":            {info(domain, "NEW_REASON", map[string]string{"id": "1"}), math.MinInt32, "NEW_REASON", map[string]string{"id": "1"}},
		"malformed number":        {info(domain, "NEW_REASON", withCode("0x10")), math.MinInt32, "NEW_REASON", map[string]string{}},
		"long reason":             {info(domain, long, nil), math.MinInt32, long[:63], map[string]string{}},
		"no UTF-8 at 63":          {info(domain, strings.Repeat("A", 62)+"é", nil), math.MinInt32, strings.Repeat("A", 62), map[string]string{}},
		"as sent by this library": {info(domain, "UNRECOGNIZED_CODE", withCode("4242")), 4242, "UNRECOGNIZED_CODE", withCode("4242")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			received := failure(t, tt.info)
			err, ok := codetable.FromError(received)
			if !ok {
				t.Fatal("FromError finds nothing")
			}
			got := []any{err.Number(), err.Reason(), err.Metadata(), err.Spec().Listed(), err.Retry(), err.Message(), err.Spec().Reason()}
			want := []any{tt.number, tt.reason, tt.want, false, codetable.Retry{}, "as received", "UNRECOGNIZED_CODE"}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if code, ok := codetable.CodeOf[responseCode](received); !ok || int32(code) != tt.number {
				t.Errorf("CodeOf = %d, %t, want %d", code, ok, tt.number)
			}
			if !strings.Contains(err.Error(), tt.reason) || !strings.Contains(fmt.Sprint(err.LogValue()), tt.reason) {
				t.Errorf("%v does not name the reason %s", err, tt.reason)
			}
			// The next hop sends it unchanged.
			again, ok := codetable.FromError(wire(t, err))
			if !ok || !again.Equal(err) || !errors.Is(again, err) {
				t.Errorf("the next hop gets %v, want %v", again, err)
			}
		})
	}
}

// Is finds a code wherever errors.Is finds its error, and also in statuses.
func TestIsAgreesWithErrorsIs(t *testing.T) {
	t.Parallel()
	a, b, received := codetable.NewError(tokenExpired), codetable.NewError(qpsLimit), wire(t, codetable.NewError(tooSoon))
	tests := map[string]struct {
		err  error
		want []responseCode
	}{
		"first of two":           {errors.Join(a, b), []responseCode{tokenExpired, qpsLimit}},
		"second of two":          {errors.Join(b, a), []responseCode{tokenExpired, qpsLimit}},
		"cause":                  {codetable.NewError(qpsLimit, codetable.WithCause(a)), []responseCode{tokenExpired, qpsLimit}},
		"three levels":           {fmt.Errorf("x: %w", errors.Join(errCause, fmt.Errorf("y: %w", errors.Join(a, errCause)), b)), []responseCode{tokenExpired, qpsLimit}},
		"code and status":        {errors.Join(a, received), []responseCode{tokenExpired, tooSoon}},
		"status first":           {errors.Join(received, a), []responseCode{tokenExpired, tooSoon}},
		"second of two statuses": {errors.Join(wire(t, a), received), []responseCode{tokenExpired, tooSoon}},
		"status as a cause":      {codetable.NewError(qpsLimit, codetable.WithCause(received)), []responseCode{qpsLimit, tooSoon}},
		"unlisted":               {errors.Join(a, codetable.NewError(unlisted)), []responseCode{tokenExpired, unlisted}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, code := range append(failing(), unlisted) {
				want := slices.Contains(tt.want, code)
				if got := codetable.Is(tt.err, code); got != want {
					t.Errorf("Is(%v, %v) = %t, want %t", tt.err, code, got, want)
				}
				if errors.Is(tt.err, codetable.NewError(code)) && !want {
					t.Errorf("errors.Is finds %v in %v", code, tt.err)
				}
			}
		})
	}
}

// CodeOf and FromError prefer an *Error to a status, wherever they are in the
// tree.
func TestErrorComesBeforeStatus(t *testing.T) {
	t.Parallel()
	own, received := codetable.NewError(tokenExpired), wire(t, codetable.NewError(tooSoon))
	deep := fmt.Errorf("x: %w", errors.Join(errCause, fmt.Errorf("y: %w", own)))
	for name, err := range map[string]error{"status first": errors.Join(received, deep), "error first": errors.Join(deep, received)} {
		if e, ok := codetable.FromError(err); !ok || e != own {
			t.Errorf("%s: FromError = %v, want %v", name, e, own)
		}
		if code, ok := codetable.CodeOf[responseCode](err); !ok || code != tokenExpired {
			t.Errorf("%s: CodeOf = %v, want %v", name, code, tokenExpired)
		}
	}
}

var registerOnce sync.Once

// registerLateEnums registers two enums with the same domain, once in a
// process.
func registerLateEnums(tb testing.TB) {
	tb.Helper()
	registerOnce.Do(func() {
		for _, last := range []string{"b", "a"} {
			table := testTable()
			table.Domain = "late.example.com"
			enum := newFile(tb, "codetable.late."+last, &descriptorpb.EnumDescriptorProto{
				Name: new("TestCode"), Options: tableOptions(table),
				Value: []*descriptorpb.EnumValueDescriptorProto{value("TEST_CODE_FROM_"+last, 7, testCode())},
			})
			if err := protoregistry.GlobalTypes.RegisterEnum(dynamicpb.NewEnumType(enum)); err != nil {
				tb.Fatal(err)
			}
		}
	})
}

// A plugin can register its enums after the first error was decoded.
func TestDecodeFindsEnumsRegisteredLater(t *testing.T) {
	t.Parallel()
	if _, ok := codetable.FromError(failure(t, info("nobody.example.com", "X", nil))); ok {
		t.Fatal("a domain without a table decodes")
	}
	registerLateEnums(t)
	err, ok := codetable.FromError(failure(t, info("late.example.com", "", withCode("7"))))
	if !ok {
		t.Fatal("the code of a late enum is not found")
	}
	if err.Reason() != "FROM_a" {
		t.Errorf("reason %q, want the reason of the enum whose name sorts first", err.Reason())
	}
}

func TestRetryOfStatusWithoutRetryInfoIsTheTables(t *testing.T) {
	t.Parallel()
	err, _ := codetable.FromError(failure(t, info(domain, "QPS_LIMIT", withCode("1804"))))
	if got := err.Retry().Delay; got != time.Second {
		t.Errorf("delay %v, want the 1s of the table", got)
	}
}

func TestMetadataOfReceivedErrorHasTheNumber(t *testing.T) {
	t.Parallel()
	for number, metadata := range map[string]map[string]string{
		"absent": {"id": "1"}, "malformed": {"id": "1", "code": "+9"},
	} {
		err, _ := codetable.FromError(failure(t, info(domain, "QPS_LIMIT", metadata)))
		if diff := gocmp.Diff(map[string]string{"code": "1804", "id": "1"}, err.Metadata()); diff != "" {
			t.Errorf("%s: Metadata (-want +got):\n%s", number, diff)
		}
	}
}
