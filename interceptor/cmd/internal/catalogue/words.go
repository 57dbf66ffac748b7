package catalogue

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

// Failed reports whether the code is no success.
func (c Code) Failed() bool { return c.GRPCCode != "OK" }

// ID returns the identity of the code, such as
// jverification.jiguang.cn/TOKEN_INVALID.
func (c Code) ID() string { return c.Domain + "/" + c.Reason }

// Anchor returns an id of a document, without spaces.
func Anchor(id string) string { return strings.Join(strings.Fields(text.OneLine(id)), "-") }

// Fragment returns the link to an anchor of the same document.
func Fragment(id string) string {
	return strings.NewReplacer("(", "%28", ")", "%29", "&", "%26").Replace((&url.URL{Fragment: Anchor(id)}).String())
}

// Pascal turns APPKEY_NO_MONEY into AppkeyNoMoney.
func Pascal(name string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(name, "_") {
		for i, r := range word {
			if i > 0 {
				r = unicode.ToLower(r)
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Meaning returns the explanation of the code, or else its description.
func (c Code) Meaning() string {
	if c.Notes != "" {
		return c.Notes
	}
	return c.Description
}

// HTTPStatus returns the status of the code over HTTP.
func (c Code) HTTPStatus() int { return wire.HTTPStatus(c.Spec.GRPCCode()) }

// WhoActs names the party that must act.
func (c Code) WhoActs() string {
	if !c.Failed() {
		return "nobody"
	}
	return WhoActs(c.Spec.Fault())
}

// WhoActs names the party that must act after a failure.
func WhoActs(fault codetablev1.Fault) string {
	switch fault {
	case codetablev1.Fault_FAULT_CALLER:
		return "the caller"
	case codetablev1.Fault_FAULT_END_USER:
		return "the end user"
	case codetablev1.Fault_FAULT_OPERATOR:
		return "the operator"
	case codetablev1.Fault_FAULT_UPSTREAM:
		return "the upstream"
	default:
		return "not stated"
	}
}

// RetryText returns the retry advice as a sentence without a full stop. It does
// not depend on the time of day.
func (c Code) RetryText() string {
	if !c.Failed() {
		return "not needed"
	}
	return Advice(c.Spec.Retry(), c.timeZone)
}

// Advice returns the retry advice for a failure as a sentence without a full
// stop. timeZone is that of the table.
func Advice(retry codetable.Retry, timeZone string) string {
	after := ""
	if retry.Delay > 0 {
		after = " after " + duration(retry.Delay)
	}
	switch retry.Action {
	case codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST:
		return "send the same request again" + after
	case codetablev1.RetryAction_RETRY_ACTION_NEW_INPUT:
		return "get new input first, then try again" + after
	case codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW:
		if retry.Window == codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED { // of a masked error
			return "wait " + retry.Delay.String() + ", then try again"
		}
		return "wait until the next " + window(retry, timeZone)
	case codetablev1.RetryAction_RETRY_ACTION_OPERATOR_ACTION:
		return "wait until the operator has removed the cause"
	case codetablev1.RetryAction_RETRY_ACTION_CONFIRM_OUTCOME:
		return "the outcome is unknown: ask for it" + after + " before anything is repeated"
	default:
		return "never"
	}
}

// ClearsText returns what ends the failures, as sentences.
func (c Code) ClearsText() string {
	switch c.Spec.Retry().Action {
	case codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST:
		return "It may clear by itself, because the same request can succeed later. If it stays, " + c.WhoActs() + " must act."
	case codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW:
		return "It clears by itself when the next " + window(c.Spec.Retry(), c.timeZone) + "."
	case codetablev1.RetryAction_RETRY_ACTION_NEW_INPUT:
		return "It clears with the next request that has new input."
	case codetablev1.RetryAction_RETRY_ACTION_CONFIRM_OUTCOME:
		return "It clears when calls have a known outcome again. Ask for the outcome of each failed call."
	case codetablev1.RetryAction_RETRY_ACTION_OPERATOR_ACTION:
		return "It does not clear by itself: the operator must remove the cause."
	default:
		return "It does not clear by itself: the same call never succeeds."
	}
}

// TimeHeals reports whether waiting alone can end the failures.
func (c Code) TimeHeals() bool {
	switch c.Spec.Retry().Action {
	case codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST, codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW:
		return true
	default:
		return false
	}
}

func window(retry codetable.Retry, timeZone string) string {
	window := strings.ToLower(strings.TrimPrefix(retry.Window.String(), "CALENDAR_WINDOW_")) + " begins"
	if timeZone != "" {
		window += " in " + timeZone
	}
	return window
}

// duration writes 90s as "90 seconds".
func duration(d time.Duration) string {
	if seconds := d.Seconds(); seconds != 1 {
		return fmt.Sprintf("%g seconds", seconds)
	}
	return "1 second"
}
