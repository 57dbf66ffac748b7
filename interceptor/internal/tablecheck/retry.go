package tablecheck

import (
	"slices"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// transient lists the codes of failures that can pass without a change of the
// request. With the other codes the same request fails again
// (https://grpc.io/docs/guides/status-codes/). Only UNAVAILABLE promises that a
// retry may help.
var transient = []codetablev1.GrpcCode{
	codetablev1.GrpcCode_GRPC_CODE_UNKNOWN,
	codetablev1.GrpcCode_GRPC_CODE_DEADLINE_EXCEEDED,
	codetablev1.GrpcCode_GRPC_CODE_RESOURCE_EXHAUSTED,
	codetablev1.GrpcCode_GRPC_CODE_ABORTED,
	codetablev1.GrpcCode_GRPC_CODE_INTERNAL,
	codetablev1.GrpcCode_GRPC_CODE_UNAVAILABLE,
}

// checkRetry reports retry advice that contradicts itself, the gRPC code or the
// table.
func (c *checker) checkRetry(t *table.Table, options *codetablev1.Code) {
	retry, code := options.GetRetry(), options.GetGrpcCode()
	passes := options.GrpcCode == nil || slices.Contains(transient, code)
	switch retry.GetAction() {
	case codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST, codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW:
		if !passes {
			c.add(ruleRetry, "retry %v contradicts %v: the same request would fail again", retry.GetAction(), code)
		}
	case codetablev1.RetryAction_RETRY_ACTION_CONFIRM_OUTCOME:
		if !passes {
			c.add(ruleRetry, "retry %v contradicts %v: a call that fails with it had no effect", retry.GetAction(), code)
		}
	case codetablev1.RetryAction_RETRY_ACTION_NEVER:
		if code == codetablev1.GrpcCode_GRPC_CODE_UNAVAILABLE {
			c.add(ruleRetry, "retry %v contradicts %v: this code means that a retry may help", retry.GetAction(), code)
		}
	case codetablev1.RetryAction_RETRY_ACTION_NEW_INPUT, codetablev1.RetryAction_RETRY_ACTION_OPERATOR_ACTION:
	default:
		c.add(ruleRetry, "retry.action is missing")
	}
	c.checkRetryAfter(t, retry)
}

func (c *checker) checkRetryAfter(t *table.Table, retry *codetablev1.Retry) {
	action, window := retry.GetAction(), retry.GetWindow()
	nextWindow := action == codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW
	_, known := codetablev1.CalendarWindow_name[int32(window)]
	switch {
	case nextWindow && (window == 0 || !known):
		c.add(ruleRetry, "retry %v names no window: want CALENDAR_WINDOW_HOUR or CALENDAR_WINDOW_DAY", action)
	case nextWindow && t.Options.GetTimeZone() == "":
		c.add(ruleRetry, "retry %v needs the time_zone of the table", action)
	case !nextWindow && window != 0:
		c.add(ruleRetry, "retry window %v needs RETRY_ACTION_NEXT_WINDOW, not %v", window, action)
	}
	if retry.GetDelay() == nil {
		return
	}
	switch delay := retry.GetDelay(); {
	case delay.CheckValid() != nil || delay.AsDuration() <= 0:
		c.add(ruleRetry, "retry delay %v: want a time above 0", delay.AsDuration())
	case !(table.Retry{Action: action}).TakesDelay():
		c.add(ruleRetry, "retry %v takes no delay", action)
	}
}
