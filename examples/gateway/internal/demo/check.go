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

// problems are the differences between a result and the table.
type problems []string

func (p *problems) want(ok bool, format string, args ...any) {
	if !ok {
		*p = append(*p, fmt.Sprintf(format, args...))
	}
}

func (p *problems) equal(what string, got, want any) {
	p.want(got == want, "%s %v, the table says %v", what, got, want)
}

func (r *result) checkFailure() {
	p, want := &r.Problems, r.spec.Retry()
	p.equal("gRPC code", r.status.Code(), r.spec.GRPCCode())
	e, ok := codetable.FromError(r.err)
	if !ok {
		p.want(false, "no code came back")
		return
	}
	p.want(e.Spec() == r.spec && e.Reason() == r.Reason, "the code came back as %v", e)
	kind, _ := r.spec.Detail()
	name := strings.ReplaceAll(strings.TrimPrefix(kind.String(), "DETAIL_TYPE_"), "_", "")
	p.want(kind == codetablev1.DetailType_DETAIL_TYPE_UNSPECIFIED || strings.Contains(strings.ToUpper(strings.Join(r.Details, ",")), name), "no %s", name)
	p.equal("retry action", e.Retry().Action, want.Action)
	if delay := r.delay(); want.Window == codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED {
		p.equal("retry delay", delay, want.Delay)
	} else {
		p.want(delay > 0 && delay <= longest && delay%time.Second == 0, "retry delay %v, not the time left of %v", delay, want.Window)
	}
	r.checkPushback()
	message, _ := r.spec.UserMessage(locale)
	p.equal("user message", r.Message, message)
}

// longest is the length of a day on which the clocks go back, the longest window.
const longest = 25 * time.Hour

// checkPushback follows gRFC A6: -1 forbids the retry.
func (r *result) checkPushback() {
	want := "-1"
	if retry := r.spec.Retry(); retry.Action == codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST {
		want = strconv.FormatInt(retry.Delay.Milliseconds(), 10)
	}
	r.Problems.equal("pushback", r.Pushback, want)
}

// delay is that of RetryInfo, or 0.
func (r *result) delay() time.Duration {
	return detail[*errdetails.RetryInfo](r.status).GetRetryDelay().AsDuration()
}

// checkMask looks for the code in all that the client received.
func (r *result) checkMask() {
	p, action, want := &r.Problems, r.spec.Retry().Action, codes.Internal
	waits := action == codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST || action == codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW
	if waits {
		want = codes.Unavailable
	}
	p.want(r.status.Code() == want, "gRPC code %v, want %v", r.status.Code(), want)
	p.want(r.Recovered == nil, "a code came back")
	p.want(codetable.RequestID(r.err) != "", "no correlation id")
	p.want(r.delay()%time.Second == 0 && (r.delay() > 0) == waits, "retry delay %v", r.delay())
	r.checkPushback()
	sentence, _ := r.spec.NeutralMessage(locale)
	p.want(r.Message == sentence, "the user message is not the neutral one of the table")

	raw, _ := proto.Marshal(r.status.Proto()) // a status that was received can be marshalled
	received := bytes.ToLower(fmt.Appendf(raw, "%v %v", r.err, r.trailer))
	secrets := []string{r.Reason, r.Domain, r.spec.Description(), r.spec.Notes()}
	if number := strconv.Itoa(int(r.Number)); len(number) > 2 { // a shorter one is found by chance
		secrets = append(secrets, number)
	}
	for _, secret := range secrets {
		p.want(!bytes.Contains(received, bytes.ToLower([]byte(secret))), "%q leaked", secret)
	}
}
