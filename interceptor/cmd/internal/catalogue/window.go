package catalogue

import (
	"time"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// NextWindow returns when the calendar window that follows now begins, in RFC
// 3339, and the time left. The time is empty if the retry advice of the code has
// no window, or if the table has no time zone.
func NextWindow(spec codetable.Spec, zone *time.Location) (at string, left time.Duration) {
	e, failed := codetable.FromError(spec.NewError())
	if !failed || zone == nil || spec.Retry().Window == codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED {
		return "", 0
	}
	// Windows begin at a full minute. The time left was rounded up to a second.
	left = e.Retry().Delay
	return time.Now().Add(left).Truncate(time.Minute).In(zone).Format(time.RFC3339), left
}
