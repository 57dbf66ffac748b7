package codetable_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

func TestNewErrorIsNilForSuccessAlone(t *testing.T) {
	t.Parallel()
	for code, spec := range codetable.All[responseCode]() {
		for _, err := range []error{codetable.NewError(code), codetable.NewError(code, codetable.WithMessage("m")), spec.NewError()} {
			if (err == nil) != (spec.GRPCCode() == codes.OK) {
				t.Errorf("%v has status %v, and its error is %v", code, spec.GRPCCode(), err)
			}
		}
	}
}

func TestErrorAgreesWithTheTable(t *testing.T) {
	t.Parallel()
	for _, code := range failing() {
		spec, _ := codetable.Lookup(code)
		err := asError(t, codetable.NewError(code))
		got := []any{err.Number(), err.Reason(), err.Domain(), err.Fault(), err.Message(), err.Spec() == spec, err.Remote(), err.GRPCStatus().Code(), err.GRPCStatus().Message()}
		want := []any{int32(code), spec.Reason(), domain, spec.Fault(), spec.Notes(), true, false, spec.GRPCCode(), spec.Notes()}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", code, diff)
		}
	}
}

func TestErrorOfUnlistedCodeKeepsTheNumber(t *testing.T) {
	t.Parallel()
	for _, number := range []int32{4242, 1, -1, -9001, math.MinInt32, math.MaxInt32} {
		err := asError(t, codetable.NewError(responseCode(number)))
		if err.Number() != number || err.Reason() != "UNRECOGNIZED_CODE" || err.GRPCStatus().Code() != codes.Unknown {
			t.Errorf("%d: got %v", number, err)
		}
		want := info(domain, "UNRECOGNIZED_CODE", withCode(fmt.Sprint(number)))
		got, _ := findDetail[*errdetails.ErrorInfo](t, err)
		if diff := gocmp.Diff(want, got, protocmp.Transform()); diff != "" {
			t.Errorf("ErrorInfo of %d (-want +got):\n%s", number, diff)
		}
	}
}

func TestStaticErrorIsShared(t *testing.T) {
	t.Parallel()
	first, second := asError(t, codetable.NewError(tokenExpired)), asError(t, codetable.NewError(tokenExpired))
	if first != second {
		t.Error("two static errors of a code are different values")
	}
	before := first.GRPCStatus().Proto()
	own := asError(t, codetable.NewError(tokenExpired, codetable.WithMetadata("id", "1"), codetable.WithMessage("own"), codetable.WithCause(errCause)))
	if own == first || first.Message() == "own" || first.Unwrap() != nil {
		t.Error("options changed the shared error")
	}
	first.GRPCStatus().Proto().Details[0].Value[0] ^= 0xff
	if diff := gocmp.Diff(before, first.GRPCStatus().Proto(), protocmp.Transform()); diff != "" {
		t.Errorf("the shared status changed (-before +after):\n%s", diff)
	}
}

// The status of a shared error and of a received error is cached. The status of
// other errors is built on each call, so that reading it changes nothing.
func TestGRPCStatusIsCached(t *testing.T) {
	t.Parallel()
	received := func(err error) error {
		decoded, _ := codetable.FromError(wire(t, err))
		return decoded
	}
	tests := map[string]struct {
		err    error
		cached bool
	}{
		"static":           {codetable.NewError(tokenExpired), true},
		"unlisted":         {codetable.NewError(unlisted), false},
		"with options":     {codetable.NewError(tokenExpired, codetable.WithMetadata("id", "1")), false},
		"window":           {codetable.NewError(numberLimit), false},
		"window and delay": {codetable.NewError(numberLimit, codetable.WithRetryAfter(time.Second)), false},
		"received":         {received(codetable.NewError(unlisted)), true},
		"received window":  {received(codetable.NewError(numberLimit)), true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := asError(t, tt.err)
			first, second := err.GRPCStatus(), err.GRPCStatus()
			if got := first == second; got != tt.cached {
				t.Errorf("two calls give the same status: %t, want %t", got, tt.cached)
			}
			if diff := gocmp.Diff(first.Proto(), second.Proto(), protocmp.Transform(), protocmp.IgnoreMessages(&errdetails.RetryInfo{})); diff != "" {
				t.Errorf("two calls (-first +second):\n%s", diff)
			}
		})
	}
}

func TestNilAndZeroErrorAreSafe(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]*codetable.Error{"nil": nil, "zero": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var err error = e
			st := e.GRPCStatus()
			if st == nil || st.Code() != codes.Internal || len(st.Details()) != 0 {
				t.Errorf("status %v, want Internal without details", st)
			}
			got := []any{
				e.Error(), e.Unwrap(), e.Is(e), e.Number(), e.Reason(), e.Domain(), e.Message(), len(e.Metadata()),
				e.Fault(), e.Retry(), e.Spec().Listed(), len(e.Details()), e.UserMessage("en"), e.Remote(), e.LogValue().String(),
			}
			want := []any{
				"<nil *codetable.Error>", nil, false, int32(0), "", "", "", 0,
				codetablev1.Fault_FAULT_UNSPECIFIED,
				codetable.Retry{},
				false, 0, "", false, "<nil *codetable.Error>",
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if _, ok := codetable.CodeOf[responseCode](err); ok {
				t.Error("CodeOf finds a code")
			}
			if _, ok := codetable.FromError(err); ok {
				t.Error("FromError finds an error")
			}
		})
	}
}

func TestErrorsIsComparesDomainAndNumber(t *testing.T) {
	t.Parallel()
	plain := codetable.NewError(tokenExpired)
	other := codetable.NewError(tokenExpired, codetable.WithMetadata("id", "1"), codetable.WithMessage("m"), codetable.WithCause(errCause))
	decoded, _ := codetable.FromError(wire(t, other))
	foreign, _ := codetable.LookupDescriptor(newEnum(t, nil, value("TEST_CODE_X", int32(tokenExpired), testCode())), tokenExpired.Number())
	tests := map[string]struct {
		err, target error
		want        bool
	}{
		"other metadata":  {other, plain, true},
		"decoded":         {decoded, plain, true},
		"wrapped":         {fmt.Errorf("verify: %w", other), plain, true},
		"joined":          {errors.Join(errCause, other), plain, true},
		"its cause":       {other, errCause, true},
		"other number":    {other, codetable.NewError(tooSoon), false},
		"other domain":    {foreign.NewError(), plain, false},
		"nil target":      {other, (*codetable.Error)(nil), false},
		"zero target":     {other, &codetable.Error{}, false},
		"other type":      {plain, errCause, false},
		"unlisted":        {codetable.NewError(unlisted), codetable.NewError(unlisted), true},
		"status as error": {wire(t, plain), plain, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := errors.Is(tt.err, tt.target); got != tt.want {
				t.Errorf("errors.Is(%v, %v) = %t, want %t", tt.err, tt.target, got, tt.want)
			}
		})
	}
}

func TestIs(t *testing.T) {
	t.Parallel()
	err := codetable.NewError(tokenExpired)
	if !codetable.Is(err, tokenExpired) || !codetable.Is(wire(t, err), tokenExpired) {
		t.Error("Is misses the code")
	}
	if codetable.Is(err, tooSoon) || codetable.Is(nil, success) || codetable.Is(errCause, success) {
		t.Error("Is finds a code that is not there")
	}
}

func TestErrorIsOneLine(t *testing.T) {
	t.Parallel()
	const text = "jverification.jiguang.cn 9003 TOKEN_EXPIRED_OR_NOT_EXIST: "
	tests := map[string]struct {
		opts []codetable.ErrorOption
		want string
	}{
		"static":  {nil, text + "Token expired or does not exist"},
		"message": {[]codetable.ErrorOption{codetable.WithMessage("two\nlines\r\n\x00\u2028end")}, text + "two lines    end"},
		"cause": {
			[]codetable.ErrorOption{codetable.WithCause(errors.New("a\nforged line\xff"))},
			text + "Token expired or does not exist: a forged line\uFFFD",
		},
		"both causes": {
			[]codetable.ErrorOption{codetable.WithCause(errors.New("one")), codetable.WithCause(errors.New("two")), codetable.WithCause(nil)},
			text + "Token expired or does not exist: two one",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := codetable.NewError(tokenExpired, tt.opts...).Error(); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
	if got, want := codetable.NewError(unlisted).Error(), "jverification.jiguang.cn 4242 UNRECOGNIZED_CODE: the response code is not listed"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCauseStaysOffTheWire(t *testing.T) {
	t.Parallel()
	err := codetable.NewError(tokenExpired,
		codetable.WithCause(errCause), codetable.WithMetadata("id", "1"), codetable.WithMetadata("pq: secret", "refused"))
	if !errors.Is(err, errCause) || !strings.Contains(err.Error(), "pq: secret") {
		t.Fatalf("the cause is lost to the log: %v", err)
	}
	for _, e := range []error{err, fmt.Errorf("private: %w", err)} {
		coded, _ := codetable.FromError(e)
		raw, marshalErr := proto.Marshal(coded.GRPCStatus().Proto())
		if marshalErr != nil {
			t.Fatal(marshalErr)
		}
		for _, private := range []string{"secret", "private", "refused"} {
			if strings.Contains(string(raw), private) {
				t.Errorf("the status holds %q: %q", private, raw)
			}
		}
	}
}

func TestErrorInfoComesFirstAndOnce(t *testing.T) {
	t.Parallel()
	names := func(err error) []string {
		var list []string
		for _, detail := range asError(t, err).GRPCStatus().Proto().GetDetails() {
			list = append(list, strings.TrimPrefix(detail.GetTypeUrl(), "type.googleapis.com/google.rpc."))
		}
		return list
	}
	help, request := codetable.WithDetail(&errdetails.Help{}), codetable.WithDetail(&errdetails.RequestInfo{RequestId: "1"})
	tests := map[string]struct {
		err  error
		want []string
	}{
		"alone":             {codetable.NewError(authFailed), []string{"ErrorInfo"}},
		"unlisted":          {codetable.NewError(unlisted), []string{"ErrorInfo"}},
		"subject":           {codetable.NewError(tokenExpired), []string{"ErrorInfo", "PreconditionFailure"}},
		"retry and subject": {codetable.NewError(qpsLimit), []string{"ErrorInfo", "RetryInfo", "QuotaFailure"}},
		"window":            {codetable.NewError(numberLimit), []string{"ErrorInfo", "RetryInfo", "QuotaFailure"}},
		"own details last":  {codetable.NewError(qpsLimit, help, request), []string{"ErrorInfo", "RetryInfo", "QuotaFailure", "Help", "RequestInfo"}},
		"same type twice":   {codetable.NewError(authFailed, help, request, help), []string{"ErrorInfo", "RequestInfo", "Help"}},
		"replaced":          {codetable.NewError(qpsLimit, help, codetable.WithDetail(&errdetails.QuotaFailure{})), []string{"ErrorInfo", "RetryInfo", "Help", "QuotaFailure"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := gocmp.Diff(tt.want, names(tt.err)); diff != "" {
				t.Errorf("details (-want +got):\n%s", diff)
			}
		})
	}
}

// The package encodes ErrorInfo without proto.Marshal. proto.Marshal is the
// reference.
func TestErrorInfoOfEveryCode(t *testing.T) {
	t.Parallel()
	for _, code := range failing() {
		want := info(domain, strings.TrimPrefix(code.String(), "RESPONSE_CODE_"), map[string]string{
			"code": fmt.Sprint(int32(code)), "content": "数据", "exId": strings.Repeat("x", 300), "empty": "",
		})
		err := asError(t, codetable.NewError(code,
			codetable.WithMetadata("exId", want.Metadata["exId"]), codetable.WithMetadata("content", "first"),
			codetable.WithMetadata("empty", ""), codetable.WithMetadata("content", "数据")))
		got, _ := findDetail[*errdetails.ErrorInfo](t, err)
		if diff := gocmp.Diff(want, got, protocmp.Transform()); diff != "" {
			t.Errorf("%v (-want +got):\n%s", code, diff)
		}
		if diff := gocmp.Diff(want.Metadata, err.Metadata()); diff != "" {
			t.Errorf("Metadata of %v (-want +got):\n%s", code, diff)
		}
	}
}

func TestDetailOfTheTable(t *testing.T) {
	t.Parallel()
	const (
		riskType    = responseCode(7102)
		noProof     = responseCode(7110)
		description = "Hourly verification limit exceeded for this AppKey"
	)
	tests := map[responseCode]proto.Message{
		riskType: &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{
			Field: "risk_type", Description: "Invalid risk_type in risk-control mode", Reason: "ILLEGAL_RISK_TYPE",
		}}},
		tokenExpired: &errdetails.PreconditionFailure{Violations: []*errdetails.PreconditionFailure_Violation{{
			Type: "TOKEN_EXPIRED_OR_NOT_EXIST", Subject: "token", Description: "Token expired or does not exist",
		}}},
		hourLimit: &errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{{Subject: "app_key", Description: description}}},
		noProof:   &errdetails.ResourceInfo{ResourceType: "lot_number", Description: "Proof serial not found; cache expired"},
	}
	for code, want := range tests {
		details := asError(t, codetable.NewError(code)).Details()
		if diff := gocmp.Diff(want, details[len(details)-1], protocmp.Transform()); diff != "" {
			t.Errorf("%v (-want +got):\n%s", code, diff)
		}
	}
}

func TestAccessorsReturnCopies(t *testing.T) {
	t.Parallel()
	own := asError(t, codetable.NewError(qpsLimit, codetable.WithMetadata("id", "1"), codetable.WithDetail(&errdetails.RequestInfo{RequestId: "r"})))
	decoded, _ := codetable.FromError(wire(t, own))
	for name, err := range map[string]*codetable.Error{"own": own, "decoded": decoded} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			metadata, details, sent := err.Metadata(), err.Details(), err.GRPCStatus().Proto()
			err.Metadata()["id"] = "changed"
			for _, detail := range err.Details() {
				proto.Reset(detail)
			}
			for _, detail := range err.GRPCStatus().Proto().GetDetails() {
				clear(detail.Value)
			}
			clear(err.Spec().Locales())
			if diff := gocmp.Diff(metadata, err.Metadata()); diff != "" {
				t.Errorf("Metadata changed:\n%s", diff)
			}
			if diff := gocmp.Diff(details, err.Details(), protocmp.Transform()); diff != "" {
				t.Errorf("Details changed:\n%s", diff)
			}
			if diff := gocmp.Diff(sent, err.GRPCStatus().Proto(), protocmp.Transform()); diff != "" {
				t.Errorf("the status changed:\n%s", diff)
			}
			if err.Spec().Locales()[0] != "en" {
				t.Errorf("Locales changed: %q", err.Spec().Locales())
			}
		})
	}
}

// firstUses counts the enums that TestFirstUseByManyGoroutines has linked.
var firstUses atomic.Int32

// Many goroutines use a table at the same time before it is resolved.
func TestFirstUseByManyGoroutines(t *testing.T) {
	t.Parallel()
	const goroutines = 16
	name, table := fmt.Sprintf("first%d", firstUses.Add(1)), testTable()
	table.Domain = name + ".example.com"
	desc := newFile(t, "codetable."+name, &descriptorpb.EnumDescriptorProto{
		Name: new("TestCode"), Options: tableOptions(table), Value: []*descriptorpb.EnumValueDescriptorProto{value("TEST_CODE_BUSY", 1, testCode())},
	})
	if err := protoregistry.GlobalTypes.RegisterEnum(dynamicpb.NewEnumType(desc)); err != nil {
		t.Fatal(err)
	}
	errs := make([]error, goroutines)
	statuses := make([]*status.Status, goroutines)
	withEnum(desc, func() {
		var wg sync.WaitGroup
		for i := range goroutines {
			wg.Go(func() {
				errs[i] = codetable.NewError(dynCode(1))
				statuses[i] = status.Convert(errs[i])
				if code, ok := codetable.CodeOf[dynCode](statuses[i].Err()); code != 1 || !ok {
					t.Errorf("CodeOf = %d, %t, want 1", code, ok)
				}
			})
		}
		wg.Wait()
	})
	for i := range goroutines {
		if errs[i] != errs[0] {
			t.Errorf("goroutine %d has an error of its own", i)
		}
		if !proto.Equal(statuses[i].Proto(), statuses[0].Proto()) {
			t.Errorf("goroutine %d has another status: %v", i, statuses[i])
		}
	}
}

// The calls that are documented to allocate nothing allocate nothing.
//
//nolint:paralleltest // AllocsPerRun counts the allocations of the whole process
func TestAllocations(t *testing.T) {
	static := codetable.NewError(tokenExpired)
	decoded, ok := codetable.FromError(wire(t, static))
	if !ok {
		t.Fatal("the error does not decode")
	}
	wrapped := fmt.Errorf("wrapped: %w", static)
	tests := map[string]func() bool{
		"static error":          func() bool { return codetable.NewError(tokenExpired) != nil },
		"static error's status": func() bool { return asError(t, codetable.NewError(tokenExpired)).GRPCStatus() != nil },
		"success":               func() bool { return codetable.NewError(success) == nil },
		"CodeOf static error":   func() bool { return codetable.Is(static, tokenExpired) },
		"CodeOf decoded error":  func() bool { return codetable.Is(error(decoded), tokenExpired) },
		"CodeOf wrapped error":  func() bool { return codetable.Is(wrapped, tokenExpired) },
		"FromError":             func() bool { _, ok := codetable.FromError(wrapped); return ok },
		"Lookup":                func() bool { _, ok := codetable.Lookup(tokenExpired); return ok },
	}
	for name, f := range tests {
		if !f() {
			t.Errorf("%s: wrong result", name)
		}
		if n := testing.AllocsPerRun(100, func() { f() }); n != 0 {
			t.Errorf("%s: %v allocations, want 0", name, n)
		}
	}
}
