package soak

import (
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/soak/internal/plan"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const expired = jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST

// planOf returns a plan whose handler returns a code.
func planOf() plan.Plan {
	spec, _ := codetable.Lookup(expired)
	return plan.Plan{Failure: plan.Failure{
		Make: func() error { return spec.NewError() }, Coded: true, Domain: spec.Domain(), Number: spec.Number(), Code: spec.GRPCCode(),
	}}
}

// TestLedger keeps the books of one call, whose handler returns a code.
func TestLedger(t *testing.T) {
	t.Parallel()
	cancelled := planOf()
	cancelled.CancelAfter = time.Second
	other := status.Error(codes.Canceled, "text")
	for name, test := range map[string]struct {
		plan   plan.Plan
		sent   int // before the client gets err
		err    error
		late   int // after that
		codes  Codes
		faults Faults
	}{
		"received":            {planOf(), 1, codetable.NewError(expired), 0, Codes{Sent: 1, Received: 1}, Faults{}},
		"repeated":            {planOf(), 2, codetable.NewError(expired), 0, Codes{Sent: 2, Received: 1, Explained: 1}, Faults{}},
		"invented":            {planOf(), 0, codetable.NewError(expired), 0, Codes{}, Faults{WrongCodes: 1}},
		"lost":                {planOf(), 1, other, 0, Codes{Sent: 1, Lost: 1}, Faults{}},
		"success":             {planOf(), 1, nil, 0, Codes{Sent: 1, Lost: 1}, Faults{Successes: 1}},
		"status of a success": {planOf(), 1, okStatus{errors.New("text")}, 0, Codes{Sent: 1, Lost: 1}, Faults{Successes: 1}},
		"never sent":          {planOf(), 0, other, 0, Codes{}, Faults{WrongStatuses: 1}},
		"cancelled":           {cancelled, 1, other, 0, Codes{Sent: 1, Explained: 1}, Faults{}},
		"cancelled before":    {cancelled, 0, other, 1, Codes{Sent: 1, Explained: 1}, Faults{}},
		"cancelled too late":  {cancelled, 1, codetable.NewError(expired), 0, Codes{Sent: 1, Received: 1}, Faults{}},
		"cancelled, but lost": {cancelled, 1, status.Error(codes.Unknown, ""), 0, Codes{Sent: 1, Lost: 1}, Faults{}},
		"cancelled, success":  {cancelled, 1, nil, 0, Codes{Sent: 1, Lost: 1}, Faults{Successes: 1}},
		"cancelled, other": {
			cancelled, 1, codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT), 0,
			Codes{Sent: 1, Lost: 1},
			Faults{WrongCodes: 1},
		},
	} {
		l := newLedger()
		l.begin(0)
		for range test.sent {
			l.sent(0)
		}
		l.end(test.plan, test.err)
		for range test.late {
			l.sent(0)
		}
		if l.codes != test.codes || l.faults != test.faults || len(l.open) > 0 {
			t.Errorf("%s: the books say %+v and %+v with %d calls open, want %+v and %+v", name, l.codes, l.faults, len(l.open), test.codes, test.faults)
		}
	}
}

// okStatus is an error whose status is OK.
type okStatus struct{ error }

func (okStatus) GRPCStatus() *status.Status { return status.New(codes.OK, "") }

// TestLedger_bounded counts more faults than are described.
func TestLedger_bounded(t *testing.T) {
	t.Parallel()
	l := newLedger()
	for range 3 * maxExamples {
		l.begin(0)
		l.end(planOf(), errors.New("text"))
	}
	if len(l.examples) != maxExamples || l.faults.WrongStatuses != 3*maxExamples {
		t.Errorf("%d faults, of which %d are described: want %d and %d", l.faults.WrongStatuses, len(l.examples), 3*maxExamples, maxExamples)
	}
}

// TestRun_safely shows that a panic of a client is counted.
func TestRun_safely(t *testing.T) {
	t.Parallel()
	r := &run{}
	if err := r.safely(nil, plan.Plan{}); err == nil || r.panics.Load() != 1 {
		t.Errorf("%d panics, error %v; want one", r.panics.Load(), err)
	}
}

// TestGoroutinesIn counts goroutines that stay.
func TestGoroutinesIn(t *testing.T) { //nolint:paralleltest // it counts the goroutines of the process
	before, end := goleak.IgnoreCurrent(), make(chan struct{})
	defer close(end)
	for range 3 {
		go func() { <-end }()
	}
	if err := goleak.Find(before); err == nil || goroutinesIn(err.Error()) != 3 {
		t.Errorf("want 3 goroutines: %v", err)
	}
}
