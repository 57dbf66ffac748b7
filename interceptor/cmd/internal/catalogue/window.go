package catalogue

import (
	"time"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// AdviceNow is Advice at this moment. If the advice of the code has a calendar
// window and the table a time zone, it says when the window that follows now
// begins, and next is this time in RFC 3339.
func AdviceNow(spec codetable.Spec, retry codetable.Retry, zone *time.Location) (advice, next string) {
	if zone == nil {
		return Advice(retry, ""), ""
	}
	advice = Advice(retry, zone.String())
	e, failed := codetable.FromError(spec.NewError())
	if !failed || spec.Retry().Window == codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED {
		return advice, ""
	}
	// Windows begin at a full minute. The time left was rounded up to a second.
	left := e.Retry().Delay
	next = time.Now().Add(left).Truncate(time.Minute).In(zone).Format(time.RFC3339)
	return advice + ": at " + next + ", in " + left.String(), next
}
