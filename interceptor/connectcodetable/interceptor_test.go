package connectcodetable_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/connectcodetable"
)

// failures returns an error for each of the 49 codes that is a failure, and for
// 6 numbers that the table does not list.
func failures() map[responseCode]error {
	errs := map[responseCode]error{}
	for code, spec := range codetable.All[responseCode]() {
		opts := []codetable.ErrorOption{codetable.WithMetadata("attempt", "2")}
		if spec.Retry().Window != codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED {
			opts = append(opts, codetable.WithRetryAfter(time.Hour)) // instead of the time until the window
		}
		errs[code] = codetable.NewError(code, opts...)
	}
	for _, code := range []responseCode{-1, 1, 4999, 9999, 424242, 1 << 30} {
		errs[code] = codetable.NewError(code, codetable.WithMessage("later"))
	}
	return errs
}

func TestEveryCode(t *testing.T) {
	t.Parallel()
	errs := failures()
	each(t, func(t *testing.T, _ string, call func(context.Context, string, ...connect.ClientOption) error) {
		var answer error
		url := serve(t, intercept(&service{answer: func(context.Context) error { return answer }}))
		seen := 0
		for code, want := range errs {
			answer = want
			seen++
			err := call(t.Context(), url, decoding())
			if want == nil {
				if err != nil {
					t.Errorf("%v: %v, want a success", code, err)
				}
				continue
			}
			got, ok := codetable.CodeOf[responseCode](err)
			if !ok || got != code {
				t.Errorf("%v: got %v, %v from %v", code, got, ok, err)
			}
			sent := translated(t, want).Status
			if received := status.Convert(err); !proto.Equal(sent.Proto(), received.Proto()) {
				t.Errorf("%v: the status changed (-sent +received):\n%s", code, cmp.Diff(sent.Proto(), received.Proto(), protocmp.Transform()))
			}
			wire, ok := errors.AsType[*connect.Error](err)
			if !ok || !connect.IsWireError(err) || connect.CodeOf(err) != connect.Code(sent.Code()) || wire.Message() != sent.Message() {
				t.Errorf("%v: the error of Connect is %v", code, wire)
			}
		}
		if seen != 49+6 {
			t.Errorf("%d codes were tested", seen)
		}
	})
}

// The codec of the messages does not change errors.
func TestJSON(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ string, call func(context.Context, string, ...connect.ClientOption) error) {
		err := call(t.Context(), serve(t, intercept(answering(codetable.NewError(qpsLimit)))), connect.WithProtoJSON(), decoding())
		if !codetable.Is(err, qpsLimit) {
			t.Errorf("got %v", err)
		}
	})
}

// A client without the interceptor can read the codes and the masks.
func TestClientWithoutInterceptor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ string, call func(context.Context, string, ...connect.ClientOption) error) {
		err := call(t.Context(), serve(t, intercept(answering(codetable.NewError(qpsLimit)))))
		if got, ok := connectcodetable.CodeOf[responseCode](err); !ok || got != qpsLimit {
			t.Errorf("got %v, %v from %v", got, ok, err)
		}
		err = call(t.Context(), serve(t, intercept(answering(codetable.NewError(qpsLimit)), interceptor.WithPublicBoundary())))
		st, ok := connectcodetable.StatusOf(err)
		mask, masked := codetable.Masked(st.Err())
		if !ok || !masked || mask.Retry().Delay != time.Second || codetable.RequestID(st.Err()) != mask.RequestID() {
			t.Errorf("got the mask %+v of %v", mask, err)
		}
	})
}
