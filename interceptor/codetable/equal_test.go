package codetable_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// makers returns functions that make equal errors, one for each way in which
// errors are stored.
func makers() map[string]func() error {
	metadata := func(keys ...string) (opts []codetable.ErrorOption) {
		for _, key := range keys {
			opts = append(opts, codetable.WithMetadata(key, "v"))
		}
		return opts
	}
	return map[string]func() error{
		"static":        func() error { return codetable.NewError(tokenExpired) },
		"window":        func() error { return codetable.NewError(numberLimit) },
		"unlisted":      func() error { return codetable.NewError(unlisted) },
		"metadata":      func() error { return codetable.NewError(tokenExpired, metadata("id")...) },
		"much metadata": func() error { return codetable.NewError(tokenExpired, metadata("aa", "bb", "cc", "dd")...) },
		"all options": func() error {
			return codetable.NewError(qpsLimit, codetable.WithMessage("m"), codetable.WithMetadata("id", "1"), codetable.WithCause(errCause),
				codetable.WithRetryAfter(time.Minute), codetable.WithDetail(requestInfo("r")), codetable.WithMetadata("Bad key", "v"))
		},
		"window and options": func() error { return codetable.NewError(numberLimit, codetable.WithMetadata("id", "1")) },
	}
}

// assert.Equal of testify compares with reflect.DeepEqual. The result must not
// change after one of the errors was sent or logged.
func TestEqualErrorsStayEqual(t *testing.T) {
	t.Parallel()
	for name, make := range makers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			used, fresh := asError(t, make()), asError(t, make())
			if !reflect.DeepEqual(used, fresh) {
				t.Fatalf("before it was used: %#v\nand %#v differ", used, fresh)
			}
			_, _, _ = used.GRPCStatus(), used.Error(), used.LogValue()
			_, _, _ = used.Details(), used.Retry(), used.UserMessage("zh")
			if _, err := json.Marshal(used); err != nil {
				t.Error(err)
			}
			if _, ok := codetable.FromError(wire(t, used)); !ok {
				t.Error("the code is lost")
			}
			if !reflect.DeepEqual(used, fresh) || !used.Equal(fresh) {
				t.Errorf("after it was used: %#v\nand %#v differ", used, fresh)
			}
			if diff := gocmp.Diff(used, fresh); diff != "" {
				t.Errorf("go-cmp (-used +fresh):\n%s", diff)
			}
		})
	}
}

// The order of options with different keys has no meaning.
func TestEqualErrorsWithOptionsInAnyOrder(t *testing.T) {
	t.Parallel()
	a, b, c := codetable.WithMetadata("aa", "1"), codetable.WithMetadata("bb", "2"), codetable.WithMetadata("cc", "3")
	tests := map[string][2][]codetable.ErrorOption{
		"two":        {{a, b}, {b, a}},
		"three":      {{a, b, c}, {c, b, a}},
		"overridden": {{codetable.WithMetadata("aa", "old"), a}, {a}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, second := codetable.NewError(tokenExpired, tt[0]...), codetable.NewError(tokenExpired, tt[1]...)
			if !reflect.DeepEqual(first, second) || !asError(t, first).Equal(asError(t, second)) {
				t.Errorf("%#v\nand %#v differ", first, second)
			}
		})
	}
}

func TestEqual(t *testing.T) {
	t.Parallel()
	static := asError(t, codetable.NewError(tokenExpired))
	with := func(opts ...codetable.ErrorOption) *codetable.Error {
		return asError(t, codetable.NewError(tokenExpired, opts...))
	}
	received := func(err error) *codetable.Error {
		decoded, ok := codetable.FromError(err)
		if !ok {
			t.Fatalf("%v holds no code", err)
		}
		return decoded
	}
	// Another implementation may write the same metadata in another order.
	keys := map[string]string{"code": "9003", "id": "1"}
	reordered := packed(t, info(domain, "TOKEN_EXPIRED_OR_NOT_EXIST", nil))
	for _, key := range []string{"id", "code"} {
		part := packed(t, info("", "", map[string]string{key: keys[key]}))
		reordered.Value = append(reordered.Value, part.Value...)
	}
	sent := with(codetable.WithMetadata("id", "1")).GRPCStatus().Proto()
	again := &spb.Status{Code: sent.Code, Message: sent.Message, Details: append([]*anypb.Any{reordered}, sent.Details[1:]...)}
	var none *codetable.Error
	tests := map[string]struct {
		a, b *codetable.Error
		want bool
	}{
		"itself":                 {static, static, true},
		"received":               {static, received(wire(t, static)), true},
		"both received":          {received(wire(t, static)), received(wire(t, static)), true},
		"metadata in any order":  {with(codetable.WithMetadata("id", "1")), received(status.FromProto(again).Err()), true},
		"other cause":            {static, with(codetable.WithCause(errCause)), true},
		"nil and nil":            {none, none, true},
		"nil and zero":           {none, &codetable.Error{}, true},
		"nil":                    {none, static, false},
		"other is nil":           {static, none, false},
		"other code":             {static, asError(t, codetable.NewError(tooSoon)), false},
		"other message":          {static, with(codetable.WithMessage("m")), false},
		"other metadata":         {static, with(codetable.WithMetadata("id", "1")), false},
		"other metadata value":   {with(codetable.WithMetadata("id", "2")), with(codetable.WithMetadata("id", "1")), false},
		"other delay":            {static, with(codetable.WithRetryAfter(time.Second)), false},
		"other detail":           {with(codetable.WithDetail(requestInfo("r"))), with(codetable.WithDetail(requestInfo("s"))), false},
		"one detail more":        {static, with(codetable.WithDetail(requestInfo("r"))), false},
		"details in other order": {with(codetable.WithDetail(requestInfo("r")), codetable.WithDetail(&errdetails.Help{})), with(codetable.WithDetail(&errdetails.Help{}), codetable.WithDetail(requestInfo("r"))), false},
		"other status":           {static, received(statusError(t, codes.NotFound, info(domain, "TOKEN_EXPIRED_OR_NOT_EXIST", withCode("9003")))), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.a.Equal(tt.b) != tt.want || tt.b.Equal(tt.a) != tt.want {
				t.Errorf("Equal(%v, %v) = %t, and the other way %t, want %t", tt.a, tt.b, tt.a.Equal(tt.b), tt.b.Equal(tt.a), tt.want)
			}
		})
	}
}

// Two errors with the same window are equal, no matter when they were made.
func TestEqualIgnoresTheTimeLeftToAWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first := asError(t, codetable.NewError(hourLimit))
		decoded, _ := codetable.FromError(wire(t, first))
		time.Sleep(10 * time.Minute)
		if !first.Equal(decoded) || !decoded.Equal(first) {
			t.Errorf("%v after %v and %v after %v differ", first, first.Retry(), decoded, decoded.Retry())
		}
	})
}

// printed returns errors with as much content as an error can have.
func printed(tb testing.TB) map[string]*codetable.Error {
	tb.Helper()
	errs := map[string]*codetable.Error{}
	for name, make := range makers() {
		err := asError(tb, make())
		errs[name] = err
		decoded, ok := codetable.FromError(wire(tb, err))
		if !ok {
			tb.Fatalf("%v is lost", err)
		}
		errs[name+", received"] = decoded
	}
	return errs
}

// A failing assertion prints the compared values. An error and a Spec stay
// short, and the table is not printed.
func TestPrintedFormIsShort(t *testing.T) {
	t.Parallel()
	const maxBytes = 4 << 10
	values := map[string]any{}
	for name, err := range printed(t) {
		values[name] = err
		values[name+", its Spec"] = err.Spec()
	}
	for name, v := range values {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, verb := range []string{"%v", "%+v", "%#v"} {
				got := fmt.Sprintf(verb, v)
				if len(got) > maxBytes || strings.Contains(got, "CAPTCHA") {
					t.Errorf("%s prints %d bytes, or another code: %.200q", verb, len(got), got)
				}
			}
			if n := reachable(reflect.ValueOf(v), 10); n >= 200 {
				t.Errorf("reflection reaches %d values, want less than 200", n)
			}
		})
	}
}

// reachable counts the values that a reflective printer visits through
// pointers, interfaces, maps and unexported fields, down to a depth.
func reachable(v reflect.Value, depth int) int {
	if depth == 0 || !v.IsValid() {
		return 0
	}
	n := 1
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		n += reachable(v.Elem(), depth-1)
	case reflect.Struct:
		for _, field := range v.Fields() {
			n += reachable(field, depth-1)
		}
	case reflect.Map:
		for key, elem := range v.Seq2() {
			n += reachable(key, depth-1) + reachable(elem, depth-1)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			n += reachable(v.Index(i), depth-1)
		}
	default: // holds no other value
	}
	return n
}

// The difference that go-cmp prints for two errors is short too.
func TestDiffOfGoCmpIsShort(t *testing.T) {
	t.Parallel()
	static := asError(t, codetable.NewError(tokenExpired))
	for name, err := range printed(t) {
		diff := gocmp.Diff(static, err)
		if (diff == "") != static.Equal(err) || strings.Count(diff, "\n") >= 50 || strings.Contains(diff, "CAPTCHA") {
			t.Errorf("%s: the diff is\n%s", name, diff)
		}
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	const text = "jverification.jiguang.cn 1804 QPS_LIMIT: QPS rate limit: pq: secret of the cause"
	err := codetable.NewError(qpsLimit, codetable.WithCause(errCause))
	spec, _ := codetable.Lookup(qpsLimit)
	for format, want := range map[string]string{
		fmt.Sprintf("%v", err):   text,
		fmt.Sprintf("%+v", err):  text,
		fmt.Sprintf("%s", err):   text,
		fmt.Sprintf("%v", spec):  "jverification.jiguang.cn 1804 QPS_LIMIT",
		fmt.Sprintf("%+v", spec): "jverification.jiguang.cn 1804 QPS_LIMIT",
	} {
		if format != want {
			t.Errorf("got  %s\nwant %s", format, want)
		}
	}
}

func document(tb testing.TB, v any) map[string]any {
	tb.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		tb.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		tb.Fatalf("%s: %v", raw, err)
	}
	return m
}

func TestErrorAsJSON(t *testing.T) {
	t.Parallel()
	secret := errors.New("secret of the upstream")
	fields := func(extra map[string]any) map[string]any {
		m := map[string]any{
			"number": 1804.0, "reason": "QPS_LIMIT", "domain": domain, "grpcCode": "RESOURCE_EXHAUSTED", "message": "QPS rate limit",
			"fault": "OPERATOR", "retry": map[string]any{"action": "SAME_REQUEST", "delay": "1s"},
		}
		maps.Copy(m, extra)
		return m
	}
	own := codetable.NewError(qpsLimit, codetable.WithCause(secret), codetable.WithMetadata("id", "1"), codetable.WithMessage("m"),
		codetable.WithRetryAfter(90*time.Second+time.Millisecond))
	received, _ := codetable.FromError(fmt.Errorf("secret wrap: %w", wire(t, codetable.NewError(qpsLimit))))
	tests := map[string]struct {
		err  error
		want map[string]any
	}{
		"static":   {codetable.NewError(qpsLimit), fields(nil)},
		"received": {received, fields(map[string]any{"remote": true})},
		"own": {own, fields(map[string]any{
			"message": "m", "metadata": map[string]any{"id": "1"}, "retry": map[string]any{"action": "SAME_REQUEST", "delay": "90.001s"},
		})},
		"unlisted": {codetable.NewError(unlisted), map[string]any{
			"number": 4242.0, "reason": "UNRECOGNIZED_CODE", "domain": domain, "grpcCode": "UNKNOWN", "message": "the response code is not listed",
			"fault": "UNSPECIFIED", "retry": map[string]any{"action": "UNSPECIFIED"},
		}},
		"zero": {&codetable.Error{}, nil},
		"nil":  {(*codetable.Error)(nil), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := document(t, tt.err)
			if diff := gocmp.Diff(tt.want, got); diff != "" {
				t.Errorf("JSON (-want +got):\n%s", diff)
			}
			if text := fmt.Sprint(got); strings.Contains(text, "secret") {
				t.Errorf("the JSON holds the cause: %s", text)
			}
		})
	}
}

func TestSpecAsJSON(t *testing.T) {
	t.Parallel()
	table, code := testTable(), testCode()
	table.HelpUrl += "#{reason}"
	code.Resolution = "Wait."
	desc := newEnum(t, table, value("TEST_CODE_BUSY", 1, code), value("TEST_CODE_DAILY", 2, &codetablev1.Code{
		Retry: nextWindow(day), Fault: codetablev1.Fault_FAULT_OPERATOR,
	}))
	tests := map[int32]map[string]any{
		1: {
			"number": 1.0, "reason": "BUSY", "domain": testDomain, "listed": true, "grpcCode": "RESOURCE_EXHAUSTED",
			"description": "busy", "notes": "Too many calls", "resolution": "Wait.", "fault": "UPSTREAM",
			"retry":   map[string]any{"action": "SAME_REQUEST", "delay": "1s"},
			"detail":  map[string]any{"type": "QUOTA_FAILURE", "subject": "calls"},
			"helpUrl": "https://codes.example.com/help#BUSY", "userMessages": map[string]any{"en": "The service is busy."},
		},
		2: {
			"number": 2.0, "reason": "DAILY", "domain": testDomain, "listed": true, "grpcCode": "UNKNOWN", "fault": "OPERATOR",
			"retry": map[string]any{"action": "NEXT_WINDOW", "window": "DAY"}, "helpUrl": "https://codes.example.com/help#DAILY", "userMessages": map[string]any{"en": "Please try again later."},
		},
	}
	for number, want := range tests {
		spec, _ := codetable.LookupDescriptor(desc, protoreflect.EnumNumber(number))
		if diff := gocmp.Diff(want, document(t, spec)); diff != "" {
			t.Errorf("%d (-want +got):\n%s", number, diff)
		}
	}
	zero := map[string]any{"number": 0.0, "reason": "", "domain": "", "listed": false, "grpcCode": "UNKNOWN"}
	if diff := gocmp.Diff(zero, document(t, codetable.Spec{})); diff != "" {
		t.Errorf("zero Spec (-want +got):\n%s", diff)
	}
}
