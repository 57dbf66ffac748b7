package wire_test

import (
	"bytes"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/internal/enumtest"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

// entry is a code with the given option.
func entry(tb testing.TB, code *codetablev1.Code) *table.Entry {
	tb.Helper()
	return table.For(enumtest.File{
		Table: &codetablev1.Table{Domain: "codes.example.com"}, Values: []enumtest.Value{{Name: "TEST_CODE_BUSY", Number: 7, Code: code}},
	}.Build(tb)).Entry(7)
}

// The package encodes the same bytes as proto.Marshal.
func TestDetailsEqualProtoMarshal(t *testing.T) {
	t.Parallel()
	const reason = "BUSY"
	for _, notes := range []string{"", "Too many calls", "太多", strings.Repeat("long ", 200)} {
		for _, subject := range []string{"", "calls", strings.Repeat("s", 300)} {
			for typ, want := range map[codetablev1.DetailType]proto.Message{
				codetablev1.DetailType_DETAIL_TYPE_BAD_REQUEST: &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
					{Field: subject, Description: notes, Reason: reason},
				}},
				codetablev1.DetailType_DETAIL_TYPE_PRECONDITION_FAILURE: &errdetails.PreconditionFailure{Violations: []*errdetails.PreconditionFailure_Violation{
					{Type: reason, Subject: subject, Description: notes},
				}},
				codetablev1.DetailType_DETAIL_TYPE_QUOTA_FAILURE: &errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{
					{Subject: subject, Description: notes},
				}},
				codetablev1.DetailType_DETAIL_TYPE_RESOURCE_INFO: &errdetails.ResourceInfo{ResourceType: subject, Description: notes},
				codetablev1.DetailType_DETAIL_TYPE_UNSPECIFIED:   nil,
				99: nil,
			} {
				p := wire.Of(entry(t, &codetablev1.Code{Notes: notes, Detail: &codetablev1.Detail{Type: typ, Subject: subject}}), 7)
				details := p.Status().Proto().GetDetails()[1:]
				if want == nil {
					if len(details) != 0 {
						t.Errorf("%v: details %v, want none", typ, details)
					}
					continue
				}
				wantBytes(t, details[0], want)
			}
		}
	}
}

func wantBytes(t *testing.T, got *anypb.Any, want proto.Message) {
	t.Helper()
	packed := packed(t, want)
	if got.GetTypeUrl() != packed.GetTypeUrl() || !bytes.Equal(got.GetValue(), marshal(t, want)) {
		t.Errorf("%s is\n%x, proto.Marshal writes\n%x", got.GetTypeUrl(), got.GetValue(), packed.GetValue())
	}
}

func TestRetryInfoEqualsProtoMarshal(t *testing.T) {
	t.Parallel()
	for _, delay := range []time.Duration{
		0, 1, 999, time.Millisecond, 127, 128, time.Second - 1, time.Second, time.Second + 1, 1500 * time.Millisecond, time.Hour,
		24 * time.Hour, math.MaxInt64, math.MaxInt64 - 1, math.MaxInt64 / time.Second * time.Second,
	} {
		p := wire.Of(entry(t, nil), 7)
		p.After = delay
		want := &errdetails.RetryInfo{RetryDelay: durationpb.New(delay)}
		wantBytes(t, p.Status().Proto().GetDetails()[1], want)
		wantBytes(t, wire.PackRetryInfo(delay), want)
		if p.Delay() != delay || p.Timed() {
			t.Errorf("delay %v, timed %t, want %v", p.Delay(), p.Timed(), delay)
		}
	}
}

func TestErrorInfoEqualsProtoMarshal(t *testing.T) {
	t.Parallel()
	for _, number := range []int32{7, 0, -1, math.MaxInt32, math.MinInt32} {
		for _, metadata := range [][]wire.Pair{
			nil,
			{{Key: "content", Value: "数据"}},
			{{Key: "aa", Value: ""}, {Key: "id", Value: strings.Repeat("x", 300)}, {Key: strings.Repeat("k", 64), Value: "v"}},
		} {
			p := wire.Of(entry(t, nil), number)
			p.Metadata = metadata
			want := info("codes.example.com", "BUSY", map[string]string{"code": strconv.Itoa(int(number))})
			for _, pair := range metadata {
				want.Metadata[pair.Key] = pair.Value
			}
			detail := p.Status().Proto().GetDetails()[0]
			if len(metadata) == 0 {
				wantBytes(t, detail, want)
			}
			var got errdetails.ErrorInfo
			if err := detail.UnmarshalTo(&got); err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(want, &got, protocmp.Transform()); diff != "" || len(detail.GetValue()) != proto.Size(want) {
				t.Errorf("%d bytes, want %d (-want +got):\n%s", len(detail.GetValue()), proto.Size(want), diff)
			}
		}
	}
}

func TestPackedDetails(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		got  *anypb.Any
		want proto.Message
	}{
		{wire.PackRequestInfo("id"), &errdetails.RequestInfo{RequestId: "id"}},
		{wire.PackLocalizedMessage("text", "de"), &errdetails.LocalizedMessage{Locale: "de", Message: "text"}},
		{wire.PackHelp("BUSY", "https://example.com"), &errdetails.Help{Links: []*errdetails.Help_Link{{Description: "BUSY", Url: "https://example.com"}}}},
	} {
		wantBytes(t, tt.got, tt.want)
	}
	defer func() {
		if recover() == nil {
			t.Error("Pack of invalid UTF-8 does not panic")
		}
	}()
	wire.Pack(&errdetails.RequestInfo{RequestId: "\xff"})
}

func TestStatusOfParts(t *testing.T) {
	t.Parallel()
	code := &codetablev1.Code{
		GrpcCode: new(codetablev1.GrpcCode_GRPC_CODE_ABORTED), Notes: "Too many calls",
		Detail: &codetablev1.Detail{Type: codetablev1.DetailType_DETAIL_TYPE_QUOTA_FAILURE, Subject: "calls"},
		Retry:  &codetablev1.Retry{After: &codetablev1.Retry_Delay{Delay: durationpb.New(time.Second)}},
	}
	own := wire.Detail{URL: "example.com/google.rpc.QuotaFailure", Value: "own"}
	tests := map[string]struct {
		change func(*wire.Parts)
		want   []string
	}{
		"all of the table":          {func(*wire.Parts) {}, []string{"google.rpc.ErrorInfo", "google.rpc.RetryInfo", "google.rpc.QuotaFailure"}},
		"no delay":                  {func(p *wire.Parts) { p.After = 0 }, []string{"google.rpc.ErrorInfo", "google.rpc.RetryInfo", "google.rpc.QuotaFailure"}},
		"detail that replaces":      {func(p *wire.Parts) { p.Details = []wire.Detail{own} }, []string{"google.rpc.ErrorInfo", "google.rpc.RetryInfo", "google.rpc.QuotaFailure"}},
		"additional detail":         {func(p *wire.Parts) { p.Details = []wire.Detail{{URL: "x/a.B"}} }, []string{"google.rpc.ErrorInfo", "google.rpc.RetryInfo", "google.rpc.QuotaFailure", "a.B"}},
		"more than a pool may keep": {func(p *wire.Parts) { p.Metadata = []wire.Pair{{Key: "id", Value: strings.Repeat("x", 1<<13)}} }, []string{"google.rpc.ErrorInfo", "google.rpc.RetryInfo", "google.rpc.QuotaFailure"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := wire.Of(entry(t, code), 7)
			tt.change(&p)
			message := p.Status().Proto()
			var got []string
			for _, detail := range message.GetDetails() {
				got = append(got, string(detail.MessageName()))
			}
			if !slices.Equal(got, tt.want) || message.GetCode() != int32(codes.Aborted) || message.GetMessage() != "Too many calls" {
				t.Errorf("status %v with %q, want %q", message, got, tt.want)
			}
			p.Message = ""
			if p.Status().Message() == "" {
				t.Error("the message is empty")
			}
		})
	}
}

// Statuses are built in pooled memory.
func TestStatusesDoNotShareMemory(t *testing.T) {
	t.Parallel()
	e := entry(t, &codetablev1.Code{Detail: &codetablev1.Detail{Type: codetablev1.DetailType_DETAIL_TYPE_BAD_REQUEST, Subject: "calls"}})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 200 {
				p := wire.Of(e, int32(i*1000+j))
				p.Metadata = []wire.Pair{{Key: "id", Value: strings.Repeat(strconv.Itoa(i), 1+j)}}
				first := p.Status()
				_ = p.Status()
				if got, ok := wire.Number(e.Table, first.Proto()); !ok || got != p.Number {
					t.Errorf("the status of %d holds %d", p.Number, got)
				}
			}
		})
	}
	wg.Wait()
}

func TestDecode(t *testing.T) {
	t.Parallel()
	tbl := jiguang()
	parts := func(number int32, numbered bool, reason string, metadata ...wire.Pair) *wire.Parts {
		return &wire.Parts{Code: tbl.Entry(number).Code, Number: number, Numbered: numbered, Reason: reason, Message: "as received", Metadata: metadata, After: -1}
	}
	id := wire.Pair{Key: "id", Value: "1"}
	disordered := packed(t, info("", "", map[string]string{"id": "1"}))
	disordered.Value = append(disordered.Value, marshal(t, info(domain, "QPS_LIMIT", nil))...)
	tests := map[string]struct {
		status *spb.Status
		want   *wire.Parts // nil: nothing is decoded
	}{
		"nil":                      {nil, nil},
		"OK":                       {&spb.Status{Details: failure(t, info(domain, "QPS_LIMIT", nil)).Details}, nil},
		"listed":                   {failure(t, info(domain, "QPS_LIMIT", map[string]string{"code": "1804", "id": "1"})), parts(1804, true, "QPS_LIMIT", id)},
		"reason alone":             {failure(t, info(domain, "QPS_LIMIT", nil)), parts(1804, true, "QPS_LIMIT")},
		"number alone":             {failure(t, info(domain, "", withCode("1804"))), parts(1804, true, "QPS_LIMIT")},
		"unlisted":                 {failure(t, info(domain, "NEW", withCode("4242"))), parts(4242, true, "NEW")},
		"unlisted, without reason": {failure(t, info(domain, "", withCode("4242"))), parts(4242, true, "UNRECOGNIZED_CODE")},
		"new reason":               {failure(t, info(domain, "NEW", map[string]string{"id": "1"})), parts(math.MinInt32, false, "NEW", id)},
		"nothing":                  {failure(t, info(domain, "", map[string]string{"id": "1"})), nil},
		"success":                  {failure(t, info(domain, "SUCCESS", nil)), nil},
		"out of order":             {failure(t, &errdetails.Help{}, disordered), parts(1804, true, "QPS_LIMIT", id)},
		"second":                   {failure(t, info("x.example.com", "X", nil), info(domain, "SUCCESS", nil), info(domain, "QPS_LIMIT", nil)), parts(1804, true, "QPS_LIMIT")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := wire.Decode(table.Linked, tt.status)
			if ok != (tt.want != nil) || ok && !reflect.DeepEqual(&got, tt.want) {
				t.Errorf("Decode = %+v, %t, want %+v", got, ok, tt.want)
			}
			number, ok := wire.Number(tbl, tt.status)
			if ok != (tt.want != nil) || ok && number != tt.want.Number || !ok && number != tbl.Absent {
				t.Errorf("Number = %d, %t, want as Decode", number, ok)
			}
		})
	}
	timed, _ := wire.Decode(table.Linked, failure(t, &errdetails.RetryInfo{RetryDelay: durationpb.New(time.Minute)}, info(domain, "QPS_LIMIT", nil)))
	if timed.After != time.Minute {
		t.Errorf("Decode = %+v, want the delay that was sent", timed)
	}
}

// A public boundary uses these findings about each ErrorInfo.
func TestInfos(t *testing.T) {
	t.Parallel()
	unreadable := &anypb.Any{TypeUrl: "x/google.rpc.ErrorInfo", Value: []byte{0xff}}
	long := strings.Repeat("9", 30)
	tests := map[string]struct {
		detail             proto.Message
		number             int32
		failing, ambiguous bool
	}{
		"unreadable":                      {unreadable, 0, false, false},
		"clear":                           {info(domain, "QPS_LIMIT", withCode("1804")), 1804, true, false},
		"number alone":                    {info(domain, "", withCode("1804")), 1804, true, false},
		"reason alone":                    {info(domain, "QPS_LIMIT", nil), 1804, true, false},
		"contradiction":                   {info(domain, "AUTH_FAILED", withCode("1804")), 1804, true, true},
		"unknown reason":                  {info(domain, "NEW", withCode("1804")), 1804, true, true},
		"malformed number":                {info(domain, "QPS_LIMIT", withCode("1804x")), 1804, true, true},
		"overflowing number":              {info(domain, "QPS_LIMIT", withCode(long)), 1804, true, true},
		"plus":                            {info(domain, "QPS_LIMIT", withCode("+1804")), 1804, true, true},
		"unlisted":                        {info(domain, "NEW", withCode("4242")), 4242, true, false},
		"unlisted number, listed reason":  {info(domain, "QPS_LIMIT", withCode("4242")), 4242, true, false},
		"new reason alone":                {info(domain, "NEW", nil), math.MinInt32, true, true},
		"nothing":                         {info(domain, "", nil), math.MinInt32, false, true},
		"success":                         {info(domain, "SUCCESS", withCode("0")), 0, false, false},
		"operator reason, success number": {info(domain, "AUTH_FAILED", withCode("0")), 0, false, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			message := failure(t, &errdetails.Help{}, info("other.example.com", "X", nil), tt.detail, tt.detail)
			seen := 0
			for named := range wire.Infos(table.Linked, message) {
				seen++
				if named.Number != tt.number || named.Failing != tt.failing || named.Ambiguous != tt.ambiguous {
					t.Errorf("%+v, want number %d, failing %t, ambiguous %t", named, tt.number, tt.failing, tt.ambiguous)
				}
				if (named.Entry == nil) != (tt.detail == unreadable) {
					t.Errorf("entry %v", named.Entry)
				}
			}
			if seen != 2 {
				t.Errorf("%d infos of the table, want 2", seen)
			}
			for range wire.Infos(table.Linked, message) {
				break // the caller may stop the iteration
			}
		})
	}
}

// An ErrorInfo that is truncated anywhere, or has any byte changed, is never
// read as a success.
func TestHostileErrorInfos(t *testing.T) {
	t.Parallel()
	whole := marshal(t, info(domain, "QPS_LIMIT", map[string]string{"code": "1804", "id": "1", "content": strings.Repeat("x", 200)}))
	hostile := [][]byte{{0x1a, 2, 0x0a, 9}, {0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f}, {0x4b}, {0x4c}, {0x02}, bytes.Repeat([]byte{0x1a, 0}, 1000)}
	for i := range whole {
		hostile = append(hostile, whole[:i])
		for _, b := range []byte{0, 0x7f, 0x80, 0xff, whole[i] ^ 1} {
			changed := bytes.Clone(whole)
			changed[i] = b
			hostile = append(hostile, changed)
		}
	}
	for _, value := range hostile {
		message := failure(t, &anypb.Any{TypeUrl: "type.googleapis.com/google.rpc.ErrorInfo", Value: value})
		p, ok := wire.Decode(table.Linked, message)
		number, sure := wire.Number(jiguang(), message)
		if ok && (p.Code.Entry().GRPCCode == codes.OK || p.Number != number && p.Code.Entry().Table == jiguang()) {
			t.Errorf("%x: Decode = %+v, Number = %d, %t", value, p, number, sure)
		}
		for named := range wire.Infos(table.Linked, message) {
			if named.Failing && named.Entry.GRPCCode == codes.OK {
				t.Errorf("%x: %+v is a failing success", value, named)
			}
		}
	}
}
