package plan_test

import (
	"errors"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/soak/internal/plan"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const (
	expired = jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST
	qps     = jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT
)

func masked(t *testing.T, code codes.Code) error {
	t.Helper()
	st, err := status.New(code, "text").WithDetails(&errdetails.RequestInfo{RequestId: "id"})
	if err != nil {
		t.Fatal(err)
	}
	return st.Err()
}

// TestWant_Met compares each expectation with each end of a call.
func TestWant_Met(t *testing.T) {
	t.Parallel()
	spec, _ := codetable.Lookup(expired)
	ends := []error{
		nil, codetable.NewError(expired), codetable.NewError(qps), masked(t, codes.Internal), masked(t, codes.NotFound),
		status.Error(codes.NotFound, "text"), errors.New("bare"),
	}
	for name, test := range map[string]struct {
		want plan.Want
		met  string // for each end
	}{
		"success":        {plan.Want{Success: true}, "y------"},
		"code":           {plan.Want{Coded: true, Domain: spec.Domain(), Number: spec.Number(), Code: spec.GRPCCode()}, "-y-----"},
		"status of code": {plan.Want{Coded: true, Domain: spec.Domain(), Number: spec.Number(), Code: codes.NotFound}, "-------"},
		"mask":           {plan.Want{Masked: true}, "---y---"},
		"mask of a code": {plan.Want{Masked: true, Code: codes.NotFound}, "----y--"},
		"status":         {plan.Want{Code: codes.NotFound}, "----yy-"},
		"no code":        {plan.Want{}, "---yyyy"},
		"any failure":    {plan.Want{AnyFailure: true}, "-yyyyyy"},
		"any":            {plan.Want{Any: true}, "yyyyyyy"},
	} {
		got := ""
		for _, end := range ends {
			if test.want.Met(end) {
				got += "y"
			} else {
				got += "-"
			}
		}
		if got != test.met {
			t.Errorf("%s: the ends that are right are %s, want %s", name, got, test.met)
		}
	}
}

// TestPlan_Excused shows that a disturbance explains its own status only, and
// never a code or a success.
func TestPlan_Excused(t *testing.T) {
	t.Parallel()
	ends := []error{
		nil, codetable.NewError(expired), status.Error(codes.Canceled, ""), status.Error(codes.DeadlineExceeded, ""),
		status.Error(codes.Unavailable, ""), status.Error(codes.Internal, ""), status.Error(codes.Unknown, ""),
	}
	for name, test := range map[string]struct {
		plan    plan.Plan
		excused string // for each end
	}{
		"undisturbed":     {plan.Plan{}, "-------"},
		"garbage":         {plan.Plan{Garbage: true}, "-------"},
		"cancelled":       {plan.Plan{CancelAfter: time.Second}, "--y----"},
		"left":            {plan.Plan{Leave: true}, "--y----"},
		"out of time":     {plan.Plan{Deadline: time.Second}, "---y---"},
		"flaky":           {plan.Plan{Flaky: true}, "----y--"},
		"flaky hop":       {plan.Plan{FlakyHop: true, Route: plan.Relay}, "----y--"},
		"behind a public": {plan.Plan{FlakyHop: true, Route: plan.PublicRelay}, "----yy-"},
		"calm public":     {plan.Plan{Route: plan.PublicRelay}, "-------"},
	} {
		got := ""
		for _, end := range ends {
			if test.plan.Excused(end) {
				got += "y"
			} else {
				got += "-"
			}
		}
		if got != test.excused {
			t.Errorf("%s: the ends that it explains are %s, want %s", name, got, test.excused)
		}
	}
}
