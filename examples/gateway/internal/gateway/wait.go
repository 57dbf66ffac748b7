package gateway

import (
	"context"
	"errors"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// acquire waits for a place among the calls under way, for at most half of the
// time that the call has: one that is sent too late would spend its token for
// nothing.
func (u *upstream) acquire(ctx context.Context) error {
	deadline, _ := ctx.Deadline() // that of the timeout at the latest
	waiting, cancel := context.WithTimeout(ctx, time.Until(deadline)/2)
	defer cancel()
	err := u.slots.Acquire(waiting, 1)
	if err == nil || errors.Is(ctx.Err(), context.Canceled) {
		return err
	}
	return errBusy
}

// errBusy says when to come again: nothing was sent, so nothing was spent.
var errBusy = newBusy()

func newBusy() error {
	st := status.New(codes.Unavailable, "too many calls are under way; this one was not sent")
	if detailed, err := st.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(time.Second)}); err == nil {
		st = detailed
	}
	return st.Err()
}

// repeat makes a call that spends nothing. It is made again where the table
// says that the same request may be, after the delay that it names, as long as
// attempts and time are left.
func (u *upstream) repeat(ctx context.Context, c call) (*reply, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, u.timeout, errSlow)
	defer cancel()
	for attempt := 1; ; attempt++ {
		r, err := u.attempt(ctx, c)
		delay, ok := repeatable(err)
		if !ok || attempt >= u.attempts || !pause(ctx, delay) {
			return r, err
		}
	}
}

func repeatable(err error) (time.Duration, bool) {
	coded, ok := codetable.FromError(err)
	if !ok || coded.Retry().Action != codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST {
		return 0, false
	}
	return coded.Retry().Delay, true
}

// pause reports whether the delay has passed with time left. It does not wait
// where there would be none: the caller gets the answer at hand instead.
func pause(ctx context.Context, delay time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= delay {
		return false
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
