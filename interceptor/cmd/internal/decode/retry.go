package decode

import (
	"strconv"
	"strings"
	"time"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// Retry is the advice on repeating the call.
type Retry struct {
	Action string `json:"action,omitempty"`
	Delay  string `json:"delay,omitempty"` // as sent, or of the table
	Window string `json:"window,omitempty"`
	Advice string `json:"advice"`
}

func adviceOf(retry codetable.Retry, zone *time.Location) *Retry {
	r := &Retry{
		Action: strings.TrimPrefix(retry.Action.String(), "RETRY_ACTION_"),
		Delay:  seconds(retry.Delay),
		Advice: catalogue.Advice(retry, zoneName(zone)),
	}
	switch {
	case retry.Action == codetablev1.RetryAction_RETRY_ACTION_UNSPECIFIED:
		r.Action = ""
	case retry.Action == codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW && retry.Window == 0: // of a mask
		r.Advice = "wait " + retry.Delay.String() + ", then try again"
	}
	if retry.Window != codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED {
		r.Window = strings.TrimPrefix(retry.Window.String(), "CALENDAR_WINDOW_")
	}
	return r
}

// setWindow sets when the next window begins. The delay is only shown if the
// server sent it, because it counts from the time of the answer.
func (r *Report) setWindow(spec codetable.Spec, zone *time.Location, sent bool) {
	if !sent {
		r.Retry.Delay = ""
	}
	at, left := catalogue.NextWindow(spec, zone)
	if at == "" {
		return
	}
	r.NextWindow, r.TimeZone = at, zone.String()
	r.Retry.Advice += ": at " + at + ", in " + left.String()
}

func zoneName(zone *time.Location) string {
	if zone == nil {
		return ""
	}
	return zone.String()
}

// seconds writes a duration as JSON of protobuf does, or "" for none.
func seconds(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + "s"
}

// checkPushback reports a pushback that gRPC does not honour, or that
// contradicts the advice.
func (r *Report) checkPushback(values []string) {
	if len(values) == 0 {
		return
	}
	ms, err := strconv.ParseInt(values[0], 10, 32)
	switch {
	case len(values) > 1:
		r.warn("there are %d values of grpc-retry-pushback-ms: gRPC does not retry", len(values))
	case err != nil:
		r.warn("grpc-retry-pushback-ms is %s, which is no number: gRPC does not retry", quote(values[0]))
	case ms >= 0 && r.Code != nil && r.Code.TableKnown && r.Retry != nil && r.Retry.Action != "SAME_REQUEST":
		r.warn("grpc-retry-pushback-ms allows gRPC to repeat the request, which the retry advice does not")
	}
}

// pushbackText says what gRPC's own retry does.
func pushbackText(values []string) string {
	ms, err := strconv.ParseInt(values[0], 10, 32)
	if len(values) > 1 || err != nil || ms < 0 {
		return "gRPC does not retry by itself"
	}
	return "gRPC may retry by itself after " + (time.Duration(ms) * time.Millisecond).String()
}
