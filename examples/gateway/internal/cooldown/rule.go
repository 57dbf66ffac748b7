package cooldown

import (
	"time"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// maxSkew is how far the upstream's clock may be behind ours.
const maxSkew = time.Minute

// concernsAppKey reports whether every call of the AppKey meets the same code,
// whatever it asks for.
func concernsAppKey(spec codetable.Spec) bool {
	if spec.Fault() != codetablev1.Fault_FAULT_OPERATOR {
		return false
	}
	switch _, subject := spec.Detail(); subject {
	case "", "app_key", "account", "config":
		return true
	default: // a captcha_id, a token, the key of the logins
		return false
	}
}

// entryOf returns what a failed call makes of the AppKey. An answer of our own
// says nothing new, and would prolong itself.
func (c *Cooldown) entryOf(err error) (Entry, bool) {
	coded, ok := codetable.FromError(err)
	if !ok {
		return Entry{}, false
	}
	code, ok := codetable.CodeOf[jverificationv1.ResponseCode](coded)
	if !ok || !concernsAppKey(coded.Spec()) || coded.Metadata()[Mark] != "" {
		return Entry{}, false
	}
	entry := Entry{Code: int32(code)}
	switch retry := coded.Retry(); retry.Action {
	case codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST:
		entry.Left = min(retry.Delay, c.hold)
	case codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW:
		if entry.Left = windowLeft(retry); entry.Left == 0 {
			entry.Left, entry.Probe = c.hold, c.hold
		}
	case codetablev1.RetryAction_RETRY_ACTION_OPERATOR_ACTION:
		entry.Left, entry.Probe = c.hold, c.hold
	default:
	}
	return entry, entry.Left > 0
}

// allows reports whether the table makes such an entry: of a code that cools down,
// and for no longer than its rule says. A store rounds up to the millisecond.
func (c *Cooldown) allows(entry Entry) bool {
	spec, listed := codetable.Lookup(jverificationv1.ResponseCode(entry.Code))
	longest := c.hold
	if retry := spec.Retry(); retry.Action == codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW {
		longest = max(c.hold, windowLength(retry))
	}
	possible := listed && concernsAppKey(spec) && entry.Left <= longest+time.Millisecond && entry.Probe <= c.hold+time.Millisecond
	return possible || entry == (Entry{})
}

// windowLeft returns 0 where it is not sure which window was meant: without a
// time zone, and in the first minute.
func windowLeft(retry codetable.Retry) time.Duration {
	if retry.Delay > windowLength(retry)-maxSkew {
		return 0
	}
	return retry.Delay
}

func windowLength(retry codetable.Retry) time.Duration {
	if retry.Window == codetablev1.CalendarWindow_CALENDAR_WINDOW_HOUR {
		return time.Hour
	}
	return 24 * time.Hour
}

// answered reports whether the upstream has dealt with the request itself. Its
// own faults, and errors without a code, say nothing of the AppKey.
func answered(err error) bool {
	if err == nil {
		return true
	}
	coded, _ := codetable.FromError(err) // a nil *Error has no fault
	fault := coded.Fault()
	return fault == codetablev1.Fault_FAULT_CALLER || fault == codetablev1.Fault_FAULT_END_USER
}
