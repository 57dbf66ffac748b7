package wire_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

// minBudget is the minimum of interceptor.WithDetailBudget.
const minBudget = 1 << 10

func names(message *spb.Status) (list []string) {
	for _, detail := range message.GetDetails() {
		list = append(list, string(detail.MessageName()))
	}
	return list
}

// foreign returns a detail of an unlinked type with that many bytes.
func foreign(name string, size int) *anypb.Any {
	return &anypb.Any{TypeUrl: "example.com/" + name, Value: make([]byte, size)}
}

// WithDetailBudget documents the order in which details are dropped.
func TestFitDropsDetailsInOrder(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 300)
	whole := failure(t,
		info(domain, "QPS_LIMIT", withCode("1804")), // the code
		&errdetails.RetryInfo{RetryDelay: durationpb.New(time.Second)},
		&errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{{Subject: long + long + long}}},
		wire.PackRequestInfo(long+long+long), // dropped after the details before it
		wire.PackLocalizedMessage(long, "en"),
		wire.PackHelp("first", long), &errdetails.DebugInfo{Detail: long}, info("other.example.com", "OTHER", map[string]string{"id": long}),
		foreign("a.First", 300), foreign("a.Second", 300),
	)
	order := []string{
		"a.Second", "a.First", "google.rpc.ErrorInfo", "google.rpc.DebugInfo", "google.rpc.Help", "google.rpc.LocalizedMessage", "google.rpc.QuotaFailure", "google.rpc.RequestInfo",
	}
	size := proto.Size(whole)
	for budget, previous := size, 0; budget >= minBudget; budget -= 50 {
		message := proto.CloneOf(whole)
		shed, changed := wire.Fit(table.Linked, message, budget)
		if len(shed) < previous || !slices.Equal(shed, order[:len(shed)]) || changed != (budget < size) {
			t.Fatalf("budget %d of %d: shed %q, want the first of %q", budget, size, shed, order)
		}
		if got := len(message.GetDetails()) + len(shed); got != len(whole.GetDetails()) {
			t.Errorf("budget %d: %q is left and %q shed", budget, names(message), shed)
		}
		previous = len(shed)
	}
	if shed, _ := wire.Fit(table.Linked, proto.CloneOf(whole), minBudget); len(shed) != len(order) {
		t.Errorf("the least budget sheds %q, want all of %q", shed, order)
	}
}

func TestFitCutsMessageThenMetadata(t *testing.T) {
	t.Parallel()
	metadata := map[string]string{"code": "1804", "big": strings.Repeat("码", 2000), "bigger": strings.Repeat("x", 900), "id": "1"}
	message := failure(t, info(domain, "QPS_LIMIT", metadata), &errdetails.Help{})
	message.Message = strings.Repeat("码", 2000)
	shed, _ := wire.Fit(table.Linked, message, minBudget)
	var got errdetails.ErrorInfo
	if err := message.GetDetails()[0].UnmarshalTo(&got); err != nil {
		t.Fatal(err)
	}
	want := info(domain, "QPS_LIMIT", map[string]string{"code": "1804", "id": "1"})
	if diff := gocmp.Diff(want, &got, protocmp.Transform()); diff != "" {
		t.Errorf("ErrorInfo (-want +got):\n%s", diff)
	}
	if want := []string{"message", "google.rpc.Help", "metadata"}; !slices.Equal(shed, want) {
		t.Errorf("shed %q, want %q", shed, want)
	}
	if got := message.GetMessage(); got != strings.Repeat("码", minBudget/4/9) {
		t.Errorf("the message has %d bytes", len(got))
	}
}

// Values of 1 KiB are kept if they fit. Longer values are cut at a rune
// boundary.
func TestFitCutsLongValues(t *testing.T) {
	t.Parallel()
	message := failure(t, info(domain, "QPS_LIMIT", map[string]string{"code": "1804", "content": strings.Repeat("码", 2000)}))
	if shed, changed := wire.Fit(table.Linked, message, 4<<10); !changed || !slices.Equal(shed, []string{"metadata"}) {
		t.Errorf("shed %q, changed %t", shed, changed)
	}
	p, ok := wire.Decode(table.Linked, message)
	if want := strings.Repeat("码", 1024/3); !ok || p.Metadata[0].Value != want {
		t.Errorf("metadata %v, %t, want %d bytes", p.Metadata, ok, len(want))
	}
}

// gRPC sends no detail of a status that does not marshal, so the invalid parts
// are removed.
func TestFitMakesStatusesMarshalable(t *testing.T) {
	t.Parallel()
	code := info(domain, "QPS_LIMIT", withCode("1804"))
	tests := map[string]struct {
		status *spb.Status
		shed   []string
		want   *spb.Status
	}{
		"as it is":        {failure(t, code), nil, failure(t, code)},
		"invalid message": {&spb.Status{Code: 9, Message: "a\xff\xfeb"}, []string{"message"}, &spb.Status{Code: 9, Message: "a\uFFFDb"}},
		"empty message":   {&spb.Status{Code: 5}, nil, &spb.Status{Code: 5, Message: "NotFound"}},
		"unknown code":    {&spb.Status{Code: 99}, nil, &spb.Status{Code: 99, Message: "Code(99)"}},
		"invalid type URL before": {
			failure(t, &anypb.Any{TypeUrl: "\xff/google.rpc.Help"}, code), []string{"detail"}, failure(t, code),
		},
		"invalid type URL after": {
			failure(t, code, &anypb.Any{TypeUrl: "type.googleapis.com/\xff"}, &anypb.Any{TypeUrl: "\xfe"}), []string{"detail"}, failure(t, code),
		},
		"no detail at all": {&spb.Status{Code: 9, Message: "m", Details: []*anypb.Any{nil, packed(t, code)}}, nil, &spb.Status{Code: 9, Message: "m", Details: []*anypb.Any{packed(t, code)}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shed, _ := wire.Fit(table.Linked, tt.status, 4<<10)
			if diff := gocmp.Diff(tt.want, tt.status, protocmp.Transform()); diff != "" || !slices.Equal(shed, tt.shed) {
				t.Errorf("shed %q, want %q (-want +got):\n%s", shed, tt.shed, diff)
			}
			marshal(t, tt.status)
		})
	}
}

// Without details the message is sent only once.
func TestFitBoundsStatusWithoutDetails(t *testing.T) {
	t.Parallel()
	for _, text := range []string{strings.Repeat("x", 6400), strings.Repeat("码", 2100), strings.Repeat("%", 4000)} {
		message := &spb.Status{Code: 2, Message: text}
		checkFit(t, message, 4<<10)
		if !strings.HasPrefix(text, message.GetMessage()) || proto.Size(message) > 4<<10 {
			t.Errorf("%d bytes of status", proto.Size(message))
		}
	}
}

// Each removed part has a name that an observer can count.
func TestFitNamesTheRemovedParts(t *testing.T) {
	t.Parallel()
	message := failure(t, info(domain, "QPS_LIMIT", withCode("1804")), &anypb.Any{TypeUrl: "a/b/", Value: make([]byte, 2000)}, foreign("a.B", 2000), foreign("a.B", 2000))
	if shed, _ := wire.Fit(table.Linked, message, minBudget); !slices.Equal(shed, []string{"a.B", "detail"}) {
		t.Errorf("shed %q, want the names", shed)
	}
}

// The domain, the number and the reason of a linked table are never cut,
// because a cut domain is another domain.
func TestFitKeepsCodeOfLongDomain(t *testing.T) {
	t.Parallel()
	tbl := linkLongDomain(t)
	p := wire.Of(tbl.Entries[0], tbl.Entries[0].Number)
	p.Message = strings.Repeat("m", 2000)
	p.After = time.Hour + 1
	for i := range 30 {
		p.Metadata = append(p.Metadata, wire.Pair{Key: fmt.Sprintf("key%02d", i), Value: strings.Repeat("v", 100)})
	}
	for _, size := range []int{0, 100, 5000} {
		message := p.Status().Proto()
		message.Details = append(message.Details, foreign("a.B", size))
		wire.Fit(table.Linked, message, minBudget)
		got, ok := wire.Decode(table.Linked, message)
		if !ok || got.Number != p.Number || got.Reason != p.Reason || got.After != p.After || got.Code != p.Code {
			t.Errorf("decoded %+v, %t, want the code %d and the delay", got, ok, p.Number)
		}
		if proto.Size(message) > minBudget {
			t.Errorf("%d bytes, want at most %d", proto.Size(message), minBudget)
		}
	}
}

// The ErrorInfo of another domain is kept if the domain is not longer than a
// DNS name. Other details are dropped.
func TestFitWithForeignErrorInfo(t *testing.T) {
	t.Parallel()
	big := map[string]string{"code": strings.Repeat("9", 100), "id": strings.Repeat("x", 3000)}
	tests := map[string]struct {
		detail proto.Message
		kept   bool
	}{
		"DNS name":                    {info(strings.Repeat("b.", 125)+"com", strings.Repeat("R", 100), big), true},
		"longer":                      {info(strings.Repeat("b.", 126)+"com", "REASON", big), false},
		"unreadable":                  {&anypb.Any{TypeUrl: "x/google.rpc.ErrorInfo", Value: append(make([]byte, 3000), 0xff)}, false},
		"not there":                   {foreign("a.B", 3000), false},
		"success of the linked table": {info(domain, "SUCCESS", big), true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			message := failure(t, tt.detail)
			wire.Fit(table.Linked, message, minBudget)
			if kept := len(message.GetDetails()) == 1; kept != tt.kept {
				t.Fatalf("kept: %t, want %t", kept, tt.kept)
			}
			var got errdetails.ErrorInfo
			if wire.Find(message, &got) && (len(got.GetReason()) > 63 || len(got.GetMetadata()) != 0) {
				t.Errorf("ErrorInfo %v", &got)
			}
		})
	}
}

// A number is never cut, even if it has many leading zeros or belongs to
// another domain.
func TestFitKeepsTheNumberWhole(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("x", 3000)
	for _, tt := range []struct{ domain, sent, want string }{
		{domain, "1804", "1804"},
		{domain, strings.Repeat("0", 20) + "1804", "1804"},
		{domain, "-2147483648", "-2147483648"},
		{"other.example.com", "-2147483648", "-2147483648"},
		{"other.example.com", "123456789012", ""},
	} {
		message := failure(t, info(tt.domain, "REASON", map[string]string{"code": tt.sent, "id": big}))
		wire.Fit(table.Linked, message, minBudget)
		var got errdetails.ErrorInfo
		if !wire.Find(message, &got) || got.GetMetadata()["code"] != tt.want {
			t.Errorf("%s %s: ErrorInfo %v, want the number %q", tt.domain, tt.sent, &got, tt.want)
		}
	}
}

// FuzzFit uses any status, also with invalid UTF-8 in its message and in a type
// URL, which only a status of this process can have. To keep the inputs small,
// each detail grows by `grow` bytes, as metadata of an ErrorInfo.
func FuzzFit(f *testing.F) {
	linkLongDomain(f)
	some := map[string]string{"code": "1804", "id": "1", "content": "码"}
	for _, message := range []*spb.Status{
		{},
		{Code: 2, Message: "m"},
		failure(f, info(domain, "QPS_LIMIT", some), &errdetails.RetryInfo{RetryDelay: durationpb.New(time.Second)}, wire.PackHelp("h", "u")),
		failure(f, info("other.example.com", strings.Repeat("R", 70), some), info(domain, "NEW_REASON", some)),
		failure(f, info(longDomain, strings.Repeat("R", 63), some), info(domain, "SUCCESS", some)),
		failure(f, foreign("a.B", 5), foreign("", 5), info(strings.Repeat("d", 300), "X", some), info(domain, strings.Repeat("é", 50), withCode("+1"))),
		failure(f, info(domain, "", withCode(strings.Repeat("0", 20)+"1804"))),
		failure(f, &errdetails.RetryInfo{}, &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: 1 << 62, Nanos: -5}}, info(domain, "", withCode("-2147483648"))),
	} {
		for _, grow := range []uint16{0, 300, 5000} {
			f.Add(marshal(f, message), "", "", grow, uint16(0))
			f.Add(marshal(f, message), "a\xffb", "\xff/a.B", grow, uint16(3<<10))
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte, text, url string, grow, over uint16) {
		message := &spb.Status{}
		if proto.Unmarshal(raw, message) != nil {
			return
		}
		more := strings.Repeat("x", int(grow)%(8<<10))
		if text != "" {
			message.Message = text + more
		}
		for i, detail := range message.GetDetails() {
			if more != "" {
				part := marshal(t, info("", "", map[string]string{"content" + strconv.Itoa(i): more}))
				detail.Value = append(detail.Value, part...)
			}
		}
		if url != "" {
			message.Details = append(message.Details, &anypb.Any{TypeUrl: url, Value: []byte(text)})
		}
		checkFit(t, message, minBudget+int(over)%(8<<10))
	})
}

func checkFit(t *testing.T, message *spb.Status, budget int) {
	t.Helper()
	before := proto.CloneOf(message)
	shed, changed := wire.Fit(table.Linked, message, budget)
	if !changed && (len(shed) > 0 || !proto.Equal(before, message)) {
		t.Errorf("not said to change: shed %q\n%v\n%v", shed, before, message)
	}
	if slices.Contains(shed, "") {
		t.Errorf("shed %q holds an empty name", shed)
	}
	if raw, err := proto.Marshal(message); err != nil || len(raw) > budget {
		t.Errorf("%d bytes, want at most %d: %v", len(raw), budget, err)
	}
	header := text.EncodedLen(message.GetMessage())
	if len(message.GetDetails()) > 0 {
		header += (proto.Size(message) + 2) / 3 * 4
	}
	if most := (budget+2)/3*4 + budget/4; header > most {
		t.Errorf("%d bytes of headers, want at most %d", header, most)
	}
	if message.GetMessage() == "" || !utf8.ValidString(message.GetMessage()) {
		t.Errorf("message %q", message.GetMessage())
	}
	sameCode(t, before, message)
	once := proto.CloneOf(message)
	if shed, changed := wire.Fit(table.Linked, message, budget); changed || len(shed) > 0 || !proto.Equal(once, message) {
		t.Errorf("a second Fit changes it: shed %q\n%v\n%v", shed, once, message)
	}
}

// sameCode demands that the code and the delay are kept.
func sameCode(t *testing.T, before, after *spb.Status) {
	t.Helper()
	want, sent := wire.Decode(table.Linked, before)
	got, ok := wire.Decode(table.Linked, after)
	if ok != sent || got.Code != want.Code || got.Number != want.Number || got.Numbered != want.Numbered || got.Reason != want.Reason {
		t.Errorf("decoded %+v, %t, before %+v, %t", got, ok, want, sent)
	}
	delay, waits := wire.RetryDelay(before)
	if got, ok := wire.RetryDelay(after); got != delay || ok != waits {
		t.Errorf("delay %v, %t, before %v, %t", got, ok, delay, waits)
	}
	for _, pair := range got.Metadata {
		if pair.Key == wire.CodeKey || !utf8.ValidString(pair.Value) {
			t.Errorf("metadata %q", pair)
		}
	}
}
