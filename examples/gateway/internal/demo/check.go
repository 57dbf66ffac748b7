package demo

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// problems are the differences between a reply and the table.
type problems []string

func (p *problems) want(ok bool, format string, args ...any) {
	if !ok {
		*p = append(*p, fmt.Sprintf(format, args...))
	}
}

func (p *problems) equal(what string, got, want any) {
	p.want(got == want, "%s %v, the table says %v", what, got, want)
}

func (r reply) successProblems(code *int32) (p problems) {
	p.want(r.err == nil, "the call failed: %v", r.err)
	p.want(code != nil && *code == r.spec.Number(), "the response lacks the code")
	return p
}

func (r reply) failureProblems() (p problems) {
	p.equal("gRPC code", r.status.Code(), r.spec.GRPCCode())
	e, ok := codetable.FromError(r.err)
	if !ok {
		return append(p, "no code came back")
	}
	p.want(e.Spec() == r.spec && e.Reason() == r.spec.Reason(), "the code came back as %v", e)
	r.checkDetail(&p)
	want := r.spec.Retry()
	p.equal("retry action", e.Retry().Action, want.Action)
	if delay := r.delay(); want.Window == codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED {
		p.equal("retry delay", delay, want.Delay)
	} else {
		p.want(delay > 0 && delay <= longest && delay%time.Second == 0, "retry delay %v, not the time left of %v", delay, want.Window)
	}
	p.equal("pushback", r.pushback(), r.wantPushback())
	message, _ := r.spec.UserMessage(locale)
	p.equal("user message", r.userMessage(), message)
	return p
}

// longest is the length of a day on which the clocks go back, the longest window.
const longest = 25 * time.Hour

// checkDetail looks for the detail that the table names.
func (r reply) checkDetail(p *problems) {
	kind, _ := r.spec.Detail()
	name := strings.ReplaceAll(strings.TrimPrefix(kind.String(), "DETAIL_TYPE_"), "_", "")
	p.want(kind == codetablev1.DetailType_DETAIL_TYPE_UNSPECIFIED || slices.ContainsFunc(detailNames(r.status),
		func(detail string) bool { return strings.EqualFold(detail, name) }), "no %s", name)
}

// delay is that of RetryInfo, or 0.
func (r reply) delay() time.Duration {
	return detail[*errdetails.RetryInfo](r.status).GetRetryDelay().AsDuration()
}

// maskProblems looks for the code in all that the client received.
func (r reply) maskProblems() (p problems) {
	action := r.spec.Retry().Action
	waits := action == codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST || action == codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW
	want := codes.Internal
	if waits {
		want = codes.Unavailable
	}
	p.want(r.status.Code() == want, "gRPC code %v, want %v", r.status.Code(), want)
	_, coded := codetable.FromError(r.err)
	p.want(!coded, "a code came back")
	p.want(codetable.RequestID(r.err) != "", "no correlation id")
	p.want(r.pushback() == r.wantPushback(), "pushback %q, want %s", r.pushback(), r.wantPushback())
	p.want(r.delay()%time.Second == 0 && (r.delay() > 0) == waits, "retry delay %v", r.delay())
	sentence, _ := r.spec.NeutralMessage(locale)
	p.want(r.userMessage() == sentence, "the user message is not the neutral one of the table")
	return append(p, r.leaks()...)
}

func (r reply) leaks() (p problems) {
	raw, _ := proto.Marshal(r.status.Proto()) // a status that was received can be marshalled
	received := bytes.ToLower(fmt.Appendf(raw, "%v %v", r.err, r.trailer))
	secrets := []string{r.spec.Reason(), r.spec.Domain(), r.spec.Description(), r.spec.Notes()}
	if number := strconv.Itoa(int(r.spec.Number())); len(number) > 2 { // a shorter one is found by chance
		secrets = append(secrets, number)
	}
	for _, secret := range secrets {
		p.want(!bytes.Contains(received, bytes.ToLower([]byte(secret))), "%q leaked", secret)
	}
	return p
}
