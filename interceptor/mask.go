package interceptor

import (
	"context"
	"crypto/rand"
	"time"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

// minWindowDelay is the minimum delay of a mask with RETRY_ACTION_NEXT_WINDOW.
// It is longer than table.MaxSameRequestDelay, by which clients tell the two
// actions apart.
const minWindowDelay = table.MaxSameRequestDelay + time.Second

// redacted is a status that does not explain an error.
type redacted struct {
	message *spb.Status
	id      string
	retry   codetable.Retry
}

// mask returns the status of a masked error. It reveals only whether waiting
// helps and for how long, in whole seconds.
func mask(retry codetable.Retry) redacted {
	code := codes.Unavailable
	if retry.Delay = table.WholeSeconds(retry.Delay); retry.Delay > table.MaxSameRequestDelay && waitOf(retry) == waitSameRequest {
		retry.Action = codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW
	}
	switch waitOf(retry) {
	case waitSameRequest:
	case waitWindow:
		retry.Delay = max(retry.Delay, minWindowDelay)
	default:
		code, retry = codes.Internal, codetable.Retry{}
	}
	a := newRedacted(code, retry)
	if code == codes.Unavailable {
		a.message.Details = append(a.message.Details, wire.PackRetryInfo(retry.Delay))
	}
	return a
}

// redact keeps the code and the RetryInfo of a status that the handler made.
// For Unavailable the delay is at least minWindowDelay, because the handler did
// not state that the same request may be sent again.
func redact(st *status.Status) redacted {
	a := newRedacted(st.Code(), codetable.Retry{})
	if delay, ok := wire.RetryDelay(st.Proto()); ok {
		if delay = table.WholeSeconds(delay); st.Code() == codes.Unavailable {
			delay = max(delay, minWindowDelay)
		}
		a.message.Details = append(a.message.Details, wire.PackRetryInfo(delay))
	}
	return a
}

// opaque returns a status that reveals nothing of the error. Its correlation id
// leads the operator to the error in the logs.
func opaque() redacted { return newRedacted(codes.Internal, codetable.Retry{}) }

func newRedacted(code codes.Code, retry codetable.Retry) redacted {
	a := redacted{id: rand.Text(), retry: retry}
	a.message = &spb.Status{Code: int32(code), Message: fixedText(code), Details: []*anypb.Any{wire.PackRequestInfo(a.id)}}
	return a
}

// addLocalized adds a LocalizedMessage unless the text is empty.
func addLocalized(message *spb.Status, text, locale string) {
	if text != "" {
		message.Details = append(message.Details, wire.PackLocalizedMessage(text, locale))
	}
}

// The ways in which a caller can wait, ordered by strictness.
const (
	waitSameRequest = iota
	waitWindow
	noWait
)

// waitOf returns how a caller has to wait: noWait means that waiting does not help.
func waitOf(retry codetable.Retry) int {
	switch retry.Action {
	case codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST:
		return waitSameRequest
	case codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW:
		return waitWindow
	default:
		return noWait
	}
}

// combine returns advice that suits both errors: a retry is advised only if it
// can help both.
func combine(a, b codetable.Retry) codetable.Retry {
	delay := max(a.Delay, b.Delay)
	if waitOf(b) > waitOf(a) {
		a = b
	}
	a.Delay = delay
	return a
}

func fixedText(code codes.Code) string {
	switch code {
	case codes.Unavailable:
		return "service temporarily unavailable"
	case codes.Unimplemented:
		return "not implemented"
	case codes.DeadlineExceeded:
		return context.DeadlineExceeded.Error()
	default:
		return "internal error"
	}
}
