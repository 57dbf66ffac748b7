package table

import (
	"math"
	"time"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
)

// MaxSameRequestDelay is the longest delay of a masked error after which the
// same request may be sent again. A longer delay means a calendar window.
const MaxSameRequestDelay = time.Minute

// Delay returns how long to wait: the constant delay, or the time left until
// the calendar window, in whole seconds.
func (e *Entry) Delay() time.Duration {
	if e.Windowed() && e.Table.Location != nil {
		return WholeSeconds(nextWindow(time.Now(), e.Retry.Window, e.Table.Location))
	}
	return e.Retry.Delay
}

// WholeSeconds rounds up, so that nobody retries too early and the clock of the
// server is not revealed.
func WholeSeconds(d time.Duration) time.Duration {
	whole := d.Truncate(time.Second)
	if whole < d && whole <= math.MaxInt64-time.Second {
		whole += time.Second
	}
	return whole
}

// nextWindow returns the time until the next calendar window begins.
//
// The end of the hour is computed from the current clock time, so a change of
// daylight saving time never makes it more than an hour away. The end of the
// day is the first instant of the next date, even if that is not midnight.
func nextWindow(now time.Time, window codetablev1.CalendarWindow, zone *time.Location) time.Duration {
	now = now.In(zone)
	switch window {
	case codetablev1.CalendarWindow_CALENDAR_WINDOW_HOUR:
		past := time.Duration(now.Minute())*time.Minute + time.Duration(now.Second())*time.Second + time.Duration(now.Nanosecond())
		return time.Hour - past
	case codetablev1.CalendarWindow_CALENDAR_WINDOW_DAY:
		next := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, zone)
		if next.Day() == now.Day() {
			// That night has no midnight: next is too early by the clock change.
			next = next.Add(time.Duration(24-next.Hour())*time.Hour - time.Duration(next.Minute())*time.Minute)
		}
		if first := next.Add(-time.Hour); first.Day() == next.Day() {
			next = first // that night has two midnights
		}
		return next.Sub(now)
	default:
		return 0
	}
}
