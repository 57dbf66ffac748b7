package telemetry_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/codes"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const (
	queryName = jverificationv1.VerificationService_QueryBusinessRisk_FullMethodName

	standing = "codetable_standing_faults"
)

func stands(method, reason string) string {
	return `{domain="` + domain + `",grpc_method="` + method + `",grpc_service="` + service + `",reason="` + reason + `"} 1`
}

// TestParts has a stream whose items fail, and a risk of another method, while
// the stream itself ends well.
func TestParts(t *testing.T) {
	t.Parallel()
	s := newSignals()
	observed := s.Server(interceptor.WithPublicBoundary())
	server := serve(t, &verification{stream: func(ctx context.Context) error {
		observed.Part(ctx, "", codetable.NewError(mismatch))
		if e := observed.Part(ctx, "", codetable.NewError(noMoney)); !e.Masked {
			t.Errorf("%+v is not masked", e)
		}
		if e := observed.Part(ctx, queryName, codetable.NewError(balance)); e.Meta.Method != "QueryBusinessRisk" {
			t.Errorf("the part is of %v", e.Meta)
		}
		return nil
	}}, observed.Options())
	_ = server.verifyMany(t)
	server.stop()

	failure := func(method, reason, fault, grpcCode, masked string) string {
		return failureCase{reason: reason, fault: fault, grpcCode: grpcCode}.labels(method, masked)
	}
	s.want(t, "codetable_failures_total",
		failure("VerifyNumbers", "VERIFY_NOT_CONSISTENT", "END_USER", "FailedPrecondition", "false"),
		failure("QueryBusinessRisk", "INSUFFICIENT_BALANCE", "OPERATOR", "Internal", "true"),
		failure("VerifyNumbers", "APPKEY_NO_MONEY", "OPERATOR", "Internal", "true"))
	s.want(t, "codetable_calls_total",
		`{grpc_method="QueryBusinessRisk",grpc_service="`+service+`"} 1`, `{grpc_method="VerifyNumbers",grpc_service="`+service+`"} 3`)
	// The stream ended well, which does not end what its items began.
	s.want(t, standing, stands("QueryBusinessRisk", "INSUFFICIENT_BALANCE"), stands("VerifyNumbers", "APPKEY_NO_MONEY"))

	var levels []string
	for _, line := range s.lines(t, "finished part") {
		levels = append(levels, line["level"].(string)+" "+line["grpc.method"].(string)+" "+line["codetable.reason"].(string))
		if line["trace_id"] == nil || line["codetable.masked"] == nil || (line["codetable.masked"] == true) != (line["codetable.request_id"] != nil) {
			t.Errorf("logged %v", line)
		}
	}
	wantLevels := []string{"INFO VerifyNumbers VERIFY_NOT_CONSISTENT", "ERROR VerifyNumbers APPKEY_NO_MONEY", "ERROR QueryBusinessRisk INSUFFICIENT_BALANCE"}
	if diff := cmp.Diff(wantLevels, levels); diff != "" {
		t.Errorf("parts in the log (-want +got):\n%s", diff)
	}
	span, attributes := s.span(t)
	if span.Status.Code != codes.Unset || attributes["error.type"] != "" || len(span.Events) != 3 {
		t.Fatalf("span %v %v with the events %v", span.Status, attributes, span.Events)
	}
	if last := values(span.Events[2].Attributes); last["codetable.reason"] != "INSUFFICIENT_BALANCE" || last["codetable.request_id"] == "" {
		t.Errorf("event %v", last)
	}
}

// TestStandingFaults follows a fault from the failure to the next success of the
// same method.
func TestStandingFaults(t *testing.T) {
	t.Parallel()
	s := newSignals()
	observed := s.Server()
	var answer error
	var during func(context.Context)
	server := serve(t, &verification{unary: func(ctx context.Context) error {
		if during != nil {
			during(ctx)
		}
		return answer
	}}, observed.Options())
	observed.Declare(server.server)
	call := func(err error, steps ...func(context.Context)) {
		answer, during = err, nil
		if len(steps) > 0 {
			during = steps[0]
		}
		_ = server.verify(t)
	}
	none := []string(nil)
	wantStanding := func(what string, want []string) {
		t.Helper()
		if s.want(t, standing, want...); t.Failed() {
			t.Fatal(what)
		}
	}
	noMoneyStands, balanceStands := stands("VerifyNumber", "APPKEY_NO_MONEY"), stands("VerifyNumber", "INSUFFICIENT_BALANCE")

	wantStanding("nothing has failed", none)
	call(codetable.NewError(mismatch))
	wantStanding("the end user's fault", none)
	call(codetable.NewError(noMoney))
	wantStanding("no money", []string{noMoneyStands})
	call(codetable.NewError(noMoney))
	call(codetable.NewError(balance))
	wantStanding("two faults, one of them twice", []string{noMoneyStands, balanceStands})
	call(codetable.NewError(upstream))
	wantStanding("another failure", []string{noMoneyStands, balanceStands})
	observed.Part(t.Context(), queryName, nil)
	wantStanding("the success of another method", []string{noMoneyStands, balanceStands})
	call(nil)
	wantStanding("success", none)
	call(nil, func(ctx context.Context) { observed.Part(ctx, "", codetable.NewError(noMoney)) })
	wantStanding("a success around a part that failed", []string{noMoneyStands})
	call(codetable.NewError(mismatch), func(ctx context.Context) { observed.Part(ctx, "", nil) })
	wantStanding("a part that succeeded", none)
}
