package codetable

import (
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
)

// Spec is what a table says of one code. It is immutable; the zero Spec says
// nothing.
type Spec struct {
	entry *entry
}

// get spares every accessor the question whether there is an entry.
func (s Spec) get() *entry {
	if s.entry == nil {
		return &noEntry
	}
	return s.entry
}

var noEntry = entry{table: &table{options: &codetablev1.Table{}}, options: &codetablev1.Code{}, code: codes.Unknown}

// Number is the number of the code.
func (s Spec) Number() int32 { return s.get().number }

// Reason is the name of the code as ErrorInfo.reason carries it: that of the
// enum value without the prefix of the enum, or UNRECOGNIZED_CODE.
func (s Spec) Reason() string { return s.get().reason }

// Domain is the domain of the table as ErrorInfo.domain carries it.
func (s Spec) Domain() string { return s.get().table.domain }

// Listed reports whether the enum lists the code.
func (s Spec) Listed() bool { return s.get().listed }

// GRPCCode is the status that the code travels as. [codes.OK] marks a success.
func (s Spec) GRPCCode() codes.Code { return s.get().code }

// Description is the upstream's own wording of the code. For developers.
func (s Spec) Description() string { return s.get().options.GetDescription() }

// Notes is the upstream's explanation of the code. For developers.
func (s Spec) Notes() string { return s.get().options.GetNotes() }

// Fault is the party that must act; FAULT_UNSPECIFIED for a success and for a
// code that the table does not list.
func (s Spec) Fault() codetablev1.Fault { return s.get().options.GetFault() }

// Retry is the advice of the table. Its Delay is 0 where the time depends on a
// calendar window; [Error.Retry] has the time left.
func (s Spec) Retry() Retry { return s.get().retry }

// Detail is the standard error detail that the code carries, and its subject;
// DETAIL_TYPE_UNSPECIFIED if there is none.
func (s Spec) Detail() (detail codetablev1.DetailType, subject string) {
	d := s.get().options.GetDetail()
	return d.GetType(), d.GetSubject()
}

// HelpURL is where a developer reads about the codes of the table.
func (s Spec) HelpURL() string { return s.get().table.options.GetHelpUrl() }

// Locales are the languages that the code has user messages in: BCP 47 tags,
// sorted.
func (s Spec) Locales() []string { return s.get().messages.list() }

// UserMessage returns the sentence that may be shown to an end user, and the
// BCP 47 tag of its language. Each of locales is a language tag or a list as
// in the HTTP header Accept-Language, in order of preference; the match is
// that of golang.org/x/text/language. It returns empty strings where none
// matches, so name a language to fall back on last:
//
//	text, locale := spec.UserMessage(r.Header.Get("Accept-Language"), "en")
func (s Spec) UserMessage(locales ...string) (text, locale string) {
	return s.get().messages.match(locales)
}

// NewError is the function [NewError] for a Spec.
func (s Spec) NewError(opts ...ErrorOption) error {
	return newError(s.get(), opts)
}

// Retry is advice on whether and when a failed call may be repeated.
type Retry struct {
	// Action is what has to happen first. RETRY_ACTION_UNSPECIFIED, the action
	// of a code that the table does not list, means: do not repeat the call.
	Action codetablev1.RetryAction
	// Delay is the least time to wait; 0 if none is stated.
	Delay time.Duration
	// Window is the calendar window that has to end, for
	// RETRY_ACTION_NEXT_WINDOW.
	Window codetablev1.CalendarWindow
}

// String is a short form for logs, such as "SAME_REQUEST after 1s".
func (r Retry) String() string {
	action := strings.TrimPrefix(r.Action.String(), "RETRY_ACTION_")
	if r.Delay > 0 {
		return fmt.Sprintf("%s after %v", action, r.Delay)
	}
	return action
}

// nextWindow returns the time until the next calendar window begins.
//
// The end of the hour is reckoned by the clock that runs at the moment, so a
// change of daylight saving time never makes it more than an hour away. The
// end of the day is the first instant of the next date, also where that is not
// midnight.
func nextWindow(now time.Time, window codetablev1.CalendarWindow, zone *time.Location) time.Duration {
	now = now.In(zone)
	switch window {
	case codetablev1.CalendarWindow_CALENDAR_WINDOW_HOUR:
		past := time.Duration(now.Minute())*time.Minute + time.Duration(now.Second())*time.Second + time.Duration(now.Nanosecond())
		return time.Hour - past
	case codetablev1.CalendarWindow_CALENDAR_WINDOW_DAY:
		next := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, zone)
		if next.Day() == now.Day() {
			// Midnight does not exist on that night: next is one shift early.
			next = next.Add(time.Duration(24-next.Hour())*time.Hour - time.Duration(next.Minute())*time.Minute)
		}
		if first := next.Add(-time.Hour); first.Day() == next.Day() {
			next = first // midnight comes twice on that night
		}
		return next.Sub(now)
	default:
		return 0
	}
}
