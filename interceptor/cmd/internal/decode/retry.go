package decode

import (
	"strconv"
	"time"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// Retry is the advice on repeating the call.
type Retry struct {
	Action string `json:"action,omitempty"`
	Delay  string `json:"delay,omitempty"` // as sent, or of the table
	Window string `json:"window,omitempty"`
	Advice string `json:"advice"`
}

func newRetry(retry codetable.Retry, advice string) *Retry {
	d := table.Retry(retry).Document()
	if retry.Action == codetablev1.RetryAction_RETRY_ACTION_UNSPECIFIED {
		d.Action = ""
	}
	return &Retry{d.Action, d.Delay, d.Window, advice}
}

// setRetry sets the advice of a code. The delay until a window is only shown if
// the server sent it, because it counts from the time of the answer.
func (r *Report) setRetry(e *codetable.Error, zone *time.Location, sent bool) {
	advice, at := catalogue.AdviceNow(e.Spec(), e.Retry(), zone)
	r.Retry = newRetry(e.Retry(), advice)
	if r.Retry.Window != "" && !sent {
		r.Retry.Delay = ""
	}
	if at != "" {
		r.NextWindow, r.TimeZone = at, zone.String()
	}
}

// setPushback says what gRPC's own retry does. It reports a pushback that gRPC
// does not honour, or that contradicts the advice.
func (r *Report) setPushback(values []string) {
	if len(values) == 0 {
		return
	}
	r.pushback = "gRPC does not retry by itself"
	switch ms, err := strconv.ParseInt(values[0], 10, 32); {
	case len(values) > 1:
		r.warn("there are %d values of grpc-retry-pushback-ms: gRPC does not retry", len(values))
	case err != nil:
		r.warn("grpc-retry-pushback-ms is %s, which is no number: gRPC does not retry", quote(values[0]))
	case ms >= 0:
		r.pushback = "gRPC may retry by itself after " + (time.Duration(ms) * time.Millisecond).String()
		if r.Code != nil && r.Code.TableKnown && r.Retry != nil && r.Retry.Action != "SAME_REQUEST" {
			r.warn("grpc-retry-pushback-ms allows gRPC to repeat the request, which the retry advice does not")
		}
	}
}
