package codetabletest_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/codetable/codetabletest"
	"github.com/codetable/grpc-codetable/interceptor/internal/enumtest"
)

// panicking is a foreign error whose method Error panics.
type panicking struct{}

func (panicking) Error() string { panic("no text") }

func TestDiff(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 250)
	static := codetable.NewError(tokenExpired)
	with := func(opts ...codetable.ErrorOption) error { return codetable.NewError(tokenExpired, opts...) }
	id := func(v string) codetable.ErrorOption { return codetable.WithMetadata("id", v) }
	detail := func(m proto.Message) error { return with(codetable.WithDetail(m)) }
	help := &errdetails.Help{Links: []*errdetails.Help_Link{{Url: "https://example.com/" + long}}}
	var many []codetable.ErrorOption
	for i := range 20 {
		many = append(many, codetable.WithMetadata(fmt.Sprintf("key%02d", i), "v"))
	}
	foreign, _ := codetable.LookupDescriptor(enumtest.File{
		Table:  &codetablev1.Table{Domain: "codes.example.com"},
		Values: []enumtest.Value{{Name: "TEST_CODE_BUSY", Number: int32(unlisted)}},
	}.Build(t), unlisted.Number())
	// Two statuses whose ErrorInfos differ in an unknown field.
	message := status.Convert(static).Proto()
	message.Details[0].Value = append(message.Details[0].Value, 0x4a, 1, 'x')
	unknownField := status.FromProto(message).Err()
	tests := map[string]struct {
		want, got error
		diff      []string // the lines
	}{
		"nil and nil":         {nil, nil, nil},
		"same":                {static, static, nil},
		"received":            {static, codetabletest.Receive(static), nil},
		"still a status":      {static, status.Convert(static).Err(), nil},
		"wrapped":             {static, fmt.Errorf("x: %w", static), nil},
		"other cause":         {static, with(codetable.WithCause(errSecret)), nil},
		"foreign, same value": {io.EOF, io.EOF, nil},
		"foreign, wraps it":   {io.EOF, fmt.Errorf("x: %w", io.EOF), nil},
		"foreign, wrapped":    {fmt.Errorf("x: %w", io.EOF), io.EOF, nil},
		"foreign, same text":  {errors.New("a"), errors.New("a"), nil},
		"statuses":            {status.Error(codes.NotFound, "a"), status.Error(codes.NotFound, "a"), nil},

		"nil":              {static, nil, []string{"error: want jverification.jiguang.cn 9003 TOKEN_EXPIRED_OR_NOT_EXIST: Token expired or does not exist, got nil"}},
		"want nil":         {nil, io.EOF, []string{"error: want nil, got EOF"}},
		"foreign and nil":  {io.EOF, nil, []string{"error: want EOF, got nil"}},
		"foreign":          {io.EOF, errors.New("two\nlines"), []string{"error: want EOF, got two lines"}},
		"code and foreign": {io.EOF, static, []string{"error: want EOF, got jverification.jiguang.cn 9003 TOKEN_EXPIRED_OR_NOT_EXIST: Token expired or does not exist"}},
		"long text":        {errors.New(long), io.EOF, []string{"error: want " + long[:200] + "..., got EOF"}},
		"no text":          {io.EOF, panicking{}, []string{"error: want EOF, got panic in Error of codetabletest_test.panicking: no text"}},

		"unlisted":   {codetable.NewError(unlisted), codetable.NewError(unlisted + 1), []string{"number: want 4242, got 4243"}},
		"message":    {static, with(codetable.WithMessage("own")), []string{`message: want "Token expired or does not exist", got "own"`}},
		"line break": {with(codetable.WithMessage("a\nb")), with(codetable.WithMessage("a b")), []string{`message: want "a\nb", got "a b"`}},
		"after the cut": {with(codetable.WithMessage(long + "a")), with(codetable.WithMessage(long + "b")), []string{
			`message: want "` + long[:200] + `"..., got a text that differs after 200 bytes`,
		}},
		"gRPC code":         {static, codetabletest.Receive(static, interceptor.WithStatusCode(tokenExpired, codes.Aborted)), []string{"gRPC code: want FailedPrecondition, got Aborted"}},
		"domain":            {foreign.NewError(), codetable.NewError(unlisted, codetable.WithMessage("BUSY")), []string{"reason: want BUSY, got UNRECOGNIZED_CODE", "domain: want codes.example.com, got jverification.jiguang.cn"}},
		"metadata":          {with(id("1")), with(id("2")), []string{`metadata id: want "1", got "2"`}},
		"metadata missing":  {with(id("1")), static, []string{`metadata id: want "1", got none`}},
		"metadata too much": {static, with(id("")), []string{`metadata id: want none, got ""`}},
		"much metadata": {static, with(many...), []string{
			`metadata key00: want none, got "v"`, `metadata key01: want none, got "v"`, `metadata key02: want none, got "v"`, `metadata key03: want none, got "v"`,
			`metadata key04: want none, got "v"`, `metadata key05: want none, got "v"`, `metadata key06: want none, got "v"`, `metadata key07: want none, got "v"`,
			"metadata: 12 more differ",
		}},
		"retry": {codetable.NewError(qpsLimit), codetable.NewError(qpsLimit, codetable.WithRetryAfter(time.Minute)), []string{
			"retry: want SAME_REQUEST after 1s, got SAME_REQUEST after 1m0s",
		}},
		"detail": {detail(&errdetails.RequestInfo{RequestId: "a"}), detail(&errdetails.RequestInfo{RequestId: "b"}), []string{
			`detail google.rpc.RequestInfo: want "request_id:\"a\"", got "request_id:\"b\""`,
		}},
		"detail missing": {detail(help), static, []string{
			"details: want google.rpc.ErrorInfo google.rpc.PreconditionFailure google.rpc.Help, got google.rpc.ErrorInfo google.rpc.PreconditionFailure",
		}},
		"detail not linked": {detail(&anypb.Any{TypeUrl: "example.com/a.B"}), static, []string{
			"details: want google.rpc.ErrorInfo google.rpc.PreconditionFailure example.com/a.B, got google.rpc.ErrorInfo google.rpc.PreconditionFailure",
		}},
		"unknown field":      {static, unknownField, []string{"status: want other bytes, got a status that differs in another field"}},
		"metadata and cause": {with(id("1"), codetable.WithCause(errSecret)), static, []string{`metadata id: want "1", got none`, "cause: want a cause, got no cause"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := strings.Join(tt.diff, "\n")
			if got := codetabletest.Diff(tt.want, tt.got); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if back := codetabletest.Diff(tt.got, tt.want); (back == "") != (want == "") {
				t.Errorf("the other way it is\n%s", back)
			}
		})
	}
}

// The time left until a window is not part of the advice.
func TestDiffIgnoresTheTimeLeftToAWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		received := codetabletest.Receive(codetable.NewError(hourLimit))
		time.Sleep(10 * time.Minute)
		if diff := codetabletest.Diff(codetable.NewError(hourLimit), received); diff != "" {
			t.Errorf("differs:\n%s", diff)
		}
		want := `message: want "own", got "Hourly verification limit exceeded for this AppKey"`
		if diff := codetabletest.Diff(codetable.NewError(hourLimit, codetable.WithMessage("own")), received); diff != want {
			t.Errorf("got\n%s\nwant\n%s", diff, want)
		}
	})
}

// The difference fits on one screen and shows no other code of the table,
// whatever differs.
func TestDiffIsShort(t *testing.T) {
	t.Parallel()
	big := []codetable.ErrorOption{codetable.WithMessage(strings.Repeat("m\n", 5000)), codetable.WithCause(errors.New(strings.Repeat("c\n", 5000)))}
	for i := range 100 {
		big = append(big, codetable.WithMetadata(fmt.Sprintf("key%02d", i), strings.Repeat("v", 5000)),
			codetable.WithDetail(&anypb.Any{TypeUrl: fmt.Sprintf("example.com/a.B%02d", i), Value: make([]byte, 5000)}))
	}
	changed := append([]codetable.ErrorOption{}, big...)
	for i := range 100 {
		changed = append(changed, codetable.WithMetadata(fmt.Sprintf("key%02d", i), strings.Repeat("w", 5000)),
			codetable.WithDetail(&anypb.Any{TypeUrl: fmt.Sprintf("example.com/a.B%02d", i), Value: make([]byte, 5001)}))
	}
	for name, pair := range map[string][2]error{
		"other code":    {codetable.NewError(tokenExpired, big...), codetable.NewError(qpsLimit)},
		"other details": {codetable.NewError(tokenExpired, big...), codetable.NewError(tokenExpired, changed...)},
		"all":           {codetable.NewError(tokenExpired, big...), codetable.NewError(unlisted, changed...)},
		"foreign":       {errors.New(strings.Repeat("c\n", 5000)), codetable.NewError(tokenExpired, big...)},
	} {
		diff := codetabletest.Diff(pair[0], pair[1])
		if n := strings.Count(diff, "\n") + 1; diff == "" || n > 30 || len(diff) > 30*600 || strings.Contains(diff, "CAPTCHA") {
			t.Errorf("%s: %d lines, %d bytes:\n%s", name, n, len(diff), diff)
		}
	}
}
