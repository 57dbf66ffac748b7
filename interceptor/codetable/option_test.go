package codetable_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

func TestWithMessage(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ message, want string }{
		"text":          {"token of the second try", "token of the second try"},
		"empty":         {"", "Token expired or does not exist"},
		"invalid UTF-8": {"a\xff\xfeb", "a\uFFFDb"},
		"newlines stay": {"a\nb", "a\nb"},
		"ASCII at 1 Ki": {strings.Repeat("a", 1024), strings.Repeat("a", 1024)},
		"ASCII is cut":  {strings.Repeat("a", 1025), strings.Repeat("a", 1024)},
		"runes are cut": {strings.Repeat("码", 1000), strings.Repeat("码", 1024/9)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := asError(t, codetable.NewError(tokenExpired, codetable.WithMessage(tt.message)))
			if err.Message() != tt.want || err.GRPCStatus().Message() != tt.want {
				t.Errorf("Message %q, status %q, want %q", err.Message(), err.GRPCStatus().Message(), tt.want)
			}
			if !codetable.Is(wire(t, err), tokenExpired) {
				t.Error("the code is lost on the wire")
			}
		})
	}
}

func TestWithMetadata(t *testing.T) {
	t.Parallel()
	err := asError(t, codetable.NewError(tokenExpired,
		codetable.WithMetadata("id", "1"), codetable.WithMetadata("content", "bad \xffbytes\xc0"), codetable.WithMetadata("id", "2")))
	want := map[string]string{"code": "9003", "id": "2", "content": "bad \uFFFDbytes\uFFFD"}
	if diff := gocmp.Diff(want, err.Metadata()); diff != "" {
		t.Errorf("Metadata (-want +got):\n%s", diff)
	}
	decoded, ok := codetable.FromError(wire(t, err))
	if !ok {
		t.Fatal("the code is lost on the wire")
	}
	if diff := gocmp.Diff(want, decoded.Metadata()); diff != "" {
		t.Errorf("Metadata of the decoded error (-want +got):\n%s", diff)
	}
	if errors.Is(err, codetable.ErrInvalidOption) {
		t.Errorf("%v reports an invalid option", err)
	}
}

// AIP-193: keys match [a-z][a-zA-Z0-9-_]+ and have at most 64 characters.
func TestMetadataKeys(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		"id": true, "exId": true, "a1": true, "a-b_c": true, "zZ": true, "a" + strings.Repeat("x", 63): true,
		"": false, "a": false, "Id": false, "1a": false, "_a": false, "-a": false, "a" + strings.Repeat("x", 64): false,
		"a b": false, "a.b": false, "a/b": false, "a:b": false, "a@b": false, "a[b": false, "a`b": false, "a{b": false,
		"aé": false, "a\xff": false, "a\n": false, "a\x00": false, "日本": false, "code": false, strings.Repeat("k", 1<<20): false,
	}
	for key, valid := range tests {
		t.Run(fmt.Sprintf("%.10q", key), func(t *testing.T) {
			t.Parallel()
			err := asError(t, codetable.NewError(tokenExpired, codetable.WithMetadata("id", "1"), codetable.WithMetadata(key, "v")))
			if got := !errors.Is(err, codetable.ErrInvalidOption); got != valid {
				t.Errorf("key is valid: %t, want %t", got, valid)
			}
			if got := err.Metadata()[key] == "v"; got != valid {
				t.Errorf("key is in the metadata: %t, want %t", got, valid)
			}
			if !codetable.Is(wire(t, err), tokenExpired) || err.Metadata()["code"] != "9003" {
				t.Error("the code is lost")
			}
			if len(err.Error()) > 1024 {
				t.Errorf("the text of the error has %d bytes", len(err.Error()))
			}
		})
	}
}

func TestInvalidOptionNamesTheFault(t *testing.T) {
	t.Parallel()
	var noDetail *errdetails.Help
	tests := map[string]struct {
		option codetable.ErrorOption
		want   string
	}{
		"key":            {codetable.WithMetadata("Bad", "v"), `invalid error option: metadata key "Bad": want 2 to 64 of a-z`},
		"code":           {codetable.WithMetadata("code", "1"), `invalid error option: metadata key "code" is reserved for the number of the code`},
		"negative delay": {codetable.WithRetryAfter(-time.Second), "invalid error option: retry delay -1s is negative"},
		"nil detail":     {codetable.WithDetail(nil), "invalid error option: detail <nil>: is nil"},
		"typed nil":      {codetable.WithDetail(noDetail), "invalid error option: detail *errdetails.Help: is nil"},
		"nil Any":        {codetable.WithDetail((*anypb.Any)(nil)), "invalid error option: detail *anypb.Any: is nil"},
		"empty Any":      {codetable.WithDetail(&anypb.Any{}), `invalid error option: detail *anypb.Any: type URL "" names no message`},
		"bad type URL":   {codetable.WithDetail(&anypb.Any{TypeUrl: "a/b/"}), `type URL "a/b/" names no message`},
		"invalid UTF-8":  {codetable.WithDetail(&errdetails.RequestInfo{RequestId: "\xff"}), "invalid error option: detail *errdetails.RequestInfo: "},
		"ErrorInfo":      {codetable.WithDetail(info("d", "R", nil)), "invalid error option: detail google.rpc.ErrorInfo: use WithMetadata"},
		"RetryInfo":      {codetable.WithDetail(&errdetails.RetryInfo{}), "invalid error option: detail google.rpc.RetryInfo: use WithRetryAfter"},
		"ErrorInfo in Any": {
			codetable.WithDetail(packed(t, info("d", "R", nil))), "invalid error option: detail google.rpc.ErrorInfo: use WithMetadata",
		},
	}
	want := asError(t, codetable.NewError(tokenExpired)).GRPCStatus().Proto()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := asError(t, codetable.NewError(tokenExpired, codetable.WithCause(errCause), tt.option))
			if !errors.Is(err, codetable.ErrInvalidOption) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v\nwant %s", err, tt.want)
			}
			if !errors.Is(err, errCause) {
				t.Error("the cause is lost")
			}
			if diff := gocmp.Diff(want, err.GRPCStatus().Proto(), protocmp.Transform()); diff != "" {
				t.Errorf("status (-without +with the option):\n%s", diff)
			}
		})
	}
}

func TestWithDetailTakesAnyAsItIs(t *testing.T) {
	t.Parallel()
	given := []*anypb.Any{
		packed(t, &errdetails.RequestInfo{RequestId: "r"}),
		{TypeUrl: "example.com/not.linked.Type", Value: []byte("any bytes")},
	}
	want := []*anypb.Any{proto.CloneOf(given[0]), proto.CloneOf(given[1])}
	err := asError(t, codetable.NewError(authFailed, codetable.WithDetail(given[0]), codetable.WithDetail(given[1])))
	for _, detail := range given {
		clear(detail.Value) // the error has a copy
	}
	got := err.GRPCStatus().Proto().GetDetails()[1:]
	if diff := gocmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("details (-want +got):\n%s", diff)
	}
}

func TestDetailsOfTypeThatIsNotLinked(t *testing.T) {
	t.Parallel()
	unlinked := &anypb.Any{TypeUrl: "example.com/not.linked.Type", Value: []byte("any bytes")}
	broken := &anypb.Any{TypeUrl: "type.googleapis.com/google.rpc.Help", Value: []byte{0xff}}
	own := asError(t, codetable.NewError(authFailed, codetable.WithDetail(unlinked), codetable.WithDetail(broken)))
	decoded, _ := codetable.FromError(wire(t, own))
	want := []proto.Message{info(domain, "AUTH_FAILED", withCode("1802")), unlinked, broken}
	for name, err := range map[string]*codetable.Error{"own": own, "decoded": decoded} {
		if diff := gocmp.Diff(want, err.Details(), protocmp.Transform()); diff != "" {
			t.Errorf("%s: details (-want +got):\n%s", name, diff)
		}
	}
}

func TestWithRetryAfter(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		code  responseCode
		delay time.Duration
	}{
		"in place of the table's delay":  {qpsLimit, 90 * time.Second},
		"in place of the table's window": {numberLimit, time.Minute},
		"no delay in the table":          {tokenExpired, time.Millisecond},
		"at once":                        {qpsLimit, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec, _ := codetable.Lookup(tt.code)
			err := asError(t, codetable.NewError(tt.code, codetable.WithRetryAfter(time.Hour), codetable.WithRetryAfter(tt.delay)))
			want := spec.Retry()
			want.Delay = tt.delay
			if got := err.Retry(); got != want {
				t.Errorf("Retry is %v, want %v", got, want)
			}
			retryInfo, _ := findDetail[*errdetails.RetryInfo](t, err)
			if diff := gocmp.Diff(&errdetails.RetryInfo{RetryDelay: durationpb.New(tt.delay)}, retryInfo, protocmp.Transform()); diff != "" {
				t.Errorf("RetryInfo (-want +got):\n%s", diff)
			}
		})
	}
}

// An empty message would tell a caller of plain gRPC nothing.
func TestMessageIsNeverEmpty(t *testing.T) {
	t.Parallel()
	full := testCode()
	tests := map[string]struct {
		code *codetablev1.Code
		opts []codetable.ErrorOption
		want string
	}{
		"option":         {full, []codetable.ErrorOption{codetable.WithMessage("own")}, "own"},
		"last option":    {full, []codetable.ErrorOption{codetable.WithMessage("own"), codetable.WithMessage("")}, "own"},
		"empty option":   {full, []codetable.ErrorOption{codetable.WithMessage("")}, "Too many calls"},
		"no UTF-8 in it": {full, []codetable.ErrorOption{codetable.WithMessage("\xff")}, "\uFFFD"},
		"notes":          {full, nil, "Too many calls"},
		"description":    {&codetablev1.Code{GrpcCode: full.GrpcCode, Description: "busy"}, nil, "busy"},
		"reason":         {&codetablev1.Code{GrpcCode: full.GrpcCode}, nil, "BUSY"},
		"stated reason":  {&codetablev1.Code{GrpcCode: full.GrpcCode, Reason: "CALLS_EXCEEDED"}, nil, "CALLS_EXCEEDED"},
		"no option":      {nil, nil, "BUSY"},
		"long notes":     {&codetablev1.Code{Notes: strings.Repeat("a", 2000)}, nil, strings.Repeat("a", 1024)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			desc := newEnum(t, testTable(), value("TEST_CODE_BUSY", 1, tt.code))
			spec, _ := codetable.LookupDescriptor(desc, 1)
			err := asError(t, spec.NewError(tt.opts...))
			if err.Message() != tt.want || err.GRPCStatus().Message() != tt.want {
				t.Errorf("Message %q, status %q, want %q", err.Message(), err.GRPCStatus().Message(), tt.want)
			}
			spec, _ = codetable.LookupDescriptor(desc, 404)
			if got := asError(t, spec.NewError()).GRPCStatus().Message(); got != "the response code is not listed" {
				t.Errorf("the message of an unlisted code is %q", got)
			}
		})
	}
}

// The cost of an error does not grow with the square of the number of its
// options.
func TestManyOptions(t *testing.T) {
	t.Parallel()
	details := func(n int) (opts []codetable.ErrorOption) {
		for i := range n {
			opts = append(opts, codetable.WithDetail(&anypb.Any{TypeUrl: fmt.Sprintf("example.com/test.Type%d", i%(n/2))}))
		}
		return opts
	}
	metadata := func(n int) (opts []codetable.ErrorOption) {
		for i := range n {
			opts = append(opts, codetable.WithMetadata(fmt.Sprintf("key%07d", n-i), "v"))
		}
		return opts
	}
	// With so many options a quadratic algorithm would exceed the timeout of go test.
	const n = 100_000
	err := asError(t, codetable.NewError(tokenExpired, details(n)...))
	if got := len(err.GRPCStatus().Proto().GetDetails()) - 2; got != n/2 {
		t.Errorf("the error holds %d details, want %d", got, n/2)
	}
	err = asError(t, codetable.NewError(tokenExpired, metadata(3*n)...))
	if got := len(err.Metadata()) - 1; got != 3*n {
		t.Errorf("the error holds %d entries, want %d", got, 3*n)
	}
}

// The code is received whatever the options contain.
func TestHostileOptionsKeepTheCode(t *testing.T) {
	t.Parallel()
	opts := []codetable.ErrorOption{
		codetable.WithMessage(strings.Repeat("\xff码", 1<<18)), codetable.WithMetadata("big", strings.Repeat("\xff", 1<<20)),
		codetable.WithMetadata("\xff", "\xff"), codetable.WithDetail(nil), codetable.WithRetryAfter(-1), codetable.WithCause(nil),
	}
	err := asError(t, codetable.NewError(qpsLimit, opts...))
	decoded, ok := codetable.FromError(wire(t, err))
	if !ok || decoded.Number() != int32(qpsLimit) || decoded.GRPCStatus().Code() != codes.ResourceExhausted {
		t.Fatalf("decoded %v, %t", decoded, ok)
	}
	if decoded.Retry().Delay != time.Second {
		t.Errorf("delay %v, want the delay of the table", decoded.Retry().Delay)
	}
	for key, v := range decoded.Metadata() {
		if !utf8.ValidString(key) || !utf8.ValidString(v) {
			t.Errorf("metadata %q is not valid UTF-8", key)
		}
	}
}

func TestLogValue(t *testing.T) {
	t.Parallel()
	own := codetable.NewError(qpsLimit, codetable.WithMetadata("id", "1"), codetable.WithMessage("two\nlines"), codetable.WithCause(errCause))
	received := wire(t, own)
	decoded, _ := codetable.FromError(received)
	fields := func(extra map[string]any) map[string]any {
		m := map[string]any{
			"code": 1804.0, "reason": "QPS_LIMIT", "domain": domain, "grpc_code": "ResourceExhausted", "fault": "OPERATOR",
			"retry": "SAME_REQUEST after 1s", "message": "two lines", "metadata": map[string]any{"id": "1"},
		}
		for k, v := range extra {
			if m[k] = v; v == nil {
				delete(m, k)
			}
		}
		return m
	}
	tests := map[string]struct {
		err  error
		want any
	}{
		"own":     {own, fields(map[string]any{"cause": errCause.Error()})},
		"decoded": {decoded, fields(map[string]any{"cause": strings.ReplaceAll(received.Error(), "\n", " ")})},
		"static":  {codetable.NewError(qpsLimit), fields(map[string]any{"message": "QPS rate limit", "metadata": nil})},
		"unlisted": {codetable.NewError(unlisted), map[string]any{
			"code": 4242.0, "reason": "UNRECOGNIZED_CODE", "domain": domain, "grpc_code": "Unknown", "fault": "UNSPECIFIED",
			"retry": "UNSPECIFIED", "message": "the response code is not listed",
		}},
		"typed nil": {(*codetable.Error)(nil), "<nil *codetable.Error>"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			slog.New(slog.NewJSONHandler(&out, nil)).Error("call", "err", tt.err)
			var line map[string]any
			if err := json.Unmarshal(out.Bytes(), &line); err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(tt.want, line["err"]); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
			if n := strings.Count(out.String(), "\n"); n != 1 {
				t.Errorf("the record has %d lines", n)
			}
		})
	}
}

func TestWithDetailRefusesInvalidTypeURL(t *testing.T) {
	t.Parallel()
	err := asError(t, codetable.NewError(tokenExpired, codetable.WithDetail(&anypb.Any{TypeUrl: "\xff/google.rpc.Help"})))
	if _, marshalErr := proto.Marshal(err.GRPCStatus().Proto()); marshalErr != nil {
		t.Errorf("the status does not marshal: %v", marshalErr)
	}
}
