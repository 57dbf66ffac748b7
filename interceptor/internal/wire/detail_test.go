package wire_test

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

func TestDetailName(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]protoreflect.FullName{
		"type.googleapis.com/google.rpc.Help": wire.Help, "google.rpc.Help": wire.Help, "a/b/google.rpc.Help": wire.Help, "/google.rpc.Help": wire.Help,
		"": "", "/": "", "a/b/": "", "a/1b": "", "a/google..rpc": "", "\xff/google.rpc.Help": wire.Help,
	} {
		if got := (wire.Detail{URL: url}).Name(); got != want {
			t.Errorf("name of %q is %q, want %q", url, got, want)
		}
	}
}

func TestIsAndHas(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{
		"type.googleapis.com/google.rpc.Help": true, "google.rpc.Help": true, "/google.rpc.Help": true, "\xff/google.rpc.Help": true,
		"": false, "my.google.rpc.Help": false, "google.rpc.Helper": false, "x/my.google.rpc.Help": false, "oogle.rpc.Help": false,
	} {
		detail := &anypb.Any{TypeUrl: url}
		if wire.Is(detail, wire.Help) != want || wire.Has(failure(t, wire.PackRequestInfo("r"), detail), wire.Help) != want {
			t.Errorf("%q is a Help: %t, want %t", url, wire.Is(detail, wire.Help), want)
		}
	}
	if wire.Is(nil, wire.Help) || wire.Has(nil, wire.Help) {
		t.Error("nothing is a Help")
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	broken := &anypb.Any{TypeUrl: "x/google.rpc.RequestInfo", Value: []byte{0xff}}
	var request errdetails.RequestInfo
	if !wire.Find(failure(t, &errdetails.Help{}, broken, wire.PackRequestInfo("r"), wire.PackRequestInfo("s")), &request) || request.GetRequestId() != "r" {
		t.Errorf("found %v, want the first that can be read", &request)
	}
	if wire.Find(failure(t, broken), &request) || wire.Find(nil, &request) {
		t.Error("a detail is found where there is none")
	}
}

func TestLastOfEach(t *testing.T) {
	t.Parallel()
	a1, a2, b := wire.Detail{URL: "x/a.A", Value: "1"}, wire.Detail{URL: "y/a.A", Value: "2"}, wire.Detail{URL: "x/b.B"}
	for _, tt := range []struct{ list, want []wire.Detail }{
		{nil, nil},
		{[]wire.Detail{a1}, []wire.Detail{a1}},
		{[]wire.Detail{a1, b, a2}, []wire.Detail{b, a2}},
		{[]wire.Detail{a1, a2, a1, a2}, []wire.Detail{a2}},
		{[]wire.Detail{b, a1}, []wire.Detail{b, a1}},
	} {
		if got := wire.LastOfEach(slices.Clone(tt.list)); !slices.Equal(got, tt.want) {
			t.Errorf("LastOfEach(%v) = %v, want %v", tt.list, got, tt.want)
		}
	}
}

func TestSortPairs(t *testing.T) {
	t.Parallel()
	pairs := func(text string) (list []wire.Pair) {
		for p := range strings.FieldsSeq(text) {
			list = append(list, wire.Pair{Key: p[:1], Value: p[1:]})
		}
		return list
	}
	for list, want := range map[string]string{"": "", "a1": "a1", "b1 a1": "a1 b1", "a1 a2 a3": "a3", "b1 a1 b2 c1 a2": "a2 b2 c1"} {
		if got := wire.SortPairs(pairs(list)); !slices.Equal(got, pairs(want)) {
			t.Errorf("SortPairs(%s) = %v, want %s", list, got, want)
		}
	}
}

// The pushback for a delay of a table, an option or a peer is never negative,
// because a negative pushback forbids the retry.
func TestPushbackIsClamped(t *testing.T) {
	t.Parallel()
	for delay, want := range map[time.Duration]int64{
		0: 0, 1: 1, time.Millisecond: 1, time.Millisecond + 1: 2, time.Second: 1000, -1: 0, -time.Hour: 0, math.MinInt64: 0,
		math.MaxInt32 * time.Millisecond: math.MaxInt32, math.MaxInt32*time.Millisecond + 1: math.MaxInt32, math.MaxInt64: math.MaxInt32,
	} {
		if got := wire.PushbackMillis(delay); got != want {
			t.Errorf("PushbackMillis(%v) = %d, want %d", delay, got, want)
		}
	}
	for _, seconds := range []int64{math.MaxInt64, math.MaxInt64 / int64(time.Second), math.MaxInt64/int64(time.Second) + 1, 1 << 40, math.MinInt64} {
		for _, nanos := range []int32{0, math.MaxInt32, math.MinInt32, 999_999_999} {
			delay, ok := wire.RetryDelay(failure(t, &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: seconds, Nanos: nanos}}))
			if ms := wire.PushbackMillis(delay); !ok || delay < 0 || ms < 0 || seconds > 0 && ms != math.MaxInt32 {
				t.Errorf("%ds %dns of a peer are %v, and %d ms", seconds, nanos, delay, ms)
			}
		}
	}
}

func TestRetryDelay(t *testing.T) {
	t.Parallel()
	broken := &anypb.Any{TypeUrl: "x/google.rpc.RetryInfo", Value: []byte{0xff}}
	if delay, ok := wire.RetryDelay(failure(t, &errdetails.Help{}, broken, wire.PackRetryInfo(time.Second), wire.PackRetryInfo(time.Hour))); !ok || delay != time.Second {
		t.Errorf("delay %v, %t, want the delay of the first readable one", delay, ok)
	}
	if delay, ok := wire.RetryDelay(failure(t, broken)); ok || delay != 0 {
		t.Errorf("delay %v, %t, want none", delay, ok)
	}
	if _, ok := wire.RetryDelay(nil); ok {
		t.Error("nothing has a delay")
	}
}

// The test uses the mapping and the names that google/rpc/code.proto documents.
func TestHTTPStatusAndName(t *testing.T) {
	t.Parallel()
	want := map[codes.Code]int{
		codes.OK: 200, codes.Canceled: 499, codes.Unknown: 500, codes.InvalidArgument: 400, codes.DeadlineExceeded: 504, codes.NotFound: 404,
		codes.AlreadyExists: 409, codes.PermissionDenied: 403, codes.ResourceExhausted: 429, codes.FailedPrecondition: 400, codes.Aborted: 409,
		codes.OutOfRange: 400, codes.Unimplemented: 501, codes.Internal: 500, codes.Unavailable: 503, codes.DataLoss: 500, codes.Unauthenticated: 401,
	}
	for c := range codes.Code(17) {
		if got := wire.HTTPStatus(c); got != want[c] {
			t.Errorf("HTTPStatus(%v) = %d, want %d", c, got, want[c])
		}
		if got := table.CodeName(c); got != code.Code_name[int32(c)] {
			t.Errorf("CodeName(%v) = %s", c, got)
		}
	}
	if wire.HTTPStatus(17) != http.StatusInternalServerError || table.CodeName(99) != strconv.Itoa(99) || wire.ServerError != 500 {
		t.Error("an unknown code is not a fault of the server")
	}
}
