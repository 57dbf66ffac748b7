package demo

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// problems is what is wrong with an arrival. It compares what was received
// with the table, field by field, so that no fault can hide behind the code
// that decodes it.
type problems []string

func (p *problems) want(ok bool, format string, args ...any) {
	if !ok {
		*p = append(*p, fmt.Sprintf(format, args...))
	}
}

func (a arrival) successProblems() (p problems) {
	code, ok := a.code()
	p.want(a.err == nil, "the call failed: %v", a.err)
	p.want(ok && int32(code) == a.spec.Number(), "the response has the code %d", code)
	return p
}

func (a arrival) failureProblems() (p problems) {
	code, ok := a.code()
	p.want(ok, "no code came back")
	p.want(!ok || int32(code) == a.spec.Number(), "the code came back as %d", code)
	p.want(a.status.Code() == a.spec.GRPCCode(), "gRPC code %v, the table says %v", a.status.Code(), a.spec.GRPCCode())
	a.checkInfo(&p)
	a.checkDetail(&p)
	a.checkRetry(&p)
	message, _ := a.spec.UserMessage(locale)
	p.want(localized(a.status) == message, "the user message is not that of the table")
	return p
}

func (a arrival) checkInfo(p *problems) {
	infos := details[*errdetails.ErrorInfo](a.status)
	if len(infos) != 1 {
		p.want(false, "%d ErrorInfo, not 1", len(infos))
		return
	}
	info := infos[0]
	p.want(info.GetDomain() == a.spec.Domain(), "domain %q", info.GetDomain())
	p.want(info.GetReason() == a.spec.Reason(), "reason %q", info.GetReason())
	number := info.GetMetadata()["code"]
	p.want(number == strconv.Itoa(int(a.spec.Number())), "metadata code %q", number)
}

func (a arrival) checkDetail(p *problems) {
	kind, _ := a.spec.Detail()
	want, declared := detailName[kind]
	p.want(!declared || strings.Contains(strings.Join(detailNames(a.status), ","), want), "no %s", want)
}

var detailName = map[codetablev1.DetailType]string{
	codetablev1.DetailType_DETAIL_TYPE_BAD_REQUEST:          "BadRequest",
	codetablev1.DetailType_DETAIL_TYPE_PRECONDITION_FAILURE: "PreconditionFailure",
	codetablev1.DetailType_DETAIL_TYPE_QUOTA_FAILURE:        "QuotaFailure",
	codetablev1.DetailType_DETAIL_TYPE_RESOURCE_INFO:        "ResourceInfo",
}

// longest is how far away the end of a calendar window can be. A day of 25
// hours is one on which the clocks go back.
var longest = map[codetablev1.CalendarWindow]time.Duration{
	codetablev1.CalendarWindow_CALENDAR_WINDOW_HOUR: time.Hour,
	codetablev1.CalendarWindow_CALENDAR_WINDOW_DAY:  25 * time.Hour,
}

func (a arrival) checkRetry(p *problems) {
	want := a.spec.Retry()
	delay := a.delay()
	p.want(delay%time.Second == 0, "retry delay %v is not in whole seconds", delay)
	if limit, windowed := longest[want.Window]; windowed {
		p.want(delay > 0 && delay <= limit, "retry delay %v, not the time left of %v", delay, want.Window)
	} else {
		p.want(delay == want.Delay, "retry delay %v, the table says %v", delay, want.Delay)
	}
	if e, ok := codetable.FromError(a.err); ok {
		p.want(e.Retry().Action == want.Action, "retry action %v, the table says %v", e.Retry().Action, want.Action)
	}
	a.checkPushback(p, want)
}

// delay is that of RetryInfo, 0 without one.
func (a arrival) delay() time.Duration {
	infos := details[*errdetails.RetryInfo](a.status)
	if len(infos) == 0 {
		return 0
	}
	return infos[0].GetRetryDelay().AsDuration()
}

func (a arrival) checkPushback(p *problems, want codetable.Retry) {
	pushback := "-1"
	if want.Action == codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST {
		pushback = strconv.FormatInt(want.Delay.Milliseconds(), 10)
	}
	got := strings.Join(a.trailer.Get(pushbackKey), ",")
	p.want(got == pushback, "pushback %q, want %s", got, pushback)
}

// maskProblems looks for the code in all that was received.
func (a arrival) maskProblems() (p problems) {
	_, ok := a.code()
	p.want(a.err != nil, "the call succeeded")
	p.want(!ok, "a code came back")
	want := codes.Internal
	if a.healsByTime() {
		want = codes.Unavailable
	}
	p.want(a.status.Code() == want, "gRPC code %v, want %v", a.status.Code(), want)
	ids := details[*errdetails.RequestInfo](a.status)
	p.want(len(ids) == 1 && ids[0].GetRequestId() != "", "no correlation id")
	a.checkPushback(&p, a.spec.Retry())
	delay := a.delay()
	p.want(delay%time.Second == 0 && (delay > 0) == a.healsByTime(), "retry delay %v", delay)
	sentence, _ := a.spec.NeutralMessage(locale)
	p.want(localized(a.status) == sentence, "the user message is not the neutral one of the table")
	received := a.received()
	for _, secret := range []string{
		strconv.Itoa(int(a.spec.Number())), a.spec.Reason(), a.spec.Domain(), a.spec.Description(), a.spec.Notes(),
	} {
		p.want(!bytes.Contains(received, bytes.ToLower([]byte(secret))), "%q leaked", secret)
	}
	return p
}

func (a arrival) healsByTime() bool {
	action := a.spec.Retry().Action
	return action == codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST ||
		action == codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW
}

// received is everything that the caller can read, in lower case.
func (a arrival) received() []byte {
	// A status that came over the wire can be marshalled.
	raw, _ := proto.Marshal(a.status.Proto())
	return bytes.ToLower(fmt.Appendf(raw, "%v %v", a.err, a.trailer))
}
