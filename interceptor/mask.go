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

// longWait is the least delay where time heals, and the same request may not be
// sent again: no client takes it for a moment that a retry may wait for.
const longWait = table.MaxMoment + time.Second

// anonymous is a status that does not explain an error.
type anonymous struct {
	message *spb.Status
	id      string
	retry   codetable.Retry
}

// mask hides an error. All that it tells is whether time alone heals and how
// much of it, in whole seconds.
func mask(retry codetable.Retry) anonymous {
	code := codes.Unavailable
	if retry.Delay = table.WholeSeconds(retry.Delay); retry.Delay > table.MaxMoment && patience(retry) == aMoment {
		retry.Action = codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW
	}
	switch patience(retry) {
	case aMoment:
	case aWhile:
		retry.Delay = max(retry.Delay, longWait)
	default:
		code, retry = codes.Internal, codetable.Retry{}
	}
	a := newAnonymous(code, retry)
	if code == codes.Unavailable {
		a.message.Details = append(a.message.Details, wire.PackRetryInfo(retry.Delay))
	}
	return a
}

// blank keeps the code of a status of the handler's own, and its RetryInfo. That
// of an Unavailable is a long one, since nobody has said that the same request
// may be sent again.
func blank(st *status.Status) anonymous {
	a := newAnonymous(st.Code(), codetable.Retry{})
	if delay, ok := wire.RetryDelay(st.Proto()); ok {
		if delay = table.WholeSeconds(delay); st.Code() == codes.Unavailable {
			delay = max(delay, longWait)
		}
		a.message.Details = append(a.message.Details, wire.PackRetryInfo(delay))
	}
	return a
}

// opaque tells nothing of an error but under which id the operator finds it.
func opaque() anonymous { return newAnonymous(codes.Internal, codetable.Retry{}) }

func newAnonymous(code codes.Code, retry codetable.Retry) anonymous {
	a := anonymous{id: rand.Text(), retry: retry}
	a.message = &spb.Status{Code: int32(code), Message: fixedText(code), Details: []*anypb.Any{wire.PackRequestInfo(a.id)}}
	return a
}

func addLocalized(message *spb.Status, text, locale string) {
	if text != "" {
		message.Details = append(message.Details, wire.PackLocalizedMessage(text, locale))
	}
}

// What has to pass before a call is repeated.
const (
	aMoment = iota
	aWhile
	somebodyActs
)

func patience(retry codetable.Retry) int {
	switch retry.Action {
	case codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST:
		return aMoment
	case codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW:
		return aWhile
	default:
		return somebodyActs
	}
}

// worse joins the advice of two errors: time heals only if it heals both.
func worse(a, b codetable.Retry) codetable.Retry {
	delay := max(a.Delay, b.Delay)
	if patience(b) > patience(a) {
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
