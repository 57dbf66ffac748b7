package connectcodetable

import (
	"context"
	"time"

	"connectrpc.com/connect"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// maxDelay is the longest delay after which a client may repeat the same
// request by itself.
const maxDelay = time.Minute

// NewRetryInterceptor returns an interceptor for clients that repeats a failed
// unary call if the error allows the same request: if the code has the action
// RETRY_ACTION_SAME_REQUEST, or if the error is masked and its
// [codetable.Mask] has this action. Connect has no retry of its own.
//
// It makes at most the given number of calls, and waits at least the delay of
// the error before each. It returns the last error if the delay is longer than a
// minute or than the time until the deadline, and if the context ends while it
// waits. Streams and handlers do not change. Place it before an [Interceptor],
// whose observers then see each attempt.
func NewRetryInterceptor(calls int) connect.Interceptor {
	return connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
			for call := 1; ; call++ {
				resp, err := next(ctx, req)
				if err == nil || call >= calls || !req.Spec().IsClient || !waitToRepeat(ctx, err) {
					return resp, err
				}
			}
		}
	})
}

// waitToRepeat waits as an error advises, and reports whether the same request
// may be sent now.
func waitToRepeat(ctx context.Context, err error) bool {
	retry := adviceOf(err)
	if retry.Action != codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST || retry.Delay > maxDelay {
		return false
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= retry.Delay {
		return false
	}
	timer := time.NewTimer(retry.Delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func adviceOf(err error) codetable.Retry {
	err = withStatus(err)
	if e, ok := codetable.FromError(err); ok {
		return e.Retry()
	}
	mask, _ := codetable.Masked(err)
	return mask.Retry()
}
